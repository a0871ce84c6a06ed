import { Secret, TOTP } from "otpauth";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OperatorService } from "../../../src/platform/admin/operator.service.js";
import { TestApp, type Answer } from "../../support/app.js";
import { Browser, codeOf, person, signedIn, type Person } from "../../support/console.js";

const START = "mutation ($code: String) { startTotp(input: { code: $code }) { secret uri } }";
const CONFIRM =
  "mutation ($code: String!) { confirmTotp(input: { code: $code }) { recoveryCodes viewer { hasTotp recoveryCodesLeft sessions { id } session { hasSecondFactor } } } }";
const REMOVE =
  "mutation ($code: String!) { removeTotp(input: { code: $code }) { viewer { hasTotp recoveryCodesLeft } } }";
const VIEWER =
  "{ viewer { user { id } organizations { scopes } session { hasSecondFactor } sessions { id } recoveryCodesLeft } }";
const CREATE_KEY =
  'mutation { createApiKey(input: { name: "k", scopes: [AGENTS_READ] }) { apiKey { id } } }';
const PERSONAL = 'mutation { createPersonalToken(input: { name: "p" }) { secret } }';
const WRONG = { detail: "The code is wrong, or was used before." };

let app: TestApp;
let organization: { id: string; key: string };
beforeAll(async () => {
  app = await TestApp.start();
  organization = await app.organization();
});
afterAll(() => app.stop());

/** What the app shows, now or some periods from now. */
function shown(secret: string, on: TestApp, periods = 0): string {
  const timestamp = on.clock.now().getTime() + periods * 30_000;
  return new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp });
}

interface Enrolled {
  readonly ada: Person;
  readonly browser: Browser;
  readonly secret: string;
  readonly recoveryCodes: readonly string[];
}

/** Somebody with an app, whose last code was some periods ago. */
async function enrolled(on = app, organizationId = organization.id): Promise<Enrolled> {
  const ada = await person(on, { [organizationId]: "admin" });
  const browser = await signedIn(on, ada);
  const { secret } = (await browser.gql(START)).body.data.startTotp;
  const answer = await browser.gql(CONFIRM, { code: shown(secret, on) });
  expect(answer.body.errors).toBeUndefined();
  on.clock.forward(60);
  return { ada, browser, secret, recoveryCodes: answer.body.data.confirmTotp.recoveryCodes };
}

function give(browser: Browser, code: string): Promise<Answer> {
  return browser.post("/console/api/second-factor", { code });
}

/** A browser in which the password was right. */
async function pending(on: TestApp, ada: Person): Promise<Browser> {
  const browser = new Browser(on);
  const answer = await browser.signIn(ada);
  expect([answer.status, answer.body]).toEqual([200, { state: "second_factor" }]);
  return browser;
}

test("an app is in use once a code of it was shown, and ends the sessions that came without", async () => {
  const ada = await person(app, { [organization.id]: "admin" });
  const [browser, elsewhere] = [await signedIn(app, ada), await signedIn(app, ada)];
  expect(codeOf(await browser.gql(CONFIRM, { code: "123456" }))).toBe("CONFLICT");
  const { secret, uri } = (await browser.gql(START)).body.data.startTotp;
  expect(uri).toMatch(/^otpauth:\/\/totp\/Parley/);
  expect(new URL(uri).searchParams.get("secret")).toBe(secret);
  const row = await app.db.secondFactor.findUniqueOrThrow({ where: { userId: ada.id } });
  expect(Buffer.from(row.nextSecret ?? []).toString("latin1")).not.toContain(secret);
  // It is not in use yet.
  expect((await new Browser(app).signIn(ada)).body).toEqual({ state: "signed_in" });
  expect(codeOf(await browser.gql(CONFIRM, { code: shown(secret, app, 5) }))).toBe(
    "BAD_USER_INPUT",
  );
  const { recoveryCodes, viewer } = (await browser.gql(CONFIRM, { code: shown(secret, app) })).body
    .data.confirmTotp;
  expect(new Set(recoveryCodes).size).toBe(10);
  expect(viewer).toMatchObject({ hasTotp: true, recoveryCodesLeft: 10 });
  expect(viewer.sessions).toHaveLength(1);
  expect(viewer.session.hasSecondFactor).toBe(true);
  expect((await elsewhere.gql(VIEWER)).body.data.viewer).toBeNull();
  const entries = await app.db.auditEntry.findMany({ where: { subjectId: ada.id } });
  expect(entries).toMatchObject([
    {
      action: "user.add_second_factor",
      actorId: ada.id,
      changes: [{ path: "secondFactor", before: null, after: true }],
    },
  ]);
  const everything = await Promise.all([
    app.db.recoveryCode.findMany(),
    app.db.auditEntry.findMany(),
  ]);
  const stored = JSON.stringify(everything);
  expect(stored).not.toContain(secret);
  for (const code of recoveryCodes) expect(stored).not.toContain(code);
});

test("of sign-ins beside it none is left that came by a password alone", async () => {
  const ada = await person(app, { [organization.id]: "admin" });
  const browser = await signedIn(app, ada);
  const { secret } = (await browser.gql(START)).body.data.startTotp;
  const others = Array.from({ length: 8 }, () => new Browser(app));
  const [confirmed, ...answers] = await Promise.all([
    browser.gql(CONFIRM, { code: shown(secret, app) }),
    ...others.map((other) => other.signIn(ada)),
  ]);
  expect(confirmed.body.errors).toBeUndefined();
  for (const { status } of answers) expect(status).toBe(200);
  for (const other of others) expect((await other.gql(VIEWER)).body.data.viewer).toBeNull();
  expect((await browser.gql(VIEWER)).body.data.viewer.sessions).toHaveLength(1);
});

describe("who has an app", () => {
  test("is signed in by a password and a code, and by a password alone nowhere", async () => {
    const { ada, secret } = await enrolled();
    const browser = await pending(app, ada);
    const before = browser.copy();
    expect((await browser.gql(VIEWER)).body.data.viewer).toBeNull();
    expect(codeOf(await browser.gql("{ agents { nodes { id } } }", {}, organization.id))).toBe(
      "UNAUTHENTICATED",
    );
    const wrong = await give(browser, shown(secret, app, 7));
    expect([wrong.status, wrong.body]).toEqual([401, WRONG]);
    const right = await give(browser, ` ${shown(secret, app)} `);
    expect([right.status, right.body]).toEqual([200, { state: "signed_in" }]);
    expect(browser.cookie).not.toBe(before.cookie);
    const { viewer } = (await browser.gql(VIEWER)).body.data;
    expect(viewer.user.id).toBe(ada.id);
    expect(viewer.session.hasSecondFactor).toBe(true);
    expect((await give(before, shown(secret, app, 1))).status).toBe(401);
  });

  test("waits ten minutes for a code, and not after a change of the password", async () => {
    const { ada, secret, browser: open } = await enrolled();
    const late = await pending(app, ada);
    app.clock.forward(10 * 60);
    expect((await give(late, shown(secret, app))).status).toBe(401);
    const cut = await pending(app, ada);
    await app.db.consoleSession.deleteMany({ where: { userId: ada.id, isPending: true } });
    expect((await give(cut, shown(secret, app))).status).toBe(401);
    expect((await open.gql(VIEWER)).body.data.viewer.sessions).toHaveLength(1);
    expect((await give(new Browser(app), shown(secret, app))).status).toBe(401);
  });

  test("is asked after a reset by link too", async () => {
    const { ada, secret } = await enrolled();
    const create =
      "mutation ($userId: UUID!) { createResetLink(input: { userId: $userId }) { link } }";
    const made = await app.gql(create, { userId: ada.id }, organization.key);
    const token = made.body.data.createResetLink.link.split("#")[1];
    const browser = new Browser(app);
    const password = "another long password";
    const used = await browser.post("/console/api/link/use", { token, password });
    expect(used.body).toEqual({ state: "second_factor" });
    expect((await browser.gql(VIEWER)).body.data.viewer).toBeNull();
    expect((await give(browser, shown(secret, app))).status).toBe(200);
  });

  test("uses no code twice, also side by side, nor one that is older", async () => {
    const { ada, secret } = await enrolled();
    const code = shown(secret, app);
    const browsers = await Promise.all([pending(app, ada), pending(app, ada), pending(app, ada)]);
    const answers = await Promise.all(browsers.map((browser) => give(browser, code)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 401, 401]);
    const again = await pending(app, ada);
    expect((await give(again, code)).status).toBe(401);
    expect((await give(again, shown(secret, app, -1))).status).toBe(401);
    expect((await give(again, shown(secret, app, 1))).status).toBe(200);
  });

  test("uses each recovery code once, also side by side", async () => {
    const { ada, recoveryCodes } = await enrolled();
    const code = (recoveryCodes[0] ?? "").toLowerCase().replaceAll("-", " ");
    const browsers = await Promise.all([pending(app, ada), pending(app, ada)]);
    const answers = await Promise.all(browsers.map((browser) => give(browser, code)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 401]);
    const [first] = browsers.filter((_browser, at) => answers[at]?.status === 200);
    expect((await first?.gql(VIEWER))?.body.data.viewer.recoveryCodesLeft).toBe(9);
  });

  test("has codes guessed slowly, from wherever", async () => {
    const strict = await TestApp.start({
      rateLimits: { second_factor: { points: 4, windowSeconds: 900 } },
    });
    try {
      const { id } = await strict.organization();
      // One of the four is the code that took the app into use.
      const { ada, secret } = await enrolled(strict, id);
      const wrong = shown(secret, strict, 9);
      for (let guess = 0; guess < 3; guess += 1) {
        expect((await give(await pending(strict, ada), wrong)).status).toBe(401);
      }
      expect((await give(await pending(strict, ada), shown(secret, strict))).status).toBe(429);
    } finally {
      await strict.stop();
    }
  });

  test("changes and removes it by a code of it alone, and not at a console that was left open", async () => {
    const { ada, browser, secret, recoveryCodes } = await enrolled();
    expect(codeOf(await browser.gql(START))).toBe("BAD_USER_INPUT");
    expect(codeOf(await browser.gql(REMOVE, { code: "000000" }))).toBe("BAD_USER_INPUT");
    const next = await browser.gql(START, { code: shown(secret, app) });
    expect(next.body.data.startTotp.secret).not.toBe(secret);
    // Until a code of the new one was shown the present one is in use.
    expect((await give(await pending(app, ada), shown(secret, app, 1))).status).toBe(200);
    app.clock.forward(15 * 60);
    const code = recoveryCodes[1] ?? "";
    for (const [document, given] of [
      [START, { code }],
      [CONFIRM, { code: shown(next.body.data.startTotp.secret, app) }],
      [REMOVE, { code }],
    ] as const) {
      expect(codeOf(await browser.gql(document, given))).toBe("CONFIRMATION_REQUIRED");
    }
    const fresh = await pending(app, ada);
    await give(fresh, code);
    const removed = await fresh.gql(REMOVE, { code: recoveryCodes[2] });
    expect(removed.body.data.removeTotp.viewer).toEqual({ hasTotp: false, recoveryCodesLeft: 0 });
    expect((await new Browser(app).signIn(ada)).body).toEqual({ state: "signed_in" });
  });

  test("is helped by the operator, who ends their sessions", async () => {
    const { ada, browser } = await enrolled();
    const { db, parley } = app;
    const operator = new OperatorService(db, parley.retention, app.clock.now, parley.invites);
    expect(await operator.removeSecondFactor(ada.email)).toBe(ada.id);
    await operator.removeSecondFactor(ada.email);
    const where = { subjectId: ada.id, action: "user.remove_second_factor" };
    expect(await app.db.auditEntry.findMany({ where })).toMatchObject([
      { actorKind: "command_line", changes: [{ before: true, after: false }] },
    ]);
    expect((await browser.gql(VIEWER)).body.data.viewer).toBeNull();
    expect((await new Browser(app).signIn(ada)).body).toEqual({ state: "signed_in" });
  });
});

test("where the operator demands it, a password alone manages no organization", async () => {
  const strict = await TestApp.start({ config: { CONSOLE_REQUIRE_SECOND_FACTOR: "true" } });
  try {
    const { id } = await strict.organization();
    const ada = await person(strict, { [id]: "admin" });
    const browser = await signedIn(strict, ada);
    const [{ scopes }] = (await browser.gql(VIEWER)).body.data.viewer.organizations;
    expect(scopes).not.toContain("ORGANIZATIONS_MANAGE");
    expect(scopes).toContain("AGENTS_MANAGE");
    expect(codeOf(await browser.gql(CREATE_KEY, {}, id))).toBe("FORBIDDEN");
    expect(codeOf(await browser.gql(PERSONAL))).toBe("FORBIDDEN");
    const { secret } = (await browser.gql(START)).body.data.startTotp;
    await browser.gql(CONFIRM, { code: shown(secret, strict) });
    expect(codeOf(await browser.gql(CREATE_KEY, {}, id))).toBeUndefined();
    expect(codeOf(await browser.gql(PERSONAL))).toBeUndefined();
    const [own] = (await browser.gql(VIEWER)).body.data.viewer.organizations;
    expect(own.scopes).toContain("ORGANIZATIONS_MANAGE");
  } finally {
    await strict.stop();
  }
});

test("no token has a second factor of its own", async () => {
  const key = await app.personalToken(organization.id, "admin");
  for (const [document, variables] of [
    [START, {}],
    [CONFIRM, { code: "123456" }],
    [REMOVE, { code: "123456" }],
  ] as const) {
    const headers = { "x-anyreach-org": organization.id };
    expect(codeOf(await app.gql(document, variables, key, headers))).toBe("UNAUTHENTICATED");
  }
});
