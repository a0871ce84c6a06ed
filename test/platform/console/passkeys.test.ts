import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OperatorService } from "../../../src/platform/admin/operator.service.js";
import { TestApp, type Answer } from "../../support/app.js";
import { Authenticator, type Lies } from "../../support/authenticator.js";
import {
  Browser,
  codeOf,
  FROM_CONSOLE,
  person,
  signedIn,
  type Person,
} from "../../support/console.js";

const ORIGIN = "https://parley.test";
const CONFIG = { PUBLIC_URL: ORIGIN };
const START = 'mutation { startPasskey(input: { name: "Laptop" }) { options } }';
const CONFIRM =
  "mutation ($name: String!, $response: JSONObject!) { confirmPasskey(input: { name: $name, response: $response }) { viewer { passkeys { id name isBackedUp lastUsedAt } session { hasSecondFactor } } } }";
const RENAME =
  "mutation ($id: UUID!, $name: String!) { renamePasskey(input: { id: $id, name: $name }) { passkey { name } } }";
const REMOVE =
  "mutation ($id: UUID!) { removePasskey(input: { id: $id }) { viewer { passkeys { id } } } }";
const VIEWER =
  "{ viewer { user { id } organizations { scopes } session { hasSecondFactor } sessions { id } passkeys { id name lastUsedAt } } }";
const CREATE_KEY =
  'mutation { createApiKey(input: { name: "k", scopes: [AGENTS_READ] }) { apiKey { id } } }';
const PERSONAL = 'mutation { createPersonalToken(input: { name: "p" }) { secret } }';
const START_TOTP = "mutation { startTotp(input: {}) { secret } }";
const REFUSED = { detail: "This passkey is not good here." };

let app: TestApp;
let organization: { id: string; key: string };
beforeAll(async () => {
  app = await TestApp.start({ config: CONFIG });
  organization = await app.organization();
});
afterAll(() => app.stop());

async function options(browser: Browser): Promise<Parameters<Authenticator["create"]>[0]> {
  const answer = await browser.gql(START);
  expect(answer.body.errors).toBeUndefined();
  return answer.body.data.startPasskey.options;
}

async function add(browser: Browser, authenticator: Authenticator): Promise<string> {
  const response = authenticator.create(await options(browser));
  const answer = await browser.gql(CONFIRM, { name: "Laptop", response });
  expect(answer.body.errors).toBeUndefined();
  return answer.body.data.confirmPasskey.viewer.passkeys.at(-1).id;
}

interface Owner {
  readonly ada: Person;
  readonly browser: Browser;
  readonly passkey: Authenticator;
  readonly passkeyId: string;
}

/** Somebody with a passkey, and a browser in which they signed in by a password. */
async function owner(on = app, organizationId = organization.id): Promise<Owner> {
  const ada = await person(on, { [organizationId]: "admin" });
  const browser = await signedIn(on, ada);
  const passkey = new Authenticator(ORIGIN);
  const passkeyId = await add(browser, passkey);
  return { ada, browser, passkey, passkeyId };
}

async function asked(
  browser: Browser,
  purpose: "sign_in" | "confirm" = "sign_in",
): Promise<Parameters<Authenticator["get"]>[0]> {
  const answer = await browser.post("/console/api/passkey/options", { for: purpose });
  expect(answer.status).toBe(200);
  return answer.body;
}

async function signIn(browser: Browser, passkey: Authenticator, lies: Lies = {}): Promise<Answer> {
  const response = passkey.get(await asked(browser), lies);
  return browser.post("/console/api/passkey", { response });
}

async function viewerOf(browser: Browser): Promise<Answer["body"]> {
  return (await browser.gql(VIEWER)).body.data.viewer;
}

describe("a passkey", () => {
  test("is the person's once its authenticator has answered, and is told of without what it proves", async () => {
    const ada = await person(app, { [organization.id]: "admin" });
    const browser = await signedIn(app, ada);
    const asks = await options(browser);
    expect(asks).toMatchObject({
      rp: { id: "parley.test", name: "Parley" },
      user: { name: ada.email },
      attestation: "none",
      authenticatorSelection: { residentKey: "required", userVerification: "required" },
    });
    expect(Buffer.from(asks.user.id, "base64url").toString("hex")).toBe(ada.id.replaceAll("-", ""));
    const passkey = new Authenticator(ORIGIN);
    const answer = await browser.gql(CONFIRM, {
      name: " Laptop ",
      response: passkey.create(asks),
    });
    const { viewer } = answer.body.data.confirmPasskey;
    expect(viewer).toMatchObject({
      passkeys: [{ name: "Laptop", isBackedUp: false, lastUsedAt: null }],
      session: { hasSecondFactor: true },
    });
    const [{ id }] = viewer.passkeys;
    expect(await app.db.passkey.findUnique({ where: { id } })).toMatchObject({
      userId: ada.id,
      transports: ["internal"],
      counter: 0n,
    });
    expect(await app.db.auditEntry.findMany({ where: { subjectId: ada.id } })).toMatchObject([
      {
        action: "user.add_passkey",
        actorId: ada.id,
        organizationId: null,
        changes: [{ path: "passkey", before: null, after: id }],
      },
    ]);
    // The next one is asked of an authenticator that has none.
    expect((await browser.gql(START)).body.data.startPasskey.options.excludeCredentials).toEqual([
      { id: passkey.id, transports: ["internal"], type: "public-key" },
    ]);
  });

  test("is not taken from another site, for another challenge, unverified, or with certificates", async () => {
    const ada = await person(app, { [organization.id]: "admin" });
    const [browser, elsewhere] = [await signedIn(app, ada), await signedIn(app, ada)];
    const asks = await options(browser);
    const signIns = await asked(new Browser(app));
    const make = (lies: Lies, statement?: object): object =>
      new Authenticator(ORIGIN).create(asks, lies, statement);
    const right = new Authenticator(ORIGIN).create(asks);
    for (const response of [
      make({ origin: "https://parley.test.evil.example" }),
      make({ origin: "http://parley.test" }),
      make({ rpId: "evil.example" }),
      make({ isUnverified: true }),
      make({ challenge: "A".repeat(72) }),
      make({ challenge: signIns.challenge }),
      make({ challenge: (await options(elsewhere)).challenge }),
      make({}, { alg: -7, sig: Buffer.alloc(70), x5c: [Buffer.alloc(300)] }),
      { ...right, rawId: "AAAA" },
      { ...right, response: { clientDataJSON: "e30", attestationObject: "oA" } },
      {},
    ]) {
      expect(codeOf(await browser.gql(CONFIRM, { name: "x", response }))).toBe("BAD_USER_INPUT");
    }
    expect(codeOf(await browser.gql(CONFIRM, { name: " ", response: right }))).toBe(
      "BAD_USER_INPUT",
    );
    expect((await viewerOf(browser)).passkeys).toEqual([]);
    expect((await viewerOf(browser)).session.hasSecondFactor).toBe(false);
    // What was refused has used nothing up.
    expect((await browser.gql(CONFIRM, { name: "x", response: right })).body.errors).toBe(
      undefined,
    );
    expect(codeOf(await browser.gql(CONFIRM, { name: "x", response: right }))).toBe(
      "BAD_USER_INPUT",
    );
  });

  test("is one person's alone, and a person has twenty, also side by side", async () => {
    const { passkey, browser, ada } = await owner();
    const again = passkey.create(await options(browser));
    expect(codeOf(await browser.gql(CONFIRM, { name: "x", response: again }))).toBe("CONFLICT");
    const other = await signedIn(app, await person(app));
    const stolen = passkey.create(await options(other));
    expect(codeOf(await other.gql(CONFIRM, { name: "x", response: stolen }))).toBe("CONFLICT");
    expect((await viewerOf(other)).session.hasSecondFactor).toBe(false);
    const rows = Array.from({ length: 18 }, (_none, at) => ({
      id: crypto.randomUUID(),
      userId: ada.id,
      credentialId: Buffer.from(`${ada.id} ${at}`),
      publicKey: Buffer.alloc(1),
      counter: 0,
      isBackedUp: false,
      name: `${at}`,
      createdAt: app.clock.now(),
    }));
    await app.db.passkey.createMany({ data: rows });
    const responses = await Promise.all(
      [1, 2, 3].map(async () => new Authenticator(ORIGIN).create(await options(browser))),
    );
    const answers = await Promise.all(
      responses.map((response) => browser.gql(CONFIRM, { name: "x", response })),
    );
    expect(answers.map(codeOf).toSorted()).toEqual(["CONFLICT", "CONFLICT", undefined]);
    expect(codeOf(await browser.gql(START))).toBe("CONFLICT");
    expect((await viewerOf(browser)).passkeys).toHaveLength(20);
  });

  test("is not begun under a name that it could not have", async () => {
    const browser = await signedIn(app, await person(app, { [organization.id]: "admin" }));
    const answer = await browser.gql(START.replace("Laptop", " "));
    expect(answer.body.errors[0].extensions).toMatchObject({ errors: [{ path: "name" }] });
  });

  test("has a name, which its person changes and nobody else", async () => {
    const { browser, passkeyId: id } = await owner();
    const other = await signedIn(app, await person(app));
    expect(codeOf(await other.gql(RENAME, { id, name: "Mine" }))).toBe("NOT_FOUND");
    expect(codeOf(await browser.gql(RENAME, { id, name: " " }))).toBe("BAD_USER_INPUT");
    const renamed = await browser.gql(RENAME, { id, name: " Phone " });
    expect(renamed.body.data.renamePasskey.passkey).toEqual({ name: "Phone" });
  });

  test("is added and removed by who proved themselves a while ago at most", async () => {
    const { browser, passkeyId: id } = await owner();
    const response = new Authenticator(ORIGIN).create(await options(browser));
    app.clock.forward(15 * 60);
    for (const [document, variables] of [
      [START, {}],
      [CONFIRM, { name: "x", response }],
      [REMOVE, { id }],
    ] as const) {
      expect(codeOf(await browser.gql(document, variables))).toBe("CONFIRMATION_REQUIRED");
    }
  });

  test("signs nobody in once it is removed, which ends the sessions elsewhere", async () => {
    const { ada, browser, passkey, passkeyId: id } = await owner();
    const elsewhere = new Browser(app);
    expect((await signIn(elsewhere, passkey)).status).toBe(200);
    const other = await signedIn(app, await person(app));
    expect(codeOf(await other.gql(REMOVE, { id }))).toBe("NOT_FOUND");
    const removed = await browser.gql(REMOVE, { id });
    expect(removed.body.data.removePasskey.viewer).toEqual({ passkeys: [] });
    expect(await viewerOf(elsewhere)).toBeNull();
    expect((await viewerOf(browser)).user.id).toBe(ada.id);
    expect((await signIn(elsewhere, passkey)).body).toEqual(REFUSED);
    const where = { subjectId: ada.id, action: "user.remove_passkey" };
    expect(await app.db.auditEntry.findMany({ where })).toMatchObject([
      { actorId: ada.id, changes: [{ path: "passkey", before: id, after: null }] },
    ]);
  });

  test("of nobody is asked for by a token", async () => {
    const key = await app.personalToken(organization.id, "admin");
    const id = crypto.randomUUID();
    for (const [document, variables] of [
      [START, {}],
      [CONFIRM, { name: "x", response: {} }],
      [RENAME, { id, name: "x" }],
      [REMOVE, { id }],
    ] as const) {
      const headers = { "x-anyreach-org": organization.id };
      expect(codeOf(await app.gql(document, variables, key, headers))).toBe("UNAUTHENTICATED");
    }
  });
});

describe("a sign-in by a passkey", () => {
  test("asks for no address and no code, and is two factors", async () => {
    const { ada, passkey, browser: before } = await owner();
    // An app in use changes nothing for who comes by a passkey.
    await app.db.secondFactor.create({ data: { userId: ada.id, secret: Buffer.alloc(1) } });
    const browser = new Browser(app);
    const asks = await asked(browser);
    expect(asks).toMatchObject({ rpId: "parley.test", userVerification: "required" });
    expect(JSON.stringify(asks)).not.toContain(passkey.id);
    const response = passkey.get(asks);
    const answer = await browser.post("/console/api/passkey", { response });
    expect([answer.status, answer.body]).toEqual([200, { state: "signed_in" }]);
    const viewer = await viewerOf(browser);
    expect(viewer.user.id).toBe(ada.id);
    expect(viewer.session.hasSecondFactor).toBe(true);
    expect(viewer.passkeys[0].lastUsedAt).not.toBeNull();
    expect((await viewerOf(before)).sessions).toHaveLength(2);
    // The one who signs in somewhere leaves what was there before.
    const old = browser.copy();
    expect((await signIn(browser, passkey)).status).toBe(200);
    expect(await viewerOf(old)).toBeNull();
  });

  test("is refused in one sentence for every cause", async () => {
    const { passkey, browser: session } = await owner();
    const { ada: eve } = await owner();
    const browser = new Browser(app);
    const handle = Buffer.from(eve.id.replaceAll("-", ""), "hex").toString("base64url");
    const lies: Lies[] = [
      { origin: "https://parley.test.evil.example" },
      { origin: "https://parley.test:8443" },
      { rpId: "evil.example" },
      { userHandle: handle },
      { isUnverified: true },
      { challenge: "A".repeat(72) },
      { challenge: (await options(session)).challenge },
      { challenge: (await asked(session, "confirm")).challenge },
    ];
    for (const lie of lies) {
      const answer = await signIn(browser, passkey, lie);
      expect([answer.status, answer.body], JSON.stringify(lie)).toEqual([401, REFUSED]);
      expect(answer.headers.get("www-authenticate")).toBeNull();
    }
    const unknown = new Authenticator(ORIGIN);
    unknown.create(await options(session));
    expect((await signIn(browser, unknown)).body).toEqual(REFUSED);
    const forged = { ...passkey.get(await asked(browser)), id: "A", rawId: "A" };
    for (const response of [forged, {}, { id: 1 }]) {
      const answer = await browser.post("/console/api/passkey", { response });
      expect([answer.status, answer.body]).toEqual([401, REFUSED]);
    }
    const right = passkey.get(await asked(browser)) as { response: object };
    const signature = Buffer.alloc(70).toString("base64url");
    const broken = { ...right, response: { ...right.response, signature } };
    expect((await browser.post("/console/api/passkey", { response: broken })).status).toBe(401);
    expect((await browser.post("/console/api/passkey", { response: "x" })).status).toBe(422);
    expect((await browser.post("/console/api/passkey", {})).status).toBe(422);
    expect(await viewerOf(browser)).toBeNull();
    expect((await browser.post("/console/api/passkey", { response: right })).status).toBe(200);
  });

  test("is of the browser that was asked, and of it for five minutes", async () => {
    const { passkey } = await owner();
    const [browser, other] = [new Browser(app), new Browser(app)];
    await asked(other);
    const response = passkey.get(await asked(browser));
    for (const elsewhere of [other, new Browser(app)]) {
      const answer = await elsewhere.post("/console/api/passkey", { response });
      expect([answer.status, answer.body]).toEqual([401, REFUSED]);
    }
    const late = passkey.get(await asked(browser));
    app.clock.forward(5 * 60);
    expect((await browser.post("/console/api/passkey", { response: late })).status).toBe(401);
    const again = await signIn(browser, passkey);
    expect(again.status).toBe(200);
  });

  test("is asked for in two tabs of a browser at a time", async () => {
    const { passkey } = await owner();
    const browser = new Browser(app);
    const first = await asked(browser);
    await asked(browser);
    const response = passkey.get(first);
    expect((await browser.post("/console/api/passkey", { response })).status).toBe(200);
  });

  test("is good once, also side by side and on another instance", async () => {
    const { passkey } = await owner();
    const browser = new Browser(app);
    const second = await TestApp.start({
      config: CONFIG,
      database: app.parley.database,
      clock: app.clock,
    });
    try {
      const response = passkey.get(await asked(browser));
      const tries = await Promise.all(
        [app, second, app, second].map((on) =>
          browser.copy(on).post("/console/api/passkey", { response }),
        ),
      );
      expect(tries.map(({ status }) => status).toSorted()).toEqual([200, 401, 401, 401]);
      for (const on of [app, second]) {
        const again = await browser.copy(on).post("/console/api/passkey", { response });
        expect([again.status, again.body]).toEqual([401, REFUSED]);
      }
      expect(await app.db.usedPasskeyChallenge.count()).toBeGreaterThan(0);
      app.clock.forward(5 * 60);
      await app.parley.passkeyProofs.sweep();
      expect(await app.db.usedPasskeyChallenge.count()).toBe(0);
    } finally {
      await second.stop({ keepDatabase: true });
    }
  });

  test("with an authenticator whose count goes back is refused, for it has a twin", async () => {
    const { passkey } = await owner();
    passkey.counter = 10;
    expect((await signIn(new Browser(app), passkey)).status).toBe(200);
    for (const counter of [11, 5, 0]) {
      expect((await signIn(new Browser(app), passkey, { counter })).status).toBe(401);
    }
    passkey.counter = 20;
    expect((await signIn(new Browser(app), passkey)).status).toBe(200);
    // Of two that say the same at the same time one is the twin.
    const browsers = [new Browser(app), new Browser(app)];
    const answers = await Promise.all(
      browsers.map((browser) => signIn(browser, passkey, { counter: 30 })),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 401]);
  });

  test("with an authenticator that counts nothing goes on", async () => {
    const { passkey } = await owner();
    for (let time = 0; time < 3; time += 1) {
      expect((await signIn(new Browser(app), passkey, { counter: 0 })).status).toBe(200);
    }
  });

  test("of somebody who was removed leads to no organization", async () => {
    const { ada, passkey } = await owner();
    const boss = await signedIn(app, await person(app, { [organization.id]: "admin" }));
    const remove =
      "mutation ($userId: UUID!) { removeMember(input: { userId: $userId }) { removedUserId } }";
    const removed = await boss.gql(remove, { userId: ada.id }, organization.id);
    expect(removed.body.errors).toBeUndefined();
    const browser = new Browser(app);
    expect((await signIn(browser, passkey)).status).toBe(200);
    expect((await viewerOf(browser)).organizations).toEqual([]);
    expect(codeOf(await browser.gql("{ agents { nodes { id } } }", {}, organization.id))).toBe(
      "FORBIDDEN",
    );
    await app.db.user.delete({ where: { id: ada.id } });
    expect((await signIn(new Browser(app), passkey)).status).toBe(401);
  });

  test("is not gone round by who invites its person, who would choose a password for them", async () => {
    const { ada } = await owner();
    await app.db.user.update({ where: { id: ada.id }, data: { passwordHash: null } });
    const other = await app.organization();
    await app.db.membership.deleteMany({ where: { userId: ada.id } });
    const invite = await app.gql(
      "mutation ($email: String!) { inviteMember(input: { email: $email, role: VIEWER }) { link } }",
      { email: ada.email },
      other.key,
    );
    const [, token = ""] = invite.body.data.inviteMember.link.split("#");
    const used = await new Browser(app).post("/console/api/link/use", {
      token,
      password: "the inviter's own password",
    });
    expect([used.status, used.headers.getSetCookie()]).toEqual([409, []]);
  });

  test("is for the console's own page alone", async () => {
    const browser = new Browser(app);
    const headers = { ...FROM_CONSOLE, "sec-fetch-site": "cross-site" };
    for (const path of ["passkey", "passkey/options"]) {
      const answer = await browser.post(`/console/api/${path}`, { for: "sign_in" }, headers);
      expect(answer.status).toBe(403);
    }
  });

  test("is tried slowly by address, and a flood of challenges is kept nowhere", async () => {
    const strict = await TestApp.start({
      config: CONFIG,
      rateLimits: { sign_in: { points: 3, windowSeconds: 300 } },
    });
    try {
      const browser = new Browser(strict);
      const ask = (): Promise<Answer> =>
        browser.post("/console/api/passkey/options", { for: "sign_in" });
      for (let time = 0; time < 2; time += 1) expect((await ask()).status).toBe(200);
      const guess = { response: new Authenticator(ORIGIN).get({ challenge: "AAAA" }) };
      expect((await browser.post("/console/api/passkey", guess)).status).toBe(401);
      expect((await ask()).status).toBe(429);
      expect((await browser.post("/console/api/passkey", guess)).status).toBe(429);
      expect(await strict.db.usedPasskeyChallenge.count()).toBe(0);
    } finally {
      await strict.stop();
    }
  });
});

describe("asked once more who they are", () => {
  test("a person shows a passkey in place of the password", async () => {
    const { ada, browser, passkey } = await owner();
    await app.db.user.update({ where: { id: ada.id }, data: { passwordHash: null } });
    app.clock.forward(15 * 60);
    expect(codeOf(await browser.gql(PERSONAL))).toBe("CONFIRMATION_REQUIRED");
    const asks = await asked(browser, "confirm");
    expect(JSON.stringify(asks)).toContain(passkey.id);
    const answer = await browser.post("/console/api/confirm", { passkey: passkey.get(asks) });
    expect(answer.status).toBe(204);
    expect(codeOf(await browser.gql(PERSONAL))).toBeUndefined();
  });

  test("no other person's is taken, none of another session, and none twice", async () => {
    const { ada, browser, passkey } = await owner();
    const { passkey: strange } = await owner();
    const elsewhere = new Browser(app);
    expect((await signIn(elsewhere, passkey)).status).toBe(200);
    const asks = await asked(browser, "confirm");
    const confirm = (given: object, where = browser): Promise<Answer> =>
      where.post("/console/api/confirm", { passkey: given });
    expect((await confirm(strange.get(asks))).status).toBe(401);
    expect((await confirm(passkey.get(await asked(browser)))).status).toBe(401);
    const response = passkey.get(asks);
    expect((await confirm(response, elsewhere)).status).toBe(401);
    expect((await confirm(response)).status).toBe(204);
    expect((await confirm(response)).status).toBe(401);
    const nobody = await new Browser(app).post("/console/api/passkey/options", { for: "confirm" });
    expect(nobody.status).toBe(401);
    const without = await signedIn(app, await person(app));
    const none = await without.post("/console/api/passkey/options", { for: "confirm" });
    expect(none.status).toBe(409);
    expect((await viewerOf(browser)).user.id).toBe(ada.id);
  });
});

describe("where the operator demands a second factor", () => {
  let strict: TestApp;
  let id: string;
  beforeAll(async () => {
    strict = await TestApp.start({ config: { ...CONFIG, CONSOLE_REQUIRE_SECOND_FACTOR: "true" } });
    ({ id } = await strict.organization());
  });
  afterAll(() => strict.stop());

  test("a passkey is one", async () => {
    const { browser, passkey } = await owner(strict, id);
    expect(codeOf(await browser.gql(CREATE_KEY, {}, id))).toBeUndefined();
    const other = new Browser(strict);
    expect((await signIn(other, passkey)).status).toBe(200);
    expect(codeOf(await other.gql(CREATE_KEY, {}, id))).toBeUndefined();
  });

  test("who knows the password of somebody with a passkey makes themselves no other one", async () => {
    const { ada, passkey, passkeyId } = await owner(strict, id);
    const thief = await signedIn(strict, ada);
    expect(codeOf(await thief.gql(CREATE_KEY, {}, id))).toBe("FORBIDDEN");
    for (const [document, variables] of [
      [START, {}],
      [REMOVE, { id: passkeyId }],
      [START_TOTP, {}],
    ] as const) {
      expect(codeOf(await thief.gql(document, variables))).toBe("CONFIRMATION_REQUIRED");
      // The password is known, and helps nobody here.
      expect((await thief.post("/console/api/confirm", { password: "wrong" })).status).toBe(422);
    }
    // Who has it shows it, and goes on.
    const response = passkey.get(await asked(thief, "confirm"));
    expect((await thief.post("/console/api/confirm", { passkey: response })).status).toBe(204);
    expect(codeOf(await thief.gql(START))).toBeUndefined();
    expect(codeOf(await thief.gql(CREATE_KEY, {}, id))).toBeUndefined();
  });

  test("the operator helps who has lost it", async () => {
    const { ada, passkey } = await owner(strict, id);
    const { db, parley, clock } = strict;
    const operator = new OperatorService(db, parley.retention, clock.now, parley.invites);
    await operator.removeSecondFactor(ada.email);
    const where = { subjectId: ada.id, action: "user.remove_passkey" };
    expect(await db.auditEntry.findMany({ where })).toMatchObject([
      { actorKind: "command_line", changes: [{ path: "passkeys", before: 1, after: 0 }] },
    ]);
    expect((await signIn(new Browser(strict), passkey)).status).toBe(401);
    const browser = await signedIn(strict, ada);
    expect(codeOf(await browser.gql(START))).toBeUndefined();
  });
});

test("where PUBLIC_URL has no name there are none", async () => {
  const there = await TestApp.start({ config: { PUBLIC_URL: "http://192.0.2.7:4000" } });
  try {
    const api = "/console/api";
    const { body } = await there.get(`${api}/options`, undefined, FROM_CONSOLE);
    expect(body).toEqual({ development: false });
    const start = await new Browser(there).post(`${api}/passkey/options`, { for: "sign_in" });
    expect(start.status).toBe(409);
    expect(codeOf(await (await signedIn(there, await person(there))).gql(START))).toBe("CONFLICT");
  } finally {
    await there.stop();
  }
});

test("the link of development's ends with the first passkey too", async () => {
  const there = await TestApp.start({ config: CONFIG });
  try {
    const { id } = await there.organization();
    const { ada } = await owner(there, id);
    await there.db.user.update({ where: { id: ada.id }, data: { passwordHash: null } });
    const token = there.parley.developmentLink.issue();
    const used = await new Browser(there).post("/console/api/link/use", { token });
    expect(used.status).toBe(401);
  } finally {
    await there.stop();
  }
});
