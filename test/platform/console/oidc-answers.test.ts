import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadConfig } from "../../../src/platform/config.js";
import { OIDC_CALLBACK } from "../../../src/protocol/console-api.js";
import { PUBLIC_URL, TestApp } from "../../support/app.js";
import { Browser } from "../../support/console.js";
import { TestProvider, type ProviderPerson } from "../../support/oidc-provider.js";

const HOME = `${PUBLIC_URL}/console`;
const START = { purpose: "sign_in", returnTo: "/" };

let provider: TestProvider;
let app: TestApp;
let organizationId: string;
beforeAll(async () => {
  provider = await TestProvider.start(`${PUBLIC_URL}${OIDC_CALLBACK}`);
  app = await TestApp.start({ config: provider.config });
  organizationId = (await app.organization()).id;
});
afterAll(async () => {
  await app.stop();
  await provider.stop();
});

/** Somebody who is invited, and whom the provider signs in next. */
async function invited(): Promise<ProviderPerson> {
  const sub = randomUUID();
  const email = `${sub}@acme.example`;
  const createdAt = app.clock.now();
  await app.db.invitation.create({
    data: {
      id: randomUUID(),
      organizationId,
      email,
      role: "viewer",
      secretHash: Buffer.from(sub),
      createdAt,
      expiresAt: new Date(createdAt.getTime() + 3_600_000),
    },
  });
  provider.person = { sub, email, email_verified: true };
  return provider.person;
}

/** Of somebody who is invited. @param change what becomes of the address there and of the one back */
async function comeBack(
  change: { there?: (url: URL) => void; back?: (url: URL) => void } = {},
  on = app,
): Promise<string | null> {
  await invited();
  const browser = new Browser(on);
  const there = new URL((await browser.post("/console/api/oidc/start", START)).body.url);
  change.there?.(there);
  const back = await provider.visit(there.href);
  change.back?.(back);
  const answer = await browser.open(back.pathname + back.search);
  expect(answer.status).toBe(303);
  return answer.headers.get("location");
}

const REFUSED = `${HOME}/sign-in?oidc=refused`;

describe("an answer of the provider's", () => {
  test("is taken as it is", async () => {
    expect(await comeBack()).toBe(`${HOME}/`);
    expect(provider.asked.get("code_challenge_method")).toBe("S256");
    expect(provider.asked.get("scope")).toBe("openid email profile");
  });

  test("is refused with another nonce than was sent", async () => {
    const there = (url: URL): void => url.searchParams.set("nonce", "another");
    expect(await comeBack({ there })).toBe(REFUSED);
  });

  test("is refused for another challenge than was sent", async () => {
    const there = (url: URL): void => url.searchParams.set("code_challenge", "A".repeat(43));
    expect(await comeBack({ there })).toBe(REFUSED);
  });

  test("is refused in the name of another issuer, in the address and in the token", async () => {
    const back = (url: URL): void => url.searchParams.set("iss", "https://evil.example");
    expect(await comeBack({ back })).toBe(REFUSED);
    expect(await comeBack({ back: (url) => url.searchParams.delete("iss") })).toBe(REFUSED);
    provider.tampers = (claims) => ({ ...claims, iss: "https://evil.example" });
    expect(await comeBack()).toBe(REFUSED);
    provider.tampers = undefined;
  });

  test("is refused for another audience, by its code and in the token", async () => {
    const there = (url: URL): void => url.searchParams.set("client_id", "another");
    expect(await comeBack({ there })).toBe(REFUSED);
    provider.tampers = (claims) => ({ ...claims, aud: "another" });
    expect(await comeBack()).toBe(REFUSED);
    provider.tampers = undefined;
  });

  test("is refused when it is over", async () => {
    provider.tampers = (claims) => ({ ...claims, exp: Math.floor(Date.now() / 1000) - 600 });
    expect(await comeBack()).toBe(REFUSED);
    provider.tampers = undefined;
  });

  test("is refused when it is signed by somebody else", async () => {
    provider.hasForeignKey = true;
    expect(await comeBack()).toBe(REFUSED);
    provider.hasForeignKey = false;
  });

  test("may be a no, and no error of ours", async () => {
    await invited();
    provider.person = undefined;
    const browser = new Browser(app);
    const { url } = (await browser.post("/console/api/oidc/start", START)).body;
    const back = await provider.visit(url);
    const answer = await browser.open(back.pathname + back.search);
    expect(answer.headers.get("location")).toBe(`${HOME}/sign-in?oidc=cancelled`);
  });

  test("is asked for by whichever instance the browser comes back to", async () => {
    const { database } = app.parley;
    const second = await TestApp.start({ config: provider.config, database, clock: app.clock });
    try {
      await invited();
      const browser = new Browser(app);
      const { url } = (await browser.post("/console/api/oidc/start", START)).body;
      const back = await provider.visit(url);
      const there = new Browser(second);
      for (const [name, cookie] of browser.others) there.others.set(name, cookie);
      const answer = await there.open(back.pathname + back.search);
      expect(answer.headers.get("location")).toBe(`${HOME}/`);
    } finally {
      await second.stop({ keepDatabase: true });
    }
  });
});

test("a provider that is down keeps nothing from starting, and is told of in a sentence", async () => {
  const down = await TestProvider.start(`${PUBLIC_URL}${OIDC_CALLBACK}`);
  const { config } = down;
  await down.stop();
  const on = await TestApp.start({ config });
  try {
    const refused = await new Browser(on).post("/console/api/oidc/start", START);
    expect([refused.status, refused.body]).toEqual([
      503,
      { detail: "The provider of sign-in cannot be reached now." },
    ]);
    expect(refused.headers.get("retry-after")).toBe("10");
  } finally {
    await on.stop();
  }
});

test("a provider that goes down on the way is told of on the page", async () => {
  const short = await TestProvider.start(`${PUBLIC_URL}${OIDC_CALLBACK}`);
  const on = await TestApp.start({ config: short.config });
  try {
    short.person = { sub: "x" };
    const browser = new Browser(on);
    const { url } = (await browser.post("/console/api/oidc/start", START)).body;
    const back = await short.visit(url);
    await short.stop();
    const answer = await browser.open(back.pathname + back.search);
    expect(answer.headers.get("location")).toBe(`${HOME}/sign-in?oidc=unavailable`);
  } finally {
    await on.stop();
  }
});

test("ways there and back are counted by address", async () => {
  const limit = { points: 2, windowSeconds: 300 };
  const on = await TestApp.start({ config: provider.config, rateLimits: { sign_in: limit } });
  try {
    const browser = new Browser(on);
    for (const status of [200, 200, 429]) {
      expect((await browser.post("/console/api/oidc/start", START)).status).toBe(status);
    }
    const answer = await browser.open(`${OIDC_CALLBACK}?code=a&state=b`);
    expect(answer.headers.get("location")).toBe(`${HOME}/sign-in?oidc=too_many`);
  } finally {
    await on.stop();
  }
});

test("without a provider there is none to go to", async () => {
  const on = await TestApp.start();
  try {
    const browser = new Browser(on);
    expect((await browser.post("/console/api/oidc/start", START)).status).toBe(404);
    expect((await browser.post("/console/api/oidc/disconnect", {})).status).toBe(401);
    const answer = await browser.open(`${OIDC_CALLBACK}?code=a&state=b`);
    expect(answer.headers.get("location")).toBe(`${HOME}/sign-in?oidc=start_again`);
  } finally {
    await on.stop();
  }
});

test("over https the cookie is this host's alone", async () => {
  const on = await TestApp.start({
    config: { ...provider.config, PUBLIC_URL: "https://parley.test/chat" },
  });
  try {
    const answer = await new Browser(on).post("/console/api/oidc/start", START);
    expect(answer.headers.get("set-cookie")).toMatch(
      /^__Host-parley-oidc=[\w-]{43}; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax; Secure$/,
    );
    const there = new URL(answer.body.url).searchParams;
    expect(there.get("redirect_uri")).toBe(`https://parley.test/chat${OIDC_CALLBACK}`);
  } finally {
    await on.stop();
  }
});

test("the settings go together, and a provider in the clear is on this machine", () => {
  const all = { OIDC_ISSUER: "https://acme.example", OIDC_CLIENT_ID: "a", OIDC_CLIENT_SECRET: "b" };
  expect(loadConfig({ ...all }).oidc).toMatchObject({ name: "acme.example" });
  expect(loadConfig({}).oidc).toBeUndefined();
  for (const left of Object.keys(all)) {
    expect(() => loadConfig({ ...all, [left]: "" })).toThrow(`${left} is required with any other`);
  }
  expect(() => loadConfig({ OIDC_NAME: "Acme" })).toThrow("OIDC_ISSUER is required");
  for (const issuer of ["http://acme.example", "acme.example", "https://a:b@acme.example"]) {
    expect(() => loadConfig({ ...all, OIDC_ISSUER: issuer })).toThrow("OIDC_ISSUER must be");
  }
  expect(() => loadConfig({ ...all, OIDC_SCOPES: "email" })).toThrow("OIDC_SCOPES must be");
});
