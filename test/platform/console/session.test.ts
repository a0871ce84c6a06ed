import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hashSecret } from "../../../src/platform/auth/token-secret.js";
import { TestApp, type Answer } from "../../support/app.js";
import { Browser, FROM_CONSOLE, PASSWORD, person, signedIn } from "../../support/console.js";

const VIEWER =
  "{ viewer { user { id email name } organizations { organization { id } role scopes } session { id } sessions { id } hasPassword } }";
const AGENTS = "{ agents { nodes { id } } }";
const CREATE_KEY =
  'mutation { createApiKey(input: { name: "k", scopes: [AGENTS_READ] }) { apiKey { id } } }';
const CHANGE =
  "mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { viewer { sessions { id } } } }";

let app: TestApp;
let organization: { id: string; key: string };
let other: { id: string; key: string };
beforeAll(async () => {
  app = await TestApp.start();
  organization = await app.organization();
  other = await app.organization();
});
afterAll(() => app.stop());

function code(answer: Answer): string | undefined {
  return answer.body.errors?.[0].extensions.code;
}

/** The name and value of an answer's cookie. */
function cookieOf(answer: Answer): string {
  return answer.headers.getSetCookie()[0]?.split(";")[0] ?? "";
}

describe("who signs in", () => {
  test("gets a cookie that scripts cannot read, and is who they are", async () => {
    const ada = await person(app, { [organization.id]: "admin" });
    const browser = new Browser(app);
    const answer = await browser.post("/console/api/sign-in", {
      email: ` ${ada.email.toUpperCase()} `,
      password: PASSWORD,
    });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ state: "signed_in" });
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.getSetCookie()).toEqual([
      expect.stringMatching(
        /^parley=[\w-]{43}; Path=\/; Max-Age=604800; HttpOnly; SameSite=Lax$/,
      ) as string,
    ]);
    const { viewer } = (await browser.gql(VIEWER)).body.data;
    expect(viewer).toMatchObject({
      user: { id: ada.id, email: ada.email, name: "Ada" },
      organizations: [{ organization: { id: organization.id }, role: "ADMIN" }],
      hasPassword: true,
    });
    expect(viewer.sessions).toEqual([viewer.session]);
  });

  test("has a cookie of this host alone over https", async () => {
    const secure = await TestApp.start({ config: { PUBLIC_URL: "https://parley.test" } });
    try {
      const answer = await new Browser(secure).signIn(await person(secure));
      expect(answer.headers.getSetCookie()).toEqual([
        expect.stringMatching(/^__Host-parley=[\w-]{43}; Path=\/; .*; Secure$/) as string,
      ]);
      const plain = new Browser(secure);
      plain.cookie = cookieOf(answer).replace("__Host-", "");
      expect((await plain.gql(VIEWER)).body.data.viewer).toBeNull();
    } finally {
      await secure.stop();
    }
  });

  test("never takes over a session that was planted, and ends the browser's former one", async () => {
    const ada = await person(app);
    const browser = new Browser(app);
    browser.cookie = `parley=${"A".repeat(43)}`;
    await browser.signIn(ada);
    expect(browser.cookie).not.toContain("AAAA");
    const before = browser.copy();
    await browser.signIn(ada);
    expect(browser.cookie).not.toBe(before.cookie);
    expect((await before.gql(VIEWER)).body.data.viewer).toBeNull();
    expect((await browser.gql(VIEWER)).body.data.viewer.user.id).toBe(ada.id);
  });

  test("leaves nothing in the database that signs anybody in", async () => {
    const ada = await person(app);
    const browser = await signedIn(app, ada);
    const secret = browser.cookie?.slice("parley=".length) ?? "";
    const [row] = await app.db.consoleSession.findMany({ where: { userId: ada.id } });
    expect(row?.secretHash).toEqual(hashSecret(secret));
    const { passwordHash } = await app.db.user.findUniqueOrThrow({ where: { id: ada.id } });
    expect(passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  test("is told one sentence for a wrong password, an unknown address and one without a password", async () => {
    const ada = await person(app);
    const passwordless = await person(app);
    await app.db.user.update({ where: { id: passwordless.id }, data: { passwordHash: null } });
    for (const [email, password] of [
      [ada.email, "not the password"],
      [`${randomUUID()}@people.example`, PASSWORD],
      [passwordless.email, PASSWORD],
      [passwordless.email, "nobody's"],
    ] as const) {
      const answer = await new Browser(app).signIn({ email }, password);
      expect(answer.status).toBe(401);
      expect(answer.body).toEqual({ detail: "The address or the password is wrong." });
      expect(answer.headers.get("www-authenticate")).toBeNull();
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
  });
});

describe("a session counts", () => {
  test("not without the console's header, and not from another site", async () => {
    const ada = await person(app, { [organization.id]: "admin" });
    const { cookie = "" } = await signedIn(app, ada);
    const incomplete: Record<string, string>[] = [
      {},
      { "x-parley-console": "1" },
      { "sec-fetch-site": "same-origin" },
      { "sec-fetch-site": "cross-site", "x-parley-console": "1" },
      { "sec-fetch-site": "same-site", "x-parley-console": "1" },
      { "sec-fetch-site": "none", "x-parley-console": "1" },
    ];
    for (const headers of incomplete) {
      const given = { cookie, "x-anyreach-org": organization.id, ...headers };
      const viewer = await app.gql(VIEWER, {}, undefined, given);
      expect(viewer.body.data.viewer).toBeNull();
      const agents = await app.gql(AGENTS, {}, undefined, given);
      expect(code(agents)).toBe("UNAUTHENTICATED");
      const own = await app.post("/console/api/sign-out", {}, undefined, { cookie, ...headers });
      expect(own.status).toBe(403);
    }
    const form = await app.call("POST", "/console/api/sign-in", {
      body: `email=${ada.email}&password=${PASSWORD}`,
      headers: { ...FROM_CONSOLE, "content-type": "application/x-www-form-urlencoded" },
    });
    expect(form.status).toBe(415);
  });

  test("on no other route", async () => {
    const ada = await person(app, { [organization.id]: "admin" });
    const { cookie = "" } = await signedIn(app, ada);
    const headers = { cookie, ...FROM_CONSOLE, "x-anyreach-org": organization.id };
    for (const path of ["/core/agents", "/core/web-widgets", "/core/conversations"]) {
      const answer = await app.get(path, undefined, headers);
      expect(answer.status, path).toBe(401);
    }
    const widget = await app.widget(organization.key);
    const path = `/core/public/web-widgets/${widget.id}/conversations`;
    const [withIt, without] = [await app.get(path, undefined, headers), await app.get(path)];
    expect([withIt.status, withIt.body]).toEqual([without.status, without.body]);
    expect((await app.get(`/core/agents?/graphql`, undefined, headers)).status).toBe(401);
  });

  test("in the organizations of its person alone, as what they are there now", async () => {
    const ada = await person(app, { [organization.id]: "admin" });
    const browser = await signedIn(app, ada);
    expect((await browser.gql(AGENTS, {}, organization.id)).body.errors).toBeUndefined();
    expect(code(await browser.gql(AGENTS, {}, other.id))).toBe("FORBIDDEN");
    expect(code(await browser.gql(AGENTS, {}, randomUUID()))).toBe("FORBIDDEN");
    expect(code(await browser.gql(AGENTS))).toBe("BAD_REQUEST");
    expect((await browser.gql(CREATE_KEY, {}, organization.id)).body.errors).toBeUndefined();

    const where = {
      userId_organizationId: { userId: ada.id, organizationId: organization.id },
    };
    await app.db.membership.update({ where, data: { role: "viewer" } });
    expect(code(await browser.gql(CREATE_KEY, {}, organization.id))).toBe("FORBIDDEN");
    expect((await browser.gql(AGENTS, {}, organization.id)).body.errors).toBeUndefined();
    await app.db.membership.delete({ where });
    expect(code(await browser.gql(AGENTS, {}, organization.id))).toBe("FORBIDDEN");
    expect((await browser.gql(VIEWER)).body.data.viewer.organizations).toEqual([]);
  });

  test("by GraphQL's stream too", async () => {
    const ada = await person(app, { [organization.id]: "admin" });
    const { cookie = "" } = await signedIn(app, ada);
    const ask = (headers: Record<string, string>): Promise<Answer> =>
      app.post("/graphql/stream", { query: "{ viewer { user { id } } }" }, undefined, {
        accept: "text/event-stream",
        cookie,
        "x-anyreach-org": organization.id,
        ...headers,
      });
    // Who is known is told that this is no subscription.
    expect((await ask(FROM_CONSOLE)).status).toBe(400);
    expect((await ask({})).status).toBe(401);
  });

  test("less than a bearer token that comes with it", async () => {
    const { cookie = "" } = await signedIn(app, await person(app, { [other.id]: "admin" }));
    const headers = { cookie, ...FROM_CONSOLE, "x-anyreach-org": other.id };
    const answer = await app.gql(
      "{ viewer { user { id } } me { organization { id } } }",
      {},
      organization.key,
      headers,
    );
    expect(answer.body.data).toEqual({
      viewer: null,
      me: { organization: { id: organization.id } },
    });
  });

  test("not when two cookies have its name", async () => {
    const browser = await signedIn(app, await person(app));
    browser.cookie = `parley=${"A".repeat(43)}; ${browser.cookie}`;
    expect((await browser.gql(VIEWER)).body.data.viewer).toBeNull();
  });
});

describe("a session ends", () => {
  test("by sign-out, at once and for whoever has its cookie", async () => {
    const browser = await signedIn(app, await person(app, { [organization.id]: "admin" }));
    const thief = browser.copy();
    const answer = await browser.post("/console/api/sign-out");
    expect(answer.status).toBe(204);
    expect(answer.headers.getSetCookie()).toEqual([
      "parley=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax",
    ]);
    expect((await thief.gql(VIEWER)).body.data.viewer).toBeNull();
    expect(code(await thief.gql(AGENTS, {}, organization.id))).toBe("UNAUTHENTICATED");
    expect((await thief.post("/console/api/sign-out")).status).toBe(204);
  });

  test("after twelve hours without use, and after seven days with any", async () => {
    const timed = await TestApp.start();
    try {
      const ada = await person(timed);
      const idle = await signedIn(timed, ada);
      timed.clock.forward(11.9 * 3600);
      expect((await idle.gql(VIEWER)).body.data.viewer.user.id).toBe(ada.id);
      timed.clock.forward(11.9 * 3600);
      expect((await idle.gql(VIEWER)).body.data.viewer.user.id).toBe(ada.id);
      timed.clock.forward(12.1 * 3600);
      expect((await idle.gql(VIEWER)).body.data.viewer).toBeNull();

      const busy = await signedIn(timed, ada);
      for (let hours = 0; hours < 160; hours += 10) {
        expect((await busy.gql(VIEWER)).body.data.viewer.user.id).toBe(ada.id);
        timed.clock.forward(10 * 3600);
      }
      timed.clock.forward(9 * 3600);
      expect((await busy.gql(VIEWER)).body.data.viewer).toBeNull();
      await timed.parley.sessions.sweep();
      expect(await timed.db.consoleSession.count()).toBe(0);
    } finally {
      await timed.stop();
    }
  });

  test("by a change of the password, but for the one that changes it", async () => {
    const ada = await person(app);
    const [browser, elsewhere] = [await signedIn(app, ada), await signedIn(app, ada)];
    const newPassword = "another long password";
    const wrong = await browser.gql(CHANGE, {
      input: { currentPassword: "not the password", newPassword },
    });
    expect(wrong.body.errors[0].extensions).toEqual({
      code: "BAD_USER_INPUT",
      errors: [
        { path: "currentPassword", message: "Is not the present password.", rule: "password" },
      ],
    });
    expect(code(await browser.gql(CHANGE, { input: { newPassword } }))).toBe("BAD_USER_INPUT");
    const short = { currentPassword: PASSWORD, newPassword: "too short" };
    expect(code(await browser.gql(CHANGE, { input: short }))).toBe("BAD_USER_INPUT");
    expect((await elsewhere.gql(VIEWER)).body.data.viewer.sessions).toHaveLength(2);

    const answer = await browser.gql(CHANGE, { input: { currentPassword: PASSWORD, newPassword } });
    expect(answer.body.data.changePassword.viewer.sessions).toHaveLength(1);
    expect((await elsewhere.gql(VIEWER)).body.data.viewer).toBeNull();
    expect((await browser.gql(VIEWER)).body.data.viewer.user.id).toBe(ada.id);
    expect((await new Browser(app).signIn(ada)).status).toBe(401);
    expect((await new Browser(app).signIn(ada, newPassword)).status).toBe(200);
    // What was refused left none.
    const where = { subjectId: ada.id, action: "user.change_password" };
    expect(await app.db.auditEntry.findMany({ where })).toEqual([
      expect.objectContaining({ actorKind: "console_session", actorId: ada.id }),
    ]);
  });

  test("so that of two changes side by side one counts", async () => {
    const ada = await person(app);
    const browsers = [await signedIn(app, ada), await signedIn(app, ada)];
    const answers = await Promise.all(
      browsers.map((browser, at) =>
        browser.gql(CHANGE, {
          input: { currentPassword: PASSWORD, newPassword: `another password ${at}` },
        }),
      ),
    );
    expect(answers.filter(({ body }) => body.errors === undefined)).toHaveLength(1);
    expect(await app.db.consoleSession.count({ where: { userId: ada.id } })).toBe(1);
  });
});

test("what is a person's own, a token has not, and nobody", async () => {
  for (const key of [
    organization.key,
    await app.personalToken(organization.id, "admin"),
    undefined,
  ]) {
    expect((await app.gql(VIEWER, {}, key)).body).toEqual({ data: { viewer: null } });
    const input = { newPassword: "another long password" };
    expect(code(await app.gql(CHANGE, { input }, key))).toBe("UNAUTHENTICATED");
  }
});
