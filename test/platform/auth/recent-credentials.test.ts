import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SCOPES } from "../../../src/platform/auth/scopes.js";
import { TestApp, type Answer } from "../../support/app.js";
import { recordStatements } from "../../support/statements.js";
import { keyIdOf } from "../../support/world.js";

let app: TestApp;
/** Another instance on the same database. */
let other: TestApp;
let org: { id: string; key: string };
beforeAll(async () => {
  app = await TestApp.start();
  other = await TestApp.start({ database: app.parley.database });
  org = await app.organization();
});
afterAll(async () => {
  await other.stop({ keepDatabase: true });
  await app.stop();
});

const READ = "{ agents { nodes { id } } }";
const WRITE = `mutation { createAgent(input: { name: "Ada" }) { agent { id } } }`;
const REVOKE = "mutation ($id: String!) { revokeApiKey(input: { id: $id }) { apiKey { id } } }";

const codeOf = (answer: Answer): unknown => answer.body.errors?.[0].extensions.code;

describe("what a credential was good for within the last second", () => {
  test("is not asked for again by a read", async () => {
    await app.gql(READ, {}, org.key);
    const { statements } = await recordStatements(() => app.gql(READ, {}, org.key));
    expect(statements.filter(({ sql }) => /"?api_keys"?/.test(sql))).toEqual([]);
  });

  test("is nothing to another token with the same id, or for another organization", async () => {
    await app.gql(READ, {}, org.key);
    const forged = `${org.key.slice(0, -1)}${org.key.endsWith("A") ? "B" : "A"}`;
    expect(codeOf(await app.gql(READ, {}, forged))).toBe("UNAUTHENTICATED");

    const token = await app.personalToken(org.id, "viewer");
    expect(codeOf(await app.gql(READ, {}, token, { "x-anyreach-org": org.id }))).toBeUndefined();
    const elsewhere = await app.organization();
    const strange = await app.gql(READ, {}, token, { "x-anyreach-org": elsewhere.id });
    expect(codeOf(strange)).toBe("FORBIDDEN");
    expect(codeOf(await app.gql(READ, {}, token))).toBe("UNAUTHENTICATED");
  });

  test("ends with a revocation on this instance, also for a read that is under way", async () => {
    const key = await app.key(org.id, SCOPES);
    expect(codeOf(await app.gql(READ, {}, key))).toBeUndefined();
    await app.gql(REVOKE, { id: keyIdOf(key) }, org.key);
    expect(codeOf(await app.gql(READ, {}, key))).toBe("UNAUTHENTICATED");
    expect((await app.get("/core/agents", key)).status).toBe(401);
  });

  test("ends when the credential expires", async () => {
    const expiresAt = new Date(app.clock.now().getTime() + 60_000);
    const key = await app.key(org.id, SCOPES, { expiresAt });
    expect(codeOf(await app.gql(READ, {}, key))).toBeUndefined();
    app.clock.forward(61);
    expect(codeOf(await app.gql(READ, {}, key))).toBe("UNAUTHENTICATED");
  });

  test("lets nobody write on another instance once a key is revoked", async () => {
    const key = await app.key(org.id, SCOPES);
    expect(codeOf(await other.gql(READ, {}, key))).toBeUndefined();
    await app.gql(REVOKE, { id: keyIdOf(key) }, org.key);
    expect(codeOf(await other.gql(WRITE, {}, key))).toBe("UNAUTHENTICATED");
    expect((await other.post("/core/agents", { name: "Ada" }, key)).status).toBe(401);
  });

  test("lets nobody write who is no member any more", async () => {
    const token = await app.personalToken(org.id, "admin");
    const headers = { "x-anyreach-org": org.id };
    expect(codeOf(await other.gql(READ, {}, token, headers))).toBeUndefined();
    const id = token.slice("pat_".length).split(".")[0] ?? "";
    const { userId } = await app.db.personalAccessToken.findUniqueOrThrow({ where: { id } });
    await app.db.membership.deleteMany({ where: { userId } });
    expect(codeOf(await other.gql(WRITE, {}, token, headers))).toBe("FORBIDDEN");
    expect((await other.post("/core/agents", { name: "Ada" }, token, headers)).status).toBe(403);
  });

  test("does not make a refused one wait, for a failure is not kept", async () => {
    const key = await app.key(org.id, SCOPES, { revokedAt: app.clock.now() });
    expect(codeOf(await app.gql(READ, {}, key))).toBe("UNAUTHENTICATED");
    await app.db.apiKey.update({ where: { id: keyIdOf(key) }, data: { revokedAt: null } });
    expect(codeOf(await app.gql(READ, {}, key))).toBeUndefined();
  });
});

test("a request that reads and writes counts a wrong credential once", async () => {
  const strict = await TestApp.start({
    rateLimits: { failed_credentials: { points: 2, windowSeconds: 60 } },
  });
  try {
    const both =
      'mutation { a: createAgent(input: { name: "x" }) { agent { id widgets { nodes { id } } } } }';
    for (let n = 0; n < 2; n += 1) {
      expect(codeOf(await strict.gql(both, {}, "ak_nobody.secretsecret"))).toBe("UNAUTHENTICATED");
    }
    expect(codeOf(await strict.gql(both, {}, "ak_nobody.secretsecret"))).toBe("RATE_LIMITED");
  } finally {
    await strict.stop();
  }
});
