import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PUBLIC_URL, TestApp, type Answer } from "../../support/app.js";
import { Browser, PASSWORD, person, signedIn } from "../../support/console.js";

const INVITE =
  "mutation ($input: InviteMemberInput!) { inviteMember(input: $input) { invitation { id email role } link } }";
const REVOKE =
  "mutation ($input: RevokeInvitationInput!) { revokeInvitation(input: $input) { revokedInvitationId } }";
const INVITATIONS = "{ me { organization { invitations { nodes { id email role } } } } }";
const RESET =
  "mutation ($input: CreateResetLinkInput!) { createResetLink(input: $input) { link } }";
const VIEWER =
  "{ viewer { user { id email name } organizations { organization { id } role } hasPassword } }";
const OVER = { detail: "This link is used, over or unknown." };

let app: TestApp;
let organization: { id: string; key: string };
beforeAll(async () => {
  app = await TestApp.start();
  organization = await app.organization();
});
afterAll(() => app.stop());

function code(answer: Answer): string | undefined {
  return answer.body.errors?.[0].extensions.code;
}

function tokenOf(link: string): string {
  const [page, token = ""] = link.split("#");
  expect(page).toBe(`${PUBLIC_URL}/console/link`);
  return token;
}

async function invite(email: string, role = "ADMIN"): Promise<{ id: string; token: string }> {
  const answer = await app.gql(INVITE, { input: { email, role } }, organization.key);
  const { invitation, link } = answer.body.data.inviteMember;
  return { id: invitation.id, token: tokenOf(link) };
}

async function reset(userId: string): Promise<string> {
  const answer = await app.gql(RESET, { input: { userId } }, organization.key);
  return tokenOf(answer.body.data.createResetLink.link);
}

function use(body: object, browser = new Browser(app)): Promise<Answer> {
  return browser.post("/console/api/link/use", body);
}

function look(token: string): Promise<Answer> {
  return new Browser(app).post("/console/api/link", { token });
}

describe("an invitation", () => {
  test("makes a new person a member, once, also side by side", async () => {
    const email = `${randomUUID()}@people.example`;
    const { id, token } = await invite(` ${email.toUpperCase()} `);
    const listed = await app.gql(INVITATIONS, {}, organization.key);
    const { nodes } = listed.body.data.me.organization.invitations;
    expect(nodes).toContainEqual({ id, email, role: "ADMIN" });
    expect((await look(token)).body).toEqual({
      kind: "invitation",
      state: "good",
      email,
      organization: organization.id,
      needs: ["password"],
      hasPassword: false,
    });
    expect((await use({ token })).body.errors).toEqual([
      { path: "password", message: "Is needed.", rule: "required" },
    ]);
    expect((await use({ token, password: "short" })).status).toBe(422);

    const browsers = Array.from({ length: 4 }, () => new Browser(app));
    const answers = await Promise.all(
      browsers.map((browser) => use({ token, password: PASSWORD, name: " Ada " }, browser)),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const { status } of answers) expect([200, 401, 409]).toContain(status);
    const [browser] = browsers.filter(({ cookie }) => cookie !== undefined);
    expect((await browser?.gql(VIEWER))?.body.data.viewer).toMatchObject({
      user: { email, name: "Ada" },
      organizations: [{ organization: { id: organization.id }, role: "ADMIN" }],
    });
    const { id: userId } = await app.db.user.findUniqueOrThrow({ where: { email } });
    const entries = await app.db.auditEntry.findMany({
      where: { subjectId: { in: [id, userId] } },
    });
    expect(entries).toHaveLength(2);
    expect(entries).toContainEqual(expect.objectContaining({ action: "invitation.create" }));
    expect(entries).toContainEqual(
      expect.objectContaining({
        action: "member.add",
        actorKind: "console_session",
        actorId: userId,
        via: "console",
        requestId: expect.any(String),
        changes: [{ path: "role", before: null, after: "admin" }],
      }),
    );
    expect(JSON.stringify(entries)).not.toContain(email);
    const again = await use({ token, password: PASSWORD });
    expect([again.status, again.body]).toEqual([401, OVER]);
    expect((await look(token)).body.state).toBe("over");
    expect((await new Browser(app).signIn({ email })).status).toBe(200);
    expect(
      code(await app.gql(INVITE, { input: { email, role: "VIEWER" } }, organization.key)),
    ).toBe("CONFLICT");
  });

  test("opens nobody's account to who made it: whose it is proves it", async () => {
    const { id: elsewhere } = await app.organization();
    const ada = await person(app, { [elsewhere]: "admin" });
    const { token } = await invite(ada.email, "VIEWER");
    expect((await look(token)).body).toMatchObject({ needs: ["password"], hasPassword: true });
    const wrong = await use({ token, password: "the inviter's own password" });
    expect(wrong.status).toBe(422);
    expect(wrong.headers.getSetCookie()).toEqual([]);
    const browser = new Browser(app);
    expect((await use({ token, password: PASSWORD }, browser)).status).toBe(200);
    expect((await browser.gql(VIEWER)).body.data.viewer.organizations).toHaveLength(2);

    const passwordless = await person(app, { [elsewhere]: "admin" });
    await app.db.user.update({ where: { id: passwordless.id }, data: { passwordHash: null } });
    const other = await invite(passwordless.email);
    expect((await use({ token: other.token, password: PASSWORD })).status).toBe(409);
  });

  test("ends when it is revoked, made again, or seven days old", async () => {
    const email = `${randomUUID()}@people.example`;
    const first = await invite(email);
    const second = await invite(email, "VIEWER");
    expect((await use({ token: first.token, password: PASSWORD })).status).toBe(401);
    const input = { id: second.id };
    const { key } = await app.organization();
    expect(code(await app.gql(REVOKE, { input }, key))).toBe("NOT_FOUND");
    expect((await app.gql(REVOKE, { input }, organization.key)).body.data).toEqual({
      revokeInvitation: { revokedInvitationId: second.id },
    });
    expect((await use({ token: second.token, password: PASSWORD })).status).toBe(401);
    const third = await invite(email);
    app.clock.forward(7 * 24 * 3600);
    expect((await use({ token: third.token, password: PASSWORD })).status).toBe(401);
    expect(
      code(await app.gql(INVITE, { input: { email: "no", role: "VIEWER" } }, organization.key)),
    ).toBe("BAD_USER_INPUT");
  });
});

describe("a reset", () => {
  test("gives another password, and ends every session", async () => {
    const ada = await person(app, { [organization.id]: "viewer" });
    const before = await signedIn(app, ada);
    const former = await reset(ada.id);
    const token = await reset(ada.id);
    expect((await use({ token: former, password: "another long password" })).status).toBe(401);
    expect((await look(token)).body).toMatchObject({ kind: "reset", email: ada.email });
    expect((await before.gql(VIEWER)).body.data.viewer.user.id).toBe(ada.id);
    const browsers = [new Browser(app), new Browser(app)];
    const answers = await Promise.all(
      browsers.map((browser) => use({ token, password: "another long password" }, browser)),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 401]);
    expect((await before.gql(VIEWER)).body.data.viewer).toBeNull();
    expect((await new Browser(app).signIn(ada)).status).toBe(401);
    expect((await new Browser(app).signIn(ada, "another long password")).status).toBe(200);
    const where = { subjectId: ada.id, action: "user.change_password" };
    const redacted = { path: "password", before: "[redacted]", after: "[redacted]" };
    expect(await app.db.auditEntry.findMany({ where })).toEqual([
      expect.objectContaining({ actorId: ada.id, via: "console", changes: [redacted] }),
    ]);
  });

  test("is not for who belongs elsewhere too, neither when it is made nor when it is used", async () => {
    const { id: elsewhere } = await app.organization();
    const ada = await person(app, { [organization.id]: "viewer" });
    const token = await reset(ada.id);
    const joined = { userId: ada.id, organizationId: elsewhere, role: "admin" } as const;
    await app.db.membership.create({ data: { ...joined, createdAt: app.clock.now() } });
    expect((await use({ token, password: "another long password" })).status).toBe(401);
    const input = { userId: ada.id };
    expect(code(await app.gql(RESET, { input }, organization.key))).toBe("CONFLICT");
    const stranger = await person(app, { [elsewhere]: "viewer" });
    for (const userId of [stranger.id, randomUUID()]) {
      expect(code(await app.gql(RESET, { input: { userId } }, organization.key))).toBe("NOT_FOUND");
    }
  });

  test("ends after a day", async () => {
    const ada = await person(app, { [organization.id]: "viewer" });
    const token = await reset(ada.id);
    app.clock.forward(24 * 3600);
    expect((await use({ token, password: "another long password" })).status).toBe(401);
  });
});
