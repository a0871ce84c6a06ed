import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OIDC_CALLBACK } from "../../../src/protocol/console-api.js";
import { PUBLIC_URL, TestApp, type Answer } from "../../support/app.js";
import { Browser, codeOf, person, signedIn } from "../../support/console.js";
import { TestProvider, type ProviderPerson } from "../../support/oidc-provider.js";

const VIEWER =
  "{ viewer { user { id email name } organizations { organization { id } role } hasPassword provider { name isConnected } session { id hasSecondFactor } } }";
const HOME = `${PUBLIC_URL}/console`;

let provider: TestProvider;
let app: TestApp;
let organization: { id: string; key: string };
beforeAll(async () => {
  provider = await TestProvider.start(`${PUBLIC_URL}${OIDC_CALLBACK}`);
  app = await TestApp.start({ config: provider.config });
  organization = await app.organization();
});
afterAll(async () => {
  await app.stop();
  await provider.stop();
});

/** Somebody of the company, with a verified address. */
function somebody(given: Partial<ProviderPerson> = {}): ProviderPerson & { email: string } {
  const sub = randomUUID();
  return { sub, email: `${sub}@acme.example`, email_verified: true, name: "Grace", ...given };
}

async function invite(
  email: string,
  { role = "viewer" as "admin" | "viewer", organizationId = organization.id } = {},
): Promise<string> {
  const author = {
    organizationId,
    actorKind: "command_line",
    actorId: null,
    credentialId: null,
    via: "command_line",
    requestId: null,
  } as const;
  const { link } = await app.parley.invites.inviteTo(author, { email, role });
  return link.split("#")[1] ?? "";
}

async function startUrl(
  browser: Browser,
  purpose: "sign_in" | "connect" | "confirm" = "sign_in",
  returnTo = "/",
): Promise<string> {
  const answer = await browser.post("/console/api/oidc/start", { purpose, returnTo });
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.body.url;
}

/** The platform's own path, with its query. */
function below(address: URL): string {
  return address.pathname + address.search;
}

/** A whole way there and back. */
async function through(
  browser: Browser,
  who: ProviderPerson | undefined,
  purpose: "sign_in" | "connect" | "confirm" = "sign_in",
  returnTo = "/",
): Promise<Answer> {
  provider.person = who;
  return browser.open(below(await provider.visit(await startUrl(browser, purpose, returnTo))));
}

async function viewerOf(browser: Browser): Promise<Answer["body"]> {
  return (await browser.gql(VIEWER)).body.data.viewer;
}

/** What the sign-in page is told to say; nobody is signed in. */
async function expectRefused(browser: Browser, answer: Answer, why: string): Promise<void> {
  expect([answer.status, answer.headers.get("location")]).toEqual([
    303,
    `${HOME}/sign-in?oidc=${why}`,
  ]);
  expect(await viewerOf(browser)).toBeNull();
}

describe("an invited person", () => {
  test("signs in by the provider, uses the invitation up, and is a member with its role", async () => {
    const grace = somebody();
    const browser = new Browser(app);
    await invite(grace.email.toUpperCase(), { role: "admin" });
    const answer = await through(browser, grace, "sign_in", "/people?a=b");
    expect([answer.status, answer.headers.get("location")]).toEqual([303, `${HOME}/people?a=b`]);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(browser.others.size).toBe(0);
    const viewer = await viewerOf(browser);
    expect(viewer).toMatchObject({
      user: { email: grace.email, name: "Grace" },
      organizations: [{ organization: { id: organization.id }, role: "ADMIN" }],
      hasPassword: false,
      provider: { name: "Acme", isConnected: true },
      session: { hasSecondFactor: false },
    });
    expect(await app.db.invitation.count({ where: { email: grace.email } })).toBe(0);
    const entries = await app.db.auditEntry.findMany({ where: { subjectId: viewer.user.id } });
    expect(entries.map(({ action }) => action).toSorted()).toEqual([
      "member.add",
      "user.connect_provider",
    ]);
    expect(JSON.stringify(entries)).not.toContain(grace.sub);

    // From then on by the subject: an address may change, and its verification be lost.
    const later = new Browser(app);
    const moved = { ...grace, email: "new@acme.example", email_verified: false };
    expect((await through(later, moved)).headers.get("location")).toBe(`${HOME}/`);
    expect((await viewerOf(later)).user.id).toBe(viewer.user.id);
  });

  test("who has an account by the provider joins another organization by signing in", async () => {
    const grace = somebody();
    await invite(grace.email);
    await through(new Browser(app), grace);
    const other = (await app.organization()).id;
    const token = await invite(grace.email, { organizationId: other });
    // The link alone opens no account that is somebody's.
    const byLink = await new Browser(app).post("/console/api/link/use", {
      token,
      password: "a password of somebody else",
    });
    expect(byLink.status).toBe(409);
    const browser = new Browser(app);
    await through(browser, grace);
    expect((await viewerOf(browser)).organizations).toHaveLength(2);
  });

  test("is told the provider's name before", async () => {
    const { body } = await new Browser(app).open("/console/api/options");
    expect(body.detail).toBeDefined();
    const options = await app.get("/console/api/options", undefined, {
      "sec-fetch-site": "same-origin",
      "x-parley-console": "1",
    });
    expect(options.body).toEqual({ development: false, provider: "Acme" });
  });
});

describe("who was not invited", () => {
  test("is told so, and no account is made", async () => {
    const eve = somebody();
    const browser = new Browser(app);
    await expectRefused(browser, await through(browser, eve), "not_invited");
    expect(await app.db.user.count({ where: { email: eve.email } })).toBe(0);
    expect(await app.db.oidcAccount.count({ where: { subject: eve.sub } })).toBe(0);
  });

  test("is not let in by an invitation that is over or was withdrawn", async () => {
    const late = somebody();
    await invite(late.email);
    await app.db.invitation.updateMany({
      where: { email: late.email },
      data: { expiresAt: app.clock.now() },
    });
    const browser = new Browser(app);
    await expectRefused(browser, await through(browser, late), "not_invited");
  });

  test("is not let in by an address that the provider does not know to be theirs", async () => {
    for (const email_verified of [false, undefined]) {
      const eve = somebody();
      await invite(eve.email);
      const { email_verified: _, ...unsaid } = eve;
      const who = email_verified === undefined ? unsaid : { ...eve, email_verified };
      const browser = new Browser(app);
      await expectRefused(browser, await through(browser, who), "email_not_verified");
      expect(await app.db.invitation.count({ where: { email: eve.email } })).toBe(1);
    }
    const nameless = { sub: randomUUID(), email_verified: true };
    const browser = new Browser(app);
    await expectRefused(browser, await through(browser, nameless), "email_not_verified");
  });

  test("does not come into an account by its address, invited or not", async () => {
    const ada = await person(app, { [organization.id]: "admin" });
    const browser = new Browser(app);
    const eve = somebody({ email: ada.email });
    await expectRefused(browser, await through(browser, eve), "account_exists");
    // Who made this account by an earlier invitation knows its password, and may be anybody.
    await invite(ada.email, { organizationId: (await app.organization()).id });
    await expectRefused(browser, await through(browser, eve), "account_exists");
    expect(await app.db.membership.count({ where: { userId: ada.id } })).toBe(1);
  });

  test("and comes into one that nobody can open, with an invitation", async () => {
    const grace = somebody();
    const id = randomUUID();
    const createdAt = app.clock.now();
    await app.db.user.create({ data: { id, email: grace.email, name: "", createdAt } });
    const browser = new Browser(app);
    await expectRefused(browser, await through(browser, grace), "account_exists");
    await invite(grace.email);
    await through(browser, grace);
    expect((await viewerOf(browser)).user.id).toBe(id);
  });
});

describe("somebody who is a member", () => {
  /** By the provider alone. */
  async function member(
    given: Partial<ProviderPerson> = {},
  ): Promise<{ grace: ProviderPerson & { email: string }; browser: Browser; id: string }> {
    const grace = somebody(given);
    await invite(grace.email, { role: "admin" });
    const browser = new Browser(app);
    await through(browser, grace);
    const { user } = await viewerOf(browser);
    return { grace, browser, id: user.id };
  }

  test("who is removed has nothing any more, and what they had begun is over", async () => {
    const { grace, browser, id } = await member();
    provider.person = grace;
    const back = below(await provider.visit(await startUrl(browser, "connect")));
    await app.db.membership.deleteMany({ where: { userId: id } });
    await app.db.consoleSession.deleteMany({ where: { userId: id } });
    const answer = await browser.open(back);
    expect(answer.headers.get("location")).toBe(`${HOME}/sign-in?oidc=start_again`);
    const again = new Browser(app);
    await through(again, grace);
    expect((await viewerOf(again)).organizations).toEqual([]);
    const refused = await again.gql("{ agents { nodes { id } } }", {}, organization.id);
    expect(codeOf(refused)).toBe("FORBIDDEN");
  });

  test("has shown more than a password where the provider says so, and only there", async () => {
    const many = await member({ amr: ["pwd", "mfa"] });
    expect((await viewerOf(many.browser)).session.hasSecondFactor).toBe(true);
    const one = await member({ amr: ["pwd", "otp"] });
    expect((await viewerOf(one.browser)).session.hasSecondFactor).toBe(false);
  });

  test("is asked for the code of an authenticator app, unless the provider asked for more", async () => {
    const { grace, id } = await member();
    await app.db.secondFactor.create({ data: { userId: id, secret: new Uint8Array([1]) } });
    const browser = new Browser(app);
    const answer = await through(browser, grace, "sign_in", "/people");
    expect(answer.headers.get("location")).toBe(
      `${HOME}/sign-in?return_to=%2Fpeople&oidc=second_factor`,
    );
    expect(await viewerOf(browser)).toBeNull();
    const code = await browser.post("/console/api/second-factor", { code: "123456" });
    expect(code.body.detail).toBe("The code is wrong, or was used before.");
    const strong = new Browser(app);
    await through(strong, { ...grace, amr: ["mfa"] });
    expect((await viewerOf(strong)).user.id).toBe(id);
  });

  test("makes a secret only once the provider has asked them again", async () => {
    const CREATE =
      'mutation { createApiKey(input: { name: "k", scopes: [AGENTS_READ] }) { apiKey { id } } }';
    // Signed in there hours ago, and here without a question.
    const { grace, browser } = await member({ at: new Date(Date.now() - 3 * 3_600_000) });
    expect(codeOf(await browser.gql(CREATE, {}, organization.id))).toBe("CONFIRMATION_REQUIRED");
    const stale = await through(browser, grace, "confirm", "/keys?x=y");
    expect(provider.asked.get("prompt")).toBe("login");
    expect(provider.asked.get("max_age")).toBe("0");
    expect(stale.headers.get("location")).toBe(`${HOME}/keys?x=y&oidc=not_asked_again`);
    const other = await through(browser, somebody(), "confirm");
    expect(other.headers.get("location")).toBe(`${HOME}/?oidc=another_person`);
    expect(codeOf(await browser.gql(CREATE, {}, organization.id))).toBe("CONFIRMATION_REQUIRED");
    const now = { ...grace, at: new Date() };
    const fresh = await through(browser, now, "confirm", "/keys");
    expect(fresh.headers.get("location")).toBe(`${HOME}/keys?oidc=confirmed`);
    expect((await browser.gql(CREATE, {}, organization.id)).body.errors).toBeUndefined();
  });

  test("connects the provider, signs in by it, and disconnects it while there is a password", async () => {
    const ada = await person(app, { [organization.id]: "admin" });
    const browser = await signedIn(app, ada);
    const atAcme = somebody({ email: "ada@elsewhere.example", email_verified: false });
    const connected = await through(browser, atAcme, "connect", "/you");
    expect(connected.headers.get("location")).toBe(`${HOME}/you?oidc=connected`);
    expect((await viewerOf(browser)).provider.isConnected).toBe(true);
    const elsewhere = new Browser(app);
    await through(elsewhere, atAcme);
    expect((await viewerOf(elsewhere)).user.id).toBe(ada.id);

    const again = await through(browser, atAcme, "connect", "/you");
    expect(again.headers.get("location")).toBe(`${HOME}/you?oidc=connected`);
    const another = await through(browser, somebody(), "connect", "/you");
    expect(another.headers.get("location")).toBe(`${HOME}/you?oidc=already_connected`);
    const stranger = await signedIn(app, await person(app, { [organization.id]: "viewer" }));
    const taken = await through(stranger, atAcme, "connect", "/you");
    expect(taken.headers.get("location")).toBe(`${HOME}/you?oidc=taken`);

    expect((await browser.post("/console/api/oidc/disconnect", {})).status).toBe(204);
    expect((await browser.post("/console/api/oidc/disconnect", {})).status).toBe(204);
    expect((await viewerOf(browser)).provider.isConnected).toBe(false);
    const late = new Browser(app);
    await expectRefused(late, await through(late, atAcme), "email_not_verified");
    const entries = await app.db.auditEntry.findMany({
      where: { subjectId: ada.id },
      orderBy: { createdAt: "asc" },
    });
    expect(entries.map(({ action, actorId }) => [action, actorId])).toEqual([
      ["user.connect_provider", ada.id],
      ["user.disconnect_provider", ada.id],
    ]);
  });

  test("does neither without a session, nor in one that nobody has confirmed for a while", async () => {
    const ada = await person(app, { [organization.id]: "admin" });
    const nobody = new Browser(app);
    for (const purpose of ["connect", "confirm"]) {
      const path = "/console/api/oidc/start";
      expect((await nobody.post(path, { purpose, returnTo: "/" })).status).toBe(401);
    }
    expect((await nobody.post("/console/api/oidc/disconnect", {})).status).toBe(401);
    const browser = await signedIn(app, ada);
    const createdAt = new Date(app.clock.now().getTime() - 16 * 60_000);
    await app.db.consoleSession.updateMany({ where: { userId: ada.id }, data: { createdAt } });
    const start = await browser.post("/console/api/oidc/start", {
      purpose: "connect",
      returnTo: "/",
    });
    expect(start.status).toBe(403);
    expect((await browser.post("/console/api/oidc/disconnect", {})).status).toBe(403);
  });

  test("does not disconnect their last way to sign in", async () => {
    const { grace, browser, id } = await member();
    const refused = await browser.post("/console/api/oidc/disconnect", {});
    expect(refused.status).toBe(409);
    expect(refused.body.detail).toBe("It is your only way to sign in: set a password first.");
    expect(await app.db.oidcAccount.count({ where: { userId: id } })).toBe(1);
    await through(browser, grace);
    expect((await viewerOf(browser)).user.id).toBe(id);
  });
});

describe("an attacker", () => {
  /** Somebody who was invited, and who has come back from the provider, and not yet to the platform. */
  async function underWay(): Promise<{ browser: Browser; back: URL; who: ProviderPerson }> {
    const who = somebody();
    await invite(who.email);
    const browser = new Browser(app);
    provider.person = who;
    return { browser, back: await provider.visit(await startUrl(browser)), who };
  }

  test("signs nobody in by an address that they came back to: state and code are one browser's", async () => {
    const attack = await underWay();
    const bare = new Browser(app);
    await expectRefused(bare, await bare.open(below(attack.back)), "start_again");
    const victim = await underWay();
    await expectRefused(
      victim.browser,
      await victim.browser.open(below(attack.back)),
      "start_again",
    );
    // What the victim had begun goes on.
    await victim.browser.open(below(victim.back));
    expect((await viewerOf(victim.browser)).user.email).toBe(victim.who.email);
    await attack.browser.open(below(attack.back));
    expect((await viewerOf(attack.browser)).user.email).toBe(attack.who.email);
  });

  test("has no use of a code of somebody else's, put into a way of their own", async () => {
    const [victim, attack] = [await underWay(), await underWay()];
    const mixed = new URL(attack.back);
    mixed.searchParams.set("code", victim.back.searchParams.get("code") ?? "");
    await expectRefused(attack.browser, await attack.browser.open(below(mixed)), "refused");
  });

  test("comes back once, also side by side", async () => {
    const { browser, back } = await underWay();
    const twins = Array.from({ length: 6 }, () => browser.copy());
    await Promise.all(twins.map((twin) => twin.open(below(back))));
    const signed = await Promise.all(twins.map((twin) => viewerOf(twin)));
    expect(signed.filter((viewer) => viewer !== null)).toHaveLength(1);
    await expectRefused(browser, await browser.open(below(back)), "start_again");
  });

  test("who signs in twice at the same time makes one account", async () => {
    const grace = somebody();
    await invite(grace.email);
    provider.person = grace;
    const browsers = [new Browser(app), new Browser(app), new Browser(app)];
    const backs: string[] = [];
    for (const browser of browsers)
      backs.push(below(await provider.visit(await startUrl(browser))));
    const answers = await Promise.all(browsers.map((one, index) => one.open(backs[index] ?? "")));
    for (const answer of answers) {
      expect([`${HOME}/`, `${HOME}/sign-in?oidc=start_again`]).toContain(
        answer.headers.get("location"),
      );
    }
    const account = { subject: grace.sub };
    const [owner] = await app.db.oidcAccount.findMany({ where: account, include: { user: true } });
    expect(owner?.user.email).toBe(grace.email);
    expect(await app.db.membership.count({ where: { userId: owner?.userId ?? "" } })).toBe(1);
  });

  test("has ten minutes", async () => {
    const { browser, back } = await underWay();
    await app.db.oidcLogin.updateMany({ data: { expiresAt: app.clock.now() } });
    await expectRefused(browser, await browser.open(below(back)), "start_again");
    const { browser: other, back: later } = await underWay();
    await app.db.oidcLogin.updateMany({ data: { expiresAt: app.clock.now() } });
    await app.parley.oidc.sweep();
    expect(await app.db.oidcLogin.count()).toBe(0);
    await expectRefused(other, await other.open(below(later)), "start_again");
  });

  test("gains nothing by a session or a cookie that they planted before", async () => {
    const mallory = await person(app, { [organization.id]: "viewer" });
    const planted = await signedIn(app, mallory);
    const { back, who, browser } = await underWay();
    browser.cookie = planted.cookie;
    await browser.open(below(back));
    expect((await viewerOf(browser)).user.email).toBe(who.email);
    expect(browser.cookie).not.toBe(planted.cookie);
    expect(await viewerOf(planted)).toBeNull();
    // Each way has a cookie of its own, whatever was there.
    const victim = new Browser(app);
    victim.others.set("parley-oidc", `parley-oidc=${"A".repeat(43)}`);
    await startUrl(victim);
    expect(victim.others.get("parley-oidc")).not.toContain("AAAA");
    victim.others.set("parley-oidc", `parley-oidc=${"A".repeat(43)}`);
    await expectRefused(victim, await victim.open(below(back)), "start_again");
  });

  test("connects no account of theirs to somebody else's session", async () => {
    const ada = await person(app, { [organization.id]: "admin" });
    const browser = await signedIn(app, ada);
    provider.person = somebody();
    const back = below(await provider.visit(await startUrl(browser, "connect", "/you")));
    // Somebody else has signed in meanwhile, or nobody is signed in.
    browser.cookie = (await signedIn(app, await person(app))).cookie;
    const answer = await browser.open(back);
    expect(answer.headers.get("location")).toBe(`${HOME}/you?oidc=start_again`);
    expect(await app.db.oidcAccount.count({ where: { userId: ada.id } })).toBe(0);
  });

  test("comes from no other site's page: neither does a way begin there, nor does a picture end it", async () => {
    const browser = new Browser(app);
    const start = { purpose: "sign_in", returnTo: "/" };
    const strange = { "sec-fetch-site": "cross-site", "x-parley-console": "1" };
    expect((await browser.post("/console/api/oidc/start", start, strange)).status).toBe(403);
    const { browser: victim, back } = await underWay();
    const headers = { cookie: [...victim.others.values()].join(), "sec-fetch-dest": "image" };
    expect((await app.call("GET", below(back), { headers })).status).toBe(403);
    expect((await app.call("GET", below(back))).status).toBe(403);
    expect((await app.call("POST", OIDC_CALLBACK)).status).toBe(405);
    await victim.open(below(back));
    expect(await viewerOf(victim)).not.toBeNull();
  });

  test("sends nobody to another site", async () => {
    for (const returnTo of [
      "https://evil.example",
      "//evil.example",
      "/\\evil.example",
      "/../demo",
      "/%2e%2e/%2e%2e/evil",
      "javascript:alert(1)",
      "",
      " /people",
      "/people\r\nSet-Cookie: a=b",
    ]) {
      const grace = somebody();
      await invite(grace.email);
      const answer = await through(new Browser(app), grace, "sign_in", returnTo);
      expect([returnTo, answer.headers.get("location")]).toEqual([returnTo, `${HOME}/`]);
    }
  });
});
