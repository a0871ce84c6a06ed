import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestApp } from "../../support/app.js";
import { Browser, codeOf, PASSWORD, person, signedIn } from "../../support/console.js";

const SESSIONS =
  "{ viewer { session { id } sessions { id createdAt lastSeenAt expiresAt current } } }";
const UPDATE =
  "mutation ($name: String!) { updateViewer(input: { name: $name }) { viewer { user { name } } } }";
const END = "mutation ($id: UUID!) { endSession(input: { id: $id }) { endedSessionId } }";
const CONFIRMED = "{ viewer { session { createdAt confirmedAt } } }";
const MEMBERS = "{ me { organization { members { nodes { user { id } lastSeenAt } } } } }";

let app: TestApp;
let organization: { id: string; key: string };
beforeAll(async () => {
  app = await TestApp.start();
  organization = await app.organization();
});
afterAll(() => app.stop());

test("a person says what they are called", async () => {
  const ada = await person(app);
  const browser = await signedIn(app, ada);
  const answer = await browser.gql(UPDATE, { name: " Grace " });
  expect(answer.body.data).toEqual({ updateViewer: { viewer: { user: { name: "Grace" } } } });
  expect(codeOf(await browser.gql(UPDATE, { name: "Grace" }))).toBeUndefined();
  expect(codeOf(await browser.gql(UPDATE, { name: "x".repeat(201) }))).toBe("BAD_USER_INPUT");
  expect(codeOf(await app.gql(UPDATE, { name: "Key" }, organization.key))).toBe("UNAUTHENTICATED");
  // What was refused, and what changed nothing, left none.
  const where = { subjectId: ada.id };
  expect(await app.db.auditEntry.findMany({ where })).toEqual([
    expect.objectContaining({
      action: "user.update",
      organizationId: null,
      actorKind: "console_session",
      actorId: ada.id,
      changes: [{ path: "name", before: "Ada", after: "Grace" }],
    }),
  ]);
});

describe("a person's sessions", () => {
  test("are seen from each, which says when it was last used", async () => {
    const ada = await person(app);
    const first = await signedIn(app, ada);
    app.clock.forward(3600);
    const second = await signedIn(app, ada);
    app.clock.forward(120);
    const { viewer } = (await first.gql(SESSIONS)).body.data;
    expect(viewer.sessions.map((one: { current: boolean }) => one.current)).toEqual([false, true]);
    expect(viewer.sessions[1].id).toBe(viewer.session.id);
    const [, own] = (await second.gql(SESSIONS)).body.data.viewer.sessions;
    expect(own.current).toBe(false);
    expect(Date.parse(own.lastSeenAt) - Date.parse(own.createdAt)).toBeGreaterThanOrEqual(
      3_720_000,
    );
  });

  test("are ended one by one, and nobody else's", async () => {
    const ada = await person(app);
    const [one, two] = [await signedIn(app, ada), await signedIn(app, ada)];
    const id = (await two.gql(SESSIONS)).body.data.viewer.session.id;
    const stranger = await signedIn(app, await person(app, { [organization.id]: "admin" }));
    expect(codeOf(await stranger.gql(END, { id }))).toBe("NOT_FOUND");
    expect(codeOf(await one.gql(END, { id: randomUUID() }))).toBe("NOT_FOUND");
    expect((await one.gql(END, { id })).body.data).toEqual({ endSession: { endedSessionId: id } });
    expect((await two.gql(SESSIONS)).body.data.viewer).toBeNull();
    expect((await one.gql(SESSIONS)).body.data.viewer.sessions).toHaveLength(1);
    expect((await stranger.gql(SESSIONS)).body.data.viewer).not.toBeNull();
    const present = (await one.gql(SESSIONS)).body.data.viewer.session.id;
    expect(await app.db.auditEntry.findMany({ where: { action: "user.end_session" } })).toEqual([
      expect.objectContaining({
        organizationId: null,
        actorId: ada.id,
        credentialId: present,
        subjectId: ada.id,
        changes: [{ path: "session", before: id, after: null }],
      }),
    ]);
  });
});

test("what a person changes of themselves is not written where it cannot be told", async () => {
  const ada = await person(app);
  const [one, two] = [await signedIn(app, ada), await signedIn(app, ada)];
  const id = (await two.gql(SESSIONS)).body.data.viewer.session.id;
  await app.db.$executeRaw`ALTER TABLE audit_entries RENAME TO audit_entries_away`;
  try {
    expect(codeOf(await one.gql(UPDATE, { name: "Grace" }))).toBe("INTERNAL_SERVER_ERROR");
    expect(codeOf(await one.gql(END, { id }))).toBe("INTERNAL_SERVER_ERROR");
  } finally {
    await app.db.$executeRaw`ALTER TABLE audit_entries_away RENAME TO audit_entries`;
  }
  expect(await app.db.user.findUnique({ where: { id: ada.id } })).toMatchObject({ name: "Ada" });
  expect((await two.gql(SESSIONS)).body.data.viewer).not.toBeNull();
});

test("an administrator sees when a member last used the console for the organization", async () => {
  const { id, key } = await app.organization();
  const { id: elsewhere } = await app.organization();
  const ada = await person(app, { [id]: "viewer", [elsewhere]: "viewer" });
  const seen = async (): Promise<unknown> =>
    (await app.gql(MEMBERS, {}, key)).body.data.me.organization.members.nodes[0].lastSeenAt;
  const browser = await signedIn(app, ada);
  await browser.gql("{ agents { nodes { id } } }", {}, elsewhere);
  expect(await seen()).toBeNull();
  await browser.gql("{ agents { nodes { id } } }", {}, id);
  const before = app.clock.now();
  app.clock.forward(60);
  await browser.gql("{ agents { nodes { id } } }", {}, id);
  expect(Date.parse(String(await seen()))).toBeGreaterThan(before.getTime());
});

describe("what is secret", () => {
  /** Each makes one. */
  const SECRETS: Readonly<Record<string, string>> = {
    createApiKey:
      'mutation { createApiKey(input: { name: "k", scopes: [AGENTS_READ] }) { secret } }',
    inviteMember:
      'mutation { inviteMember(input: { email: "new@people.example", role: VIEWER }) { link } }',
    createResetLink:
      "mutation ($member: UUID!) { createResetLink(input: { userId: $member }) { link } }",
    rotateWidgetIdentitySecret:
      "mutation ($widget: UUID!) { rotateWidgetIdentitySecret(input: { id: $widget }) { secret } }",
  };

  test("is made for a quarter of an hour after a sign-in, and after the password was given again", async () => {
    const timed = await TestApp.start();
    try {
      const { id, key } = await timed.organization();
      const browser = await signedIn(timed, await person(timed, { [id]: "admin" }));
      const member = (await person(timed, { [id]: "viewer" })).id;
      const widget = (await timed.widget(key)).id;
      const codes = async (): Promise<unknown[]> => {
        const all = Object.values(SECRETS).map((document) => {
          const used = { member, widget };
          const names = Object.keys(used).filter((name) => document.includes(`$${name}`));
          const given = Object.entries(used).filter(([name]) => names.includes(name));
          return browser.gql(document, Object.fromEntries(given), id);
        });
        return (await Promise.all(all)).map(codeOf);
      };
      const REQUIRED = Object.values(SECRETS).map(() => "CONFIRMATION_REQUIRED");
      expect(await codes()).toEqual(REQUIRED.map(() => undefined));
      timed.clock.forward(15 * 60);
      expect(await codes()).toEqual(REQUIRED);
      expect(await timed.db.apiKey.count({ where: { name: "k" } })).toBe(1);

      const wrong = await browser.post("/console/api/confirm", { password: "not the password" });
      expect([wrong.status, wrong.body.errors]).toEqual([
        422,
        [{ path: "password", message: "Is not the present password.", rule: "password" }],
      ]);
      expect(await codes()).toEqual(REQUIRED);
      const right = await browser.post("/console/api/confirm", { password: PASSWORD });
      expect(right.status).toBe(204);
      expect(await codes()).toEqual(REQUIRED.map(() => undefined));
      const { session } = (await browser.gql(CONFIRMED)).body.data.viewer;
      const apart = Date.parse(session.confirmedAt) - Date.parse(session.createdAt);
      expect(apart).toBeGreaterThanOrEqual(15 * 60_000);
      timed.clock.forward(15 * 60);
      expect(await codes()).toEqual(REQUIRED);
      // Keys are proof enough.
      expect(codeOf(await timed.gql(SECRETS["createApiKey"] ?? "", {}, key))).toBeUndefined();
    } finally {
      await timed.stop();
    }
  });

  test("is guessed at no faster than at the door, and not without a session", async () => {
    const strict = await TestApp.start({
      rateLimits: { sign_in_account: { points: 3, windowSeconds: 900 } },
    });
    try {
      const confirm = (browser: Browser, password: string): Promise<number> =>
        browser.post("/console/api/confirm", { password }).then(({ status }) => status);
      const browser = await signedIn(strict, await person(strict));
      for (const guess of ["1", "2", "3"]) expect(await confirm(browser, guess)).toBe(422);
      expect(await confirm(browser, PASSWORD)).toBe(429);
      expect(await confirm(new Browser(strict), PASSWORD)).toBe(401);
      const passwordless = await person(strict);
      const open = await signedIn(strict, passwordless);
      const where = { id: passwordless.id };
      await strict.db.user.update({ where, data: { passwordHash: null } });
      expect(await confirm(open, "")).toBe(409);
    } finally {
      await strict.stop();
    }
  });
});

test("links that are over are swept away, and no others", async () => {
  const timed = await TestApp.start();
  try {
    const { id, key } = await timed.organization();
    const { id: userId } = await person(timed, { [id]: "viewer" });
    const invite = (email: string): Promise<unknown> =>
      timed.gql(
        "mutation ($email: String!) { inviteMember(input: { email: $email, role: VIEWER }) { link } }",
        { email },
        key,
      );
    await invite("first@people.example");
    timed.clock.forward(6 * 24 * 3600);
    await invite("second@people.example");
    await timed.gql(
      "mutation ($userId: UUID!) { createResetLink(input: { userId: $userId }) { link } }",
      { userId },
      key,
    );
    await timed.parley.invites.sweep();
    expect(await timed.db.invitation.count()).toBe(2);
    timed.clock.forward(24 * 3600);
    await timed.parley.invites.sweep();
    expect(await timed.db.invitation.findMany()).toMatchObject([
      { email: "second@people.example" },
    ]);
    expect(await timed.db.passwordReset.count()).toBe(0);
  } finally {
    await timed.stop();
  }
});
