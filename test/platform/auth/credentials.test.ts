import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SCOPES } from "../../../src/platform/auth/scopes.js";
import { hashSecret, newToken } from "../../../src/platform/auth/token-secret.js";
import {
  applyBootstrapKey,
  DEMO_ORGANIZATION_ID,
} from "../../../src/platform/organizations/bootstrap.js";
import { TestApp, type Answer } from "../../support/app.js";
import { keyIdOf } from "../../support/world.js";

let app: TestApp;
let org: { id: string; key: string };
beforeAll(async () => {
  app = await TestApp.start();
  org = await app.organization();
});
afterAll(() => app.stop());

const WIDGETS = "/core/web-widgets";
const INVALID = { detail: "Token is invalid, expired or revoked." };
const ME = "{ me { tokenId organization { id } scopes } }";

const inMinutes = (minutes: number): Date => new Date(app.clock.now().getTime() + minutes * 60_000);

describe("an organization API key", () => {
  test("implies its organization; an organization header beside it is ignored", async () => {
    const other = await app.organization();
    const widget = await app.widget(org.key);
    const answer = await app.get(WIDGETS, org.key, { "x-anyreach-org": other.id });
    expect(answer.status).toBe(200);
    expect(answer.body.map((item: { id: string }) => item.id)).toContain(widget.id);
  });

  test("missing, malformed and of another kind: 401", async () => {
    expect((await app.get(WIDGETS)).body).toEqual({ detail: "Token is missing." });
    const secret = org.key.split(".")[1];
    for (const header of [
      "Bearer",
      "Bearer ",
      `Basic ${org.key}`,
      org.key,
      "Bearer ak_",
      "Bearer ak_x.y",
      `Bearer ak_${keyIdOf(org.key)}`,
      `Bearer pat_${keyIdOf(org.key)}.${secret}`,
      `Bearer ${org.key} ${org.key}`,
      `Bearer ${org.key}\u00e9`,
    ]) {
      const answer = await app.get(WIDGETS, undefined, { authorization: header });
      expect(answer.status, header).toBe(401);
      expect(answer.headers.get("www-authenticate")).toBe("Bearer");
    }
  });

  test("the scheme may be written in any case", async () => {
    const answer = await app.get(WIDGETS, undefined, { authorization: `bearer ${org.key}` });
    expect(answer.status).toBe(200);
  });

  test("unknown, with a wrong secret, expired and revoked: 401, all with the same words", async () => {
    const unknown = newToken("ak").text;
    const wrongSecret = `${org.key.split(".")[0]}.${newToken("ak").text.split(".")[1]}`;
    const expired = await app.key(org.id, SCOPES, { expiresAt: inMinutes(-1) });
    const revoked = await app.key(org.id, SCOPES, { revokedAt: inMinutes(-1) });
    for (const key of [unknown, wrongSecret, expired, revoked]) {
      const answer = await app.get(WIDGETS, key);
      expect(answer.status).toBe(401);
      expect(answer.body).toEqual(INVALID);
    }
  });

  test("passes until the moment it expires", async () => {
    const key = await app.key(org.id, SCOPES, { expiresAt: inMinutes(60) });
    expect((await app.get(WIDGETS, key)).status).toBe(200);
    app.clock.forward(61 * 60);
    expect((await app.get(WIDGETS, key)).status).toBe(401);
  });

  test("one organization's id with another one's secret: 401", async () => {
    const other = await app.organization();
    const mixed = `${org.key.split(".")[0]}.${other.key.split(".")[1]}`;
    expect((await app.get(WIDGETS, mixed)).status).toBe(401);
  });

  test("scopes that this version does not know grant nothing", async () => {
    const key = await app.key(org.id, ["agents:read"]);
    await app.db.apiKey.update({
      where: { id: keyIdOf(key) },
      data: { scopes: ["web_widgets:everything", "*"] },
    });
    expect((await app.get(WIDGETS, key)).status).toBe(403);
  });
});

describe("a personal access token", () => {
  test("takes its organization from the header", async () => {
    const token = await app.personalToken(org.id, "admin");
    const answer = await app.get(WIDGETS, token, { "X-Anyreach-Org": org.id });
    expect(answer.status).toBe(200);
    for (const widget of answer.body) expect(widget.organization_id).toBe(org.id);
  });

  test("without the header: 401 `Token is missing organization claim.`", async () => {
    const token = await app.personalToken(org.id, "admin");
    for (const headers of [undefined, { "x-anyreach-org": "" }]) {
      const answer = await app.get(WIDGETS, token, headers);
      expect(answer.status).toBe(401);
      expect(answer.body).toEqual({ detail: "Token is missing organization claim." });
    }
  });

  test("403 when its owner is no member, the same for an organization that does not exist", async () => {
    const token = await app.personalToken(org.id, "admin");
    const other = await app.organization();
    const strange = await app.get(WIDGETS, token, { "x-anyreach-org": other.id });
    const unknown = await app.get(WIDGETS, token, { "x-anyreach-org": `org_${randomUUID()}` });
    expect(strange.status).toBe(403);
    expect(strange.body).toEqual(unknown.body);
  });

  test("403 from the moment the membership ends", async () => {
    const token = await app.personalToken(org.id, "admin");
    const row = await app.db.personalAccessToken.findUniqueOrThrow({
      where: { id: token.slice("pat_".length).split(".")[0] ?? "" },
    });
    await app.db.membership.deleteMany({ where: { userId: row.userId } });
    expect((await app.get(WIDGETS, token, { "x-anyreach-org": org.id })).status).toBe(403);
  });

  test("unknown, wrong, expired or revoked: 401 before the header is looked at", async () => {
    const make = async (dates: { expiresAt?: Date; revokedAt?: Date }): Promise<string> => {
      const token = await app.personalToken(org.id, "admin");
      const id = token.slice("pat_".length).split(".")[0] ?? "";
      await app.db.personalAccessToken.update({ where: { id }, data: dates });
      return token;
    };
    const tokens = [
      newToken("pat").text,
      `${(await app.personalToken(org.id, "admin")).split(".")[0]}.${"x".repeat(40)}`,
      await make({ expiresAt: inMinutes(-1) }),
      await make({ revokedAt: inMinutes(-1) }),
    ];
    for (const token of tokens) {
      expect((await app.get(WIDGETS, token)).body).toEqual(INVALID);
      const answer = await app.get(WIDGETS, token, { "x-anyreach-org": org.id });
      expect(answer.status).toBe(401);
    }
  });

  test("of an admin has every scope; of a viewer every :read and nothing sensitive", async () => {
    const scopesOf = async (role: "admin" | "viewer"): Promise<Answer> => {
      const token = await app.personalToken(org.id, role);
      return app.gql(ME, {}, token, { "x-anyreach-org": org.id });
    };
    const admin = await scopesOf("admin");
    expect(admin.body.data.me.scopes).toHaveLength(SCOPES.length);
    expect(admin.body.data.me.organization.id).toBe(org.id);
    expect((await scopesOf("viewer")).body.errors[0].extensions.code).toBe("FORBIDDEN");

    const viewer = await app.personalToken(org.id, "viewer");
    const headers = { "x-anyreach-org": org.id };
    for (const path of [WIDGETS, "/core/agents", "/core/conversations"]) {
      expect((await app.get(path, viewer, headers)).status, path).toBe(200);
    }
    expect((await app.post("/core/agents", { name: "x" }, viewer, headers)).status).toBe(403);
    const widget = await app.widget(org.key);
    await app.begin(widget.id, { user_id: "u", custom_metadata: { a: 1 } });
    const [conversation] = (await app.get("/core/conversations", viewer, headers)).body;
    expect(conversation).not.toHaveProperty("custom_metadata");
    expect(conversation).not.toHaveProperty("summary");
    const filter = `/core/conversations?custom_metadata={"a":1}`;
    expect((await app.get(filter, viewer, headers)).status).toBe(403);
  });
});

describe("GraphQL takes the same header", () => {
  test("a key and a personal access token say who calls; a wrong one is UNAUTHENTICATED", async () => {
    const token = await app.personalToken(org.id, "admin");
    const byKey = await app.gql(ME, {}, org.key);
    expect(byKey.body.data.me.tokenId).toBe(keyIdOf(org.key));
    const byToken = await app.gql(ME, {}, token, { "x-anyreach-org": org.id });
    expect(byToken.body.data.me.organization.id).toBe(org.id);
    const missing = await app.gql(ME, {}, token);
    expect(missing.body.errors[0]).toMatchObject({
      message: "Token is missing organization claim.",
      extensions: { code: "UNAUTHENTICATED" },
    });
    const wrong = await app.gql(ME, {}, newToken("ak").text);
    expect(wrong.body.errors[0].extensions.code).toBe("UNAUTHENTICATED");
  });
});

const CREATE = `mutation ($input: CreateApiKeyInput!) {
  createApiKey(input: $input) { secret apiKey { id name scopes expiresAt revokedAt createdAt } }
}`;
const REVOKE =
  "mutation ($id: String!) { revokeApiKey(input: { id: $id }) { apiKey { id revokedAt } } }";
const LIST = "{ apiKeys(first: 100) { nodes { id name scopes revokedAt } } }";

describe("keys are made, listed and revoked under organizations:manage", () => {
  const create = (key: string, input: object): Promise<Answer> => app.gql(CREATE, { input }, key);

  test("the secret is shown once and stored only as a hash", async () => {
    const { key, id: organizationId } = await app.organization();
    const made = await create(key, { name: " CI ", scopes: ["AGENTS_READ", "AGENTS_READ"] });
    const { secret, apiKey } = made.body.data.createApiKey;
    expect(secret).toMatch(new RegExp(`^ak_${apiKey.id}\\.[\\w-]{40,}$`));
    expect(apiKey).toMatchObject({
      name: "CI",
      scopes: ["AGENTS_READ"],
      expiresAt: null,
      revokedAt: null,
    });
    expect((await app.get("/core/agents", secret)).status).toBe(200);
    expect((await app.get(WIDGETS, secret)).status).toBe(403);

    const bare = secret.split(".")[1];
    const list = await app.gql(LIST, {}, key);
    expect(list.text).toContain(apiKey.id);
    expect(list.text).not.toContain(bare);
    const row = await app.db.apiKey.findUniqueOrThrow({ where: { id: apiKey.id } });
    expect(row.organizationId).toBe(organizationId);
    expect(Buffer.from(row.secretHash).equals(Buffer.from(hashSecret(bare)))).toBe(true);
    expect(
      JSON.stringify({ ...row, secretHash: Buffer.from(row.secretHash).toString() }),
    ).not.toContain(bare);
  });

  test("two keys never share an id or a secret", async () => {
    const made = await Promise.all(
      Array.from({ length: 5 }, () => create(org.key, { name: "n", scopes: ["AGENTS_READ"] })),
    );
    const secrets = new Set(
      made.map((answer) => answer.body.data.createApiKey.secret.split(".")[1]),
    );
    expect(secrets.size).toBe(5);
  });

  test("with an expiry, which must be in the future", async () => {
    const expiresAt = inMinutes(30).toISOString();
    const made = await create(org.key, { name: "short", scopes: ["AGENTS_READ"], expiresAt });
    expect(made.body.data.createApiKey.apiKey.expiresAt).toBe(expiresAt);
    const past = await create(org.key, {
      name: "late",
      scopes: ["AGENTS_READ"],
      expiresAt: inMinutes(-1).toISOString(),
    });
    expect(past.body.errors[0].extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      errors: [{ path: "expiresAt", message: "Must be in the future.", rule: "future" }],
    });
  });

  test("nobody grants a scope that they lack, and then nothing is made", async () => {
    const manager = await app.key(org.id, ["organizations:manage", "agents:manage"]);
    const before = await app.db.apiKey.count();
    for (const scope of ["WEB_WIDGETS_READ", "CONVERSATIONS_READ_SENSITIVE", "AGENTS_READ"]) {
      const answer = await create(manager, { name: "more", scopes: ["AGENTS_MANAGE", scope] });
      expect(answer.body.errors[0].extensions.code, scope).toBe("FORBIDDEN");
    }
    expect(await app.db.apiKey.count()).toBe(before);
    const own = await create(manager, {
      name: "own",
      scopes: ["AGENTS_MANAGE", "ORGANIZATIONS_MANAGE"],
    });
    expect(own.body.errors).toBeUndefined();
  });

  test("a key needs a name and a known scope", async () => {
    const wrong: [object, string][] = [
      [{ name: " ", scopes: ["AGENTS_READ"] }, "name"],
      [{ name: "x".repeat(201), scopes: ["AGENTS_READ"] }, "name"],
      [{ name: "n", scopes: [] }, "scopes"],
      [{ name: "n", scopes: ["ROOT"] }, "scopes.0"],
      [{ name: "n" }, "scopes"],
      [{ scopes: ["AGENTS_READ"] }, "name"],
    ];
    for (const [input, path] of wrong) {
      const [error] = (await create(org.key, input)).body.errors;
      expect(error.extensions.code).toBe("BAD_USER_INPUT");
      expect(error.extensions.errors[0].path).toBe(path);
    }
  });

  test("revoking ends a key at once; twice the same; an unknown one is not found", async () => {
    const key = await app.key(org.id, ["agents:read"]);
    expect((await app.get("/core/agents", key)).status).toBe(200);
    const first = await app.gql(REVOKE, { id: keyIdOf(key) }, org.key);
    expect((await app.get("/core/agents", key)).status).toBe(401);
    const second = await app.gql(REVOKE, { id: keyIdOf(key) }, org.key);
    expect(second.body).toEqual(first.body);
    const unknown = await app.gql(REVOKE, { id: "nosuchkey" }, org.key);
    expect(unknown.body.errors[0].extensions.code).toBe("NOT_FOUND");
  });
});

describe("failed credentials are counted per address", () => {
  let limited: TestApp;
  beforeAll(async () => {
    limited = await TestApp.start({
      database: app.parley.database,
      rateLimits: { failed_credentials: { points: 3, windowSeconds: 60 } },
    });
  });
  afterAll(() => limited.stop({ keepDatabase: true }));

  test("after too many: 429 with Retry-After at both doors, while a valid token still passes", async () => {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect((await limited.get(WIDGETS, newToken("ak").text)).status).toBe(401);
    }
    const over = await limited.get(WIDGETS, newToken("ak").text);
    expect(over.status).toBe(429);
    expect(Number(over.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    expect(Number(over.headers.get("retry-after"))).toBeLessThanOrEqual(60);
    const graphql = await limited.gql(ME, {}, newToken("ak").text);
    expect(graphql.body.errors[0].extensions.code).toBe("RATE_LIMITED");
    expect(graphql.headers.get("retry-after")).not.toBeNull();
    // Nobody locks a neighbour behind the same address out.
    expect((await limited.get(WIDGETS, org.key)).status).toBe(200);
    expect((await limited.gql(ME, {}, org.key)).body.errors).toBeUndefined();
  });

  test("a 403 is no failed credential", async () => {
    const poor = await limited.key(org.id, ["agents:read"]);
    for (let attempt = 0; attempt < 6; attempt += 1) {
      expect((await limited.get(WIDGETS, poor)).status).toBe(403);
    }
  });
});

describe("BOOTSTRAP_API_KEY", () => {
  const apply = (key: string, organizationId = DEMO_ORGANIZATION_ID): Promise<void> =>
    applyBootstrapKey(app.db, { key, organizationId, now: app.clock.now() });

  test("makes exactly that key valid, with all scopes, in an organization that it makes", async () => {
    const organizationId = `org_${randomUUID()}`;
    const key = newToken("ak").text;
    await apply(key, organizationId);
    const me = await app.gql(ME, {}, key);
    expect(me.body.data.me.organization.id).toBe(organizationId);
    expect(me.body.data.me.scopes).toHaveLength(SCOPES.length);
    expect((await app.get(WIDGETS, `${key}x`)).status).toBe(401);
  });

  test("is safe when repeated, and when several instances start at once", async () => {
    const organizationId = `org_${randomUUID()}`;
    const key = newToken("ak").text;
    await Promise.all([1, 2, 3, 4].map(() => apply(key, organizationId)));
    expect((await app.get(WIDGETS, key)).status).toBe(200);
    expect(await app.db.apiKey.count({ where: { organizationId } })).toBe(1);
  });

  test("another secret under the same id replaces the old one, and a revoked key is valid again", async () => {
    const first = newToken("ak").text;
    const second = `${first.split(".")[0]}.${newToken("ak").text.split(".")[1]}`;
    await apply(first);
    await app.db.apiKey.update({
      where: { id: keyIdOf(first) },
      data: { revokedAt: app.clock.now() },
    });
    await apply(second);
    expect((await app.get(WIDGETS, first)).status).toBe(401);
    expect((await app.get(WIDGETS, second)).status).toBe(200);
  });

  test("leaves the name and the other keys of an organization that exists", async () => {
    const before = await app.db.organization.findUniqueOrThrow({ where: { id: org.id } });
    await apply(newToken("ak").text, org.id);
    expect(await app.db.organization.findUniqueOrThrow({ where: { id: org.id } })).toEqual(before);
    expect((await app.get(WIDGETS, org.key)).status).toBe(200);
  });

  test("a text of another form is refused", async () => {
    for (const text of ["ak_short", newToken("pat").text, "ak_id.", ""]) {
      await expect(apply(text)).rejects.toThrow("BOOTSTRAP_API_KEY");
    }
  });
});
