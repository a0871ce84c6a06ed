import { afterAll, beforeAll, expect, test } from "vitest";
import { TestApp, type Answer } from "../../support/app.js";
import { codeOf, person, signedIn, type Browser } from "../../support/console.js";

const CREATE =
  "mutation ($input: CreatePersonalTokenInput!) { createPersonalToken(input: $input) { secret personalToken { id name expiresAt } } }";
const REVOKE =
  "mutation ($id: String!) { revokePersonalToken(input: { id: $id }) { revokedTokenId } }";
const LIST = "{ viewer { personalTokens { id name expiresAt } } }";
const CREATE_KEY =
  'mutation { createApiKey(input: { name: "k", scopes: [AGENTS_READ] }) { apiKey { id } } }';

let app: TestApp;
let organization: { id: string; key: string };
beforeAll(async () => {
  app = await TestApp.start();
  organization = await app.organization();
});
afterAll(() => app.stop());

async function create(browser: Browser, input: object): Promise<{ id: string; secret: string }> {
  const answer = await browser.gql(CREATE, { input });
  expect(answer.body.errors).toBeUndefined();
  const { secret, personalToken } = answer.body.data.createPersonalToken;
  return { id: personalToken.id, secret };
}

/** A read by REST, as the token's program would. */
function read(token: string, organizationId?: string): Promise<Answer> {
  return app.get("/core/agents", token, organizationId ? { "x-anyreach-org": organizationId } : {});
}

test("a person makes tokens of their own, which are shown once and end when they say", async () => {
  const browser = await signedIn(app, await person(app, { [organization.id]: "viewer" }));
  const expiresAt = new Date(app.clock.now().getTime() + 3_600_000).toISOString();
  const { id, secret } = await create(browser, { name: " CI ", expiresAt });
  expect(secret).toMatch(new RegExp(`^pat_${id}\\.[\\w-]{43}$`));
  expect((await browser.gql(LIST)).body.data.viewer.personalTokens).toEqual([
    { id, name: "CI", expiresAt },
  ]);
  const row = await app.db.personalAccessToken.findUniqueOrThrow({ where: { id } });
  expect(Buffer.from(row.secretHash).toString()).not.toContain(secret.split(".")[1]);
  expect((await read(secret, organization.id)).status).toBe(200);
  expect((await read(secret)).body.detail).toBe("Token is missing organization claim.");
  const other = await app.organization();
  expect((await read(secret, other.id)).status).toBe(403);
  for (const input of [{ name: "" }, { name: "past", expiresAt: "2020-01-01T00:00:00Z" }]) {
    expect(codeOf(await browser.gql(CREATE, { input }))).toBe("BAD_USER_INPUT");
  }
  app.clock.forward(3600);
  expect((await read(secret, organization.id)).status).toBe(401);
});

test("a token may do what its person may at that moment", async () => {
  const ada = await person(app, { [organization.id]: "admin" });
  const { secret } = await create(await signedIn(app, ada), { name: "mine" });
  const headers = { "x-anyreach-org": organization.id };
  const write = (): Promise<Answer> => app.gql(CREATE_KEY, {}, secret, headers);
  expect((await write()).body.errors).toBeUndefined();
  const userId = ada.id;
  const update =
    "mutation ($userId: UUID!) { updateMember(input: { userId: $userId, role: VIEWER }) { member { role } } }";
  const remove =
    "mutation ($userId: UUID!) { removeMember(input: { userId: $userId }) { removedUserId } }";
  await person(app, { [organization.id]: "admin" });
  await app.gql(update, { userId }, organization.key);
  expect(codeOf(await write())).toBe("FORBIDDEN");
  expect((await read(secret, organization.id)).status).toBe(200);
  await app.gql(remove, { userId }, organization.key);
  expect((await read(secret, organization.id)).status).toBe(403);
  expect(codeOf(await write())).toBe("FORBIDDEN");
});

test("a token is revoked at once, by its person alone", async () => {
  const browser = await signedIn(app, await person(app, { [organization.id]: "admin" }));
  const { id, secret } = await create(browser, { name: "mine" });
  expect((await read(secret, organization.id)).status).toBe(200);
  const colleague = await signedIn(app, await person(app, { [organization.id]: "admin" }));
  expect(codeOf(await colleague.gql(REVOKE, { id }))).toBe("NOT_FOUND");
  expect((await read(secret, organization.id)).status).toBe(200);
  for (const _again of [1, 2]) {
    expect((await browser.gql(REVOKE, { id })).body.data).toEqual({
      revokePersonalToken: { revokedTokenId: id },
    });
  }
  expect((await read(secret, organization.id)).status).toBe(401);
  expect((await browser.gql(LIST)).body.data.viewer.personalTokens).toEqual([]);
  const told = await app.db.auditEntry.findMany({ where: { subjectId: id } });
  const actions = told.map(({ action, actorKind, via }) => [action, actorKind, via]);
  expect(actions.toSorted()).toEqual([
    ["personal_token.create", "console_session", "console"],
    ["personal_token.revoke", "console_session", "console"],
  ]);
});

test("no token makes another, and no console that was left open", async () => {
  const ada = await person(app, { [organization.id]: "admin" });
  const browser = await signedIn(app, ada);
  const { id, secret } = await create(browser, { name: "mine" });
  const headers = { "x-anyreach-org": organization.id };
  const input = { name: "another" };
  expect(codeOf(await app.gql(CREATE, { input }, secret, headers))).toBe("UNAUTHENTICATED");
  expect(codeOf(await app.gql(REVOKE, { id }, secret, headers))).toBe("UNAUTHENTICATED");
  app.clock.forward(15 * 60);
  expect(codeOf(await browser.gql(CREATE, { input }))).toBe("CONFIRMATION_REQUIRED");
});

test("a person has fifty tokens at most, also side by side", async () => {
  const ada = await person(app);
  const browser = await signedIn(app, ada);
  const createdAt = app.clock.now();
  await app.db.personalAccessToken.createMany({
    data: Array.from({ length: 48 }, (_one, at) => ({
      id: `full${ada.id.replaceAll("-", "")}${at}`,
      userId: ada.id,
      name: "full",
      secretHash: new Uint8Array(32),
      createdAt,
    })),
  });
  const answers = await Promise.all(
    Array.from({ length: 4 }, () => browser.gql(CREATE, { input: { name: "more" } })),
  );
  expect(answers.map(codeOf).toSorted()).toEqual(["CONFLICT", "CONFLICT", undefined, undefined]);
});
