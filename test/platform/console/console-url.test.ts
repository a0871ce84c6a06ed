import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OIDC_CALLBACK } from "../../../src/protocol/console-api.js";
import { TestApp, type Answer } from "../../support/app.js";
import { callHost } from "../../support/call-host.js";
import { FROM_CONSOLE, PASSWORD, person } from "../../support/console.js";
import { TestProvider } from "../../support/oidc-provider.js";

const PUBLIC = "https://parley.test";
const CONSOLE = "https://console.parley.test";
const PREVIEW = "https://preview.parley-drafts.test";
const DRAFT_PANEL = "/public/embed/draft-preview/panel";
const START = "/core/public/draft-previews/start";
const VIEWER = "{ viewer { user { email } } }";
const NOT_FOUND = { detail: "Not found." };

/** A request to an origin, of which the platform sees the host. */
function at(
  app: TestApp,
  origin: string,
  ...rest: [path: string, options?: Parameters<typeof callHost>[3]]
): Promise<Answer> {
  return callHost(app, new URL(origin).host, ...rest);
}

function policyOf(answer: Answer): string[] {
  return (answer.headers.get("content-security-policy") ?? "").split("; ");
}

function frameAncestors(answer: Answer): string | undefined {
  return policyOf(answer).find((directive) => directive.startsWith("frame-ancestors"));
}

function sandbox(answer: Answer): string | undefined {
  return policyOf(answer).find((directive) => directive.startsWith("sandbox"));
}

function fromConsole(cookie?: string): Record<string, string> {
  return { ...FROM_CONSOLE, ...(cookie === undefined ? {} : { cookie }) };
}

async function signIn(app: TestApp, email: string): Promise<{ set: string; cookie: string }> {
  const answer = await at(app, CONSOLE, "/console/api/sign-in", {
    method: "POST",
    body: { email, password: PASSWORD },
    headers: fromConsole(),
  });
  expect(answer.status).toBe(200);
  const [set = ""] = answer.headers.getSetCookie();
  return { set, cookie: set.split(";")[0] ?? "" };
}

async function viewerAt(app: TestApp, origin: string, cookie: string): Promise<string | null> {
  const answer = await at(app, origin, "/graphql", {
    method: "POST",
    body: { query: VIEWER },
    headers: fromConsole(cookie),
  });
  return answer.body.data?.viewer?.user.email ?? null;
}

describe("a console with an origin of its own", () => {
  let provider: TestProvider;
  let app: TestApp;
  let key: string;
  let organizationId: string;
  let widgetId: string;
  beforeAll(async () => {
    provider = await TestProvider.start(`${CONSOLE}${OIDC_CALLBACK}`);
    app = await TestApp.start({
      config: { ...provider.config, PUBLIC_URL: PUBLIC, CONSOLE_URL: CONSOLE },
    });
    ({ key, id: organizationId } = await app.organization());
    widgetId = (await app.widget(key)).id;
  });
  afterAll(async () => {
    await app.stop();
    await provider.stop();
  });

  test("has its page, its files and GraphQL there", async () => {
    for (const path of ["/console", "/console/", "/console/widgets"]) {
      const { status, text } = await at(app, CONSOLE, path);
      expect(status, path).toBe(200);
      expect(text).toContain('data-base=""');
    }
    const { text } = await at(app, CONSOLE, "/console");
    const [, script = ""] = /<script [^>]*src="([^"]+)"/.exec(text) ?? [];
    expect((await at(app, CONSOLE, script)).status).toBe(200);
    const asked = { method: "POST", key, body: { query: "{ widgets { nodes { id } } }" } };
    expect((await at(app, CONSOLE, "/graphql", asked)).body.data.widgets.nodes).toHaveLength(1);
    expect((await at(app, CONSOLE, "/graphql/stream")).status).toBe(405);
    for (const path of ["/healthz", "/readyz"]) {
      expect((await at(app, CONSOLE, path)).status, path).toBe(200);
    }
    const home = await at(app, CONSOLE, "/");
    expect([home.status, home.headers.get("location")]).toEqual([302, "/console/"]);
  });

  test("serves nothing else there, what is answered in memory neither", async () => {
    const paths = [
      "/core/docs",
      "/core/openapi.json",
      "/core/agents",
      `/core/public/web-widgets/${widgetId}`,
      `/public/web-widgets/${widgetId}`,
      `/public/embed/${widgetId}`,
      `/public/embed/${widgetId}/panel`,
      DRAFT_PANEL,
      "/demo",
      "/nowhere",
    ];
    for (const path of paths) {
      const answer = await at(app, CONSOLE, path, { key });
      expect([answer.status, answer.body], path).toEqual([404, NOT_FOUND]);
      expect(answer.headers.get("x-content-type-options"), path).toBe("nosniff");
      expect(answer.headers.get("cache-control"), path).toBe("no-store");
    }
    const begun = await at(app, CONSOLE, `/core/public/web-widgets/${widgetId}/conversations`, {
      method: "POST",
      body: {},
    });
    expect(begun.status).toBe(404);
    expect((await at(app, CONSOLE, "/", { method: "POST" })).status).toBe(404);
  });

  test.each([PUBLIC, "http://10.0.0.7:4000", "https://console.parley.test.evil.example"])(
    "is not at %s, which has all else",
    async (origin) => {
      for (const path of ["/console", "/Console/", "/console/widgets", "/console/api/options"]) {
        const answer = await at(app, origin, path, { headers: fromConsole() });
        expect([answer.status, answer.body], path).toEqual([404, NOT_FOUND]);
      }
      expect((await at(app, origin, `/public/embed/${widgetId}`)).status).toBe(200);
      expect((await at(app, origin, "/core/agents", { key })).status).toBe(200);
      expect((await at(app, origin, "/core/docs")).status).toBe(200);
      const asked = { method: "POST", key, body: { query: "{ widgets { nodes { id } } }" } };
      expect((await at(app, origin, "/graphql", asked)).body.data.widgets.nodes).toHaveLength(1);
    },
  );

  test("is known by its name, whatever its case and port", async () => {
    for (const host of [
      "CONSOLE.Parley.test",
      "console.parley.test:443",
      "console.parley.test:1",
    ]) {
      expect((await callHost(app, host, "/console")).status, host).toBe(200);
      expect((await callHost(app, host, "/core/docs")).status, host).toBe(404);
    }
  });

  test("has a session that counts at its own host alone", async () => {
    const ada = await person(app, { [organizationId]: "admin" });
    const { set, cookie } = await signIn(app, ada.email);
    expect(set).toMatch(/^__Host-parley=[\w-]{43};.*; Secure$/);
    expect(set).not.toMatch(/domain/i);
    expect(await viewerAt(app, CONSOLE, cookie)).toBe(ada.email);
    expect(await viewerAt(app, PUBLIC, cookie)).toBeNull();
    expect(await viewerAt(app, "http://10.0.0.7", cookie)).toBeNull();
    const followed = await at(app, PUBLIC, "/graphql/stream", {
      method: "POST",
      body: { query: "subscription { conversationStarted { id } }" },
      headers: { ...fromConsole(cookie), accept: "text/event-stream" },
    });
    expect(followed.text).toContain("UNAUTHENTICATED");
  });

  test("is what links, the authenticator app, passkeys and the provider of sign-in name", async () => {
    const ada = await person(app, { [organizationId]: "admin" });
    const { cookie } = await signIn(app, ada.email);
    const ask = async (query: string, variables: object = {}): Promise<Answer["body"]> => {
      const headers = { ...fromConsole(cookie), "x-anyreach-org": organizationId };
      const body = { query, variables };
      const answer = await at(app, CONSOLE, "/graphql", { method: "POST", body, headers });
      expect(answer.body.errors).toBeUndefined();
      return answer.body.data;
    };
    const invite = "mutation ($input: InviteMemberInput!) { inviteMember(input: $input) { link } }";
    const input = { email: `${randomUUID()}@people.example`, role: "VIEWER" };
    const { inviteMember } = await ask(invite, { input });
    expect(inviteMember.link).toMatch(/^https:\/\/console\.parley\.test\/console\/link#/);
    const reset =
      "mutation ($input: CreateResetLinkInput!) { createResetLink(input: $input) { link } }";
    const { createResetLink } = await ask(reset, { input: { userId: ada.id } });
    expect(createResetLink.link).toMatch(/^https:\/\/console\.parley\.test\/console\/link#/);
    const { startTotp } = await ask("mutation { startTotp(input: {}) { uri } }");
    expect(decodeURIComponent(startTotp.uri)).toContain("Parley (console.parley.test)");
    const { startPasskey } = await ask(
      'mutation { startPasskey(input: { name: "Laptop" }) { options } }',
    );
    expect(startPasskey.options.rp.id).toBe("console.parley.test");
    const told = await at(app, CONSOLE, "/console/api/options", { headers: fromConsole() });
    expect(told.body.passkeyOrigin).toBe(CONSOLE);
    const started = await at(app, CONSOLE, "/console/api/oidc/start", {
      method: "POST",
      body: { purpose: "sign_in", returnTo: "/widgets" },
      headers: fromConsole(),
    });
    const provided = new URL(started.body.url).searchParams;
    expect(provided.get("redirect_uri")).toBe(`${CONSOLE}${OIDC_CALLBACK}`);
  });

  test("leaves the snippet where the widget is", async () => {
    const { body } = await at(app, CONSOLE, "/graphql", {
      method: "POST",
      key,
      body: { query: "{ widgets { nodes { embedSnippet pinnedEmbedSnippet } } }" },
    });
    const [widget] = body.data.widgets.nodes;
    expect(widget.embedSnippet).toContain(`src="${PUBLIC}/public/embed/${widgetId}"`);
    expect(widget.pinnedEmbedSnippet ?? `${PUBLIC}/`).toContain(`${PUBLIC}/`);
  });

  test("frames what is tried at the public origin, which no session is sent to", async () => {
    const page = await at(app, CONSOLE, "/console");
    expect(page.text).toContain(`data-preview="${PUBLIC}"`);
    expect(policyOf(page)).toContain(`frame-src 'self' ${PUBLIC}`);
    const panel = await at(app, PUBLIC, DRAFT_PANEL);
    expect(frameAncestors(panel)).toBe(`frame-ancestors ${CONSOLE}`);
    expect(sandbox(panel)).toBeUndefined();
    expect(panel.headers.get("permissions-policy")).toMatch(/^microphone=\(self\), camera=\(\)/);
    expect(panel.text).toContain(`data-draft="${CONSOLE}"`);
    // By another name it has no origin.
    const elsewhere = await at(app, "http://10.0.0.7", DRAFT_PANEL);
    expect(sandbox(elsewhere)).toContain("sandbox allow-scripts");
    expect(elsewhere.headers.get("permissions-policy")).toContain("microphone=()");
    expect(elsewhere.headers.get("etag")).not.toBe(panel.headers.get("etag"));
  });

  test("is not found by a host that a client alone claims", async () => {
    const claimed = { "x-forwarded-host": "console.parley.test", ...fromConsole() };
    expect((await at(app, PUBLIC, "/console", { headers: claimed })).status).toBe(404);
  });

  test("is found by the host that a trusted proxy names", async () => {
    const config = { PUBLIC_URL: PUBLIC, CONSOLE_URL: CONSOLE };
    for (const [trust, status] of [
      ["1", 200],
      ["loopback", 200],
      ["10.0.0.0/8", 404],
      ["0", 404],
    ] as const) {
      const proxied = await TestApp.start({ config: { ...config, TRUST_PROXY: trust } });
      const headers = { "x-forwarded-host": "console.parley.test" };
      const ask = (path: string): Promise<Answer> =>
        callHost(proxied, "127.0.0.1:4000", path, { headers });
      expect((await ask("/console")).status, trust).toBe(status);
      const docs = await ask("/core/docs");
      expect(docs.status, trust).toBe(status === 200 ? 404 : 200);
      await proxied.stop();
    }
  });
});

describe("what is tried, with an origin of its own", () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({
      config: { PUBLIC_URL: PUBLIC, CONSOLE_PREVIEW_URL: PREVIEW },
    });
  });
  afterAll(() => app.stop());

  test("is framed there by the console, which stays at the public address", async () => {
    const page = await at(app, PUBLIC, "/console");
    expect(page.text).toContain(`data-preview="${PREVIEW}"`);
    expect(policyOf(page)).toContain(`frame-src 'self' ${PREVIEW}`);
    const panel = await at(app, PREVIEW, DRAFT_PANEL);
    expect(panel.status).toBe(200);
    expect(frameAncestors(panel)).toBe(`frame-ancestors ${PUBLIC}`);
    expect(sandbox(panel)).toBeUndefined();
    expect(panel.text).toContain(`data-draft="${PUBLIC}"`);
    const sandboxed = await at(app, PUBLIC, DRAFT_PANEL);
    expect(sandbox(sandboxed)).toBe(
      "sandbox allow-scripts allow-forms allow-popups allow-popups-to-escape-sandbox",
    );
    expect(sandboxed.text).toContain('data-draft=""');
  });

  test("has there what its panel needs, and nothing else", async () => {
    const { text } = await at(app, PREVIEW, DRAFT_PANEL);
    const files = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file = ""]) => file);
    expect(files.length).toBeGreaterThan(1);
    for (const file of files) expect((await at(app, PREVIEW, file)).status, file).toBe(200);
    const started = await at(app, PREVIEW, START, {
      method: "POST",
      body: { token: "unknown" },
      headers: { origin: PREVIEW },
    });
    expect(started.status).toBe(401);
    const { key } = await app.organization();
    const { id } = await app.widget(key);
    const others = [
      "/",
      "/console",
      "/graphql",
      "/graphql/stream",
      "/core/docs",
      "/core/agents",
      `/core/public/web-widgets/${id}`,
      `/public/web-widgets/${id}`,
      `/public/embed/${id}`,
      `/public/embed/${id}/panel`,
    ];
    for (const path of others)
      expect((await at(app, PREVIEW, path, { key })).status, path).toBe(404);
    const asked = { method: "POST", key, body: { query: "{ widgets { nodes { id } } }" } };
    expect((await at(app, PREVIEW, "/graphql", asked)).status).toBe(404);
    expect((await at(app, PREVIEW, "/healthz")).status).toBe(200);
  });

  test("leaves the public address as it is, with its sessions", async () => {
    const { id } = await app.organization();
    const ada = await person(app, { [id]: "admin" });
    const answer = await at(app, PUBLIC, "/console/api/sign-in", {
      method: "POST",
      body: { email: ada.email, password: PASSWORD },
      headers: fromConsole(),
    });
    const cookie = answer.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    expect(await viewerAt(app, PUBLIC, cookie)).toBe(ada.email);
  });
});

describe("by default", () => {
  test("everything stands at one host, whatever it is called, and what is tried has no origin", async () => {
    const app = await TestApp.start({ config: { PUBLIC_URL: PUBLIC } });
    for (const origin of [PUBLIC, "http://10.0.0.7:4000"]) {
      const page = await at(app, origin, "/console");
      expect(page.status).toBe(200);
      expect(page.text).not.toContain("data-preview");
      expect(policyOf(page)).toContain("frame-src 'self'");
      expect((await at(app, origin, "/core/docs")).status).toBe(200);
      const panel = await at(app, origin, DRAFT_PANEL);
      expect(sandbox(panel)).toContain("sandbox allow-scripts");
      expect(frameAncestors(panel)).toBe(`frame-ancestors 'self' ${PUBLIC}`);
    }
    await app.stop();
  });

  test("what is tried stands on this machine at the other of its two names, in development", async () => {
    const app = await TestApp.start({ config: { PUBLIC_URL: "http://127.0.0.1:4000" } });
    const [numbers, name] = ["http://127.0.0.1:4000", "http://localhost:4000"];
    for (const [console, other] of [
      [numbers, name],
      [name, numbers],
    ] as const) {
      const page = await at(app, console, "/console");
      expect(page.text).toContain(`data-preview="${other}"`);
      const framed = { headers: { "sec-fetch-site": "cross-site" } };
      const panel = await at(app, other, DRAFT_PANEL, framed);
      expect(sandbox(panel)).toBeUndefined();
      expect(frameAncestors(panel)).toBe(`frame-ancestors ${console}`);
      // A console never frames its own origin with it.
      const own = await at(app, console, DRAFT_PANEL, {
        headers: { "sec-fetch-site": "same-origin" },
      });
      expect(sandbox(own)).toContain("sandbox allow-scripts");
    }
    const elsewhere = await at(app, "http://10.0.0.7:4000", "/console");
    expect(elsewhere.text).not.toContain("data-preview");
    await app.stop();
  });
});
