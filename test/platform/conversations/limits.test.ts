import { randomUUID } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import { DEFAULT_RATE_LIMITS, type RateLimitName } from "../../../src/platform/auth/rate-limits.js";
import { TestApp, type Answer } from "../../support/app.js";
import { START, feedbackConfig, publicPath } from "../../support/visitor.js";

const apps: TestApp[] = [];
afterEach(async () => {
  for (const app of apps.splice(0)) await app.stop();
});

/** An app that allows three of something in a minute. */
async function limited(
  name: RateLimitName,
  config: Record<string, string> = {},
): Promise<{ app: TestApp; widgetId: string; conversationId: string }> {
  const app = await TestApp.start({
    config,
    rateLimits: { [name]: { points: 3, windowSeconds: 60 } },
  });
  apps.push(app);
  const { key } = await app.organization();
  const widget = await app.widget(key, { config: feedbackConfig() });
  return { app, widgetId: widget.id, conversationId: randomUUID() };
}

function expectLimited(answer: Answer): void {
  expect(answer.status).toBe(429);
  expect(answer.body).toEqual({ detail: expect.any(String) });
  const seconds = Number(answer.headers.get("retry-after"));
  expect(seconds).toBeGreaterThanOrEqual(1);
  expect(seconds).toBeLessThanOrEqual(60);
  expect(answer.headers.get("ratelimit")).toBe(`"${policyOf(answer).name}";r=0;t=${seconds}`);
}

/** What `RateLimit-Policy` says of the one limit that was counted. */
function policyOf(answer: Answer): { name: string; limit: number } {
  const policy = answer.headers.get("ratelimit-policy") ?? "";
  const [, name = "", limit] = /^"(\w+)";q=(\d+);w=60$/.exec(policy) ?? [];
  return { name, limit: Number(limit) };
}

type Counted =
  | "start"
  | "ticket"
  | "feedback"
  | "public_widget"
  | "public_list"
  | "public_messages";

const PATHS: Record<Counted, (widgetId: string) => readonly [path: string, body?: object]> = {
  start: (widgetId) => [`${publicPath(widgetId)}/conversations`, { user_id: "ada" }],
  ticket: (widgetId) => [`${publicPath(widgetId)}/embed-ticket`, {}],
  feedback: (widgetId) => [
    `${publicPath(widgetId)}/conversations/${randomUUID()}/feedback`,
    { data: { rating: 1 } },
  ],
  public_widget: (widgetId) => [publicPath(widgetId)],
  public_list: (widgetId) => [`${publicPath(widgetId)}/conversations`],
  public_messages: (widgetId) => [`${publicPath(widgetId)}/conversations/${randomUUID()}/messages`],
};

function callPublic(app: TestApp, name: Counted, widgetId: string): Promise<Answer> {
  const [path, body] = PATHS[name](widgetId);
  return body ? app.post(path, body) : app.get(path);
}

describe("the limit per widget", () => {
  test("is the owner's: so many starts a minute by all addresses together, of this widget alone", async () => {
    const app = await TestApp.start({ config: { TRUST_PROXY: "1" } });
    apps.push(app);
    const { key } = await app.organization();
    const [widget, other] = [await app.widget(key), await app.widget(key)];
    const security = `/core/web-widgets/${widget.id}/security`;
    await app.put(security, { limits: { starts_per_minute: 3 } }, key);
    let last = 0;
    const start = (id: string): Promise<Answer> => {
      last += 1;
      return app.begin(id, { user_id: "ada" }, { "x-forwarded-for": `192.0.2.${last}` });
    };
    for (let count = 0; count < 3; count += 1) expect((await start(widget.id)).status).toBe(200);
    const refused = await start(widget.id);
    expect([refused.status, refused.headers.get("ratelimit-policy")]).toEqual([
      429,
      '"start";q=100000;w=60, "widget_starts";q=3;w=60',
    ]);
    expect(refused.headers.get("ratelimit")).toMatch(
      /^"start";r=\d+;t=\d+, "widget_starts";r=0;t=\d+$/,
    );
    expect((await start(other.id)).status).toBe(200);
    await app.put(security, { limits: { starts_per_minute: 4 } }, key);
    expect((await start(widget.id)).status).toBe(200);
    expect((await start(widget.id)).status).toBe(429);
  });

  test("is not used up by an address that is over its own", async () => {
    const { app, widgetId } = await limited("start", { TRUST_PROXY: "1" });
    await app.db.widget.update({
      where: { id: widgetId },
      data: { limits: { starts_per_minute: 4 } },
    });
    const start = (address: string): Promise<Answer> =>
      app.begin(widgetId, { user_id: "ada" }, { "x-forwarded-for": address });
    for (let count = 0; count < 3; count += 1) await start("192.0.2.1");
    for (let count = 0; count < 5; count += 1) expectLimited(await start("192.0.2.1"));
    expect((await start("192.0.2.2")).status).toBe(200);
  });
});

describe("the limit per client address", () => {
  test.each(Object.keys(PATHS) as Counted[])(
    "on %s answers 429 with Retry-After, whatever the widget",
    async (name) => {
      const { app, widgetId } = await limited(name);
      const call = (id: string): Promise<Answer> => callPublic(app, name, id);
      for (let count = 0; count < 3; count += 1) {
        expect((await call(count === 1 ? randomUUID() : widgetId)).status).not.toBe(429);
      }
      expectLimited(await call(widgetId));
      expectLimited(await call(randomUUID()));
      // Others are counted on their own.
      const other = name === "public_widget" ? "ticket" : "public_widget";
      expect((await callPublic(app, other, widgetId)).status).toBe(200);
    },
  );

  test("counts resumes as starts", async () => {
    const { app, widgetId } = await limited("start");
    const { conversation } = (await app.begin(widgetId, { user_id: "ada" })).body;
    const body = { user_id: "ada", conversation_id: conversation.id };
    expect((await app.begin(widgetId, body)).status).toBe(200);
    expect((await app.begin(widgetId, body)).status).toBe(200);
    expectLimited(await app.begin(widgetId, body));
  });

  test("counts fields, not HTTP requests, and both doors together", async () => {
    const { app, widgetId } = await limited("start");
    const aliases = Array.from(
      { length: 5 },
      (_, index) =>
        `s${index}: startConversation(input: { widgetId: $w, userId: "ada" }) { conversation { id } }`,
    );
    const answer = await app.gql(`mutation ($w: UUID!) { ${aliases.join(" ")} }`, { w: widgetId });
    const codes = answer.body.errors.map(
      (error: { extensions: { code: string } }) => error.extensions.code,
    );
    expect(codes).toContain("RATE_LIMITED");
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    expect(await app.db.conversation.count({ where: { webWidgetId: widgetId } })).toBe(3);
    expectLimited(await app.begin(widgetId, { user_id: "ada" }));
    const twin = await app.gql(START, { input: { widgetId, userId: "ada" } });
    expect(twin.body.errors[0].extensions.code).toBe("RATE_LIMITED");
    expect(twin.body.errors[0].extensions.retryAfter).toBeGreaterThanOrEqual(1);
  });

  test("is told on every answer that was counted, and a page of another site may read it", async () => {
    const app = await TestApp.start({ rateLimits: DEFAULT_RATE_LIMITS });
    apps.push(app);
    const { key } = await app.organization();
    const { id } = await app.widget(key);
    const limits = await Promise.all(
      (Object.keys(PATHS) as Counted[]).map(async (name) => {
        const answer = await callPublic(app, name, id);
        const { limit } = policyOf(answer);
        expect(answer.headers.get("ratelimit")).toBe(`"${name}";r=${limit - 1};t=60`);
        return [policyOf(answer).name, limit];
      }),
    );
    expect(Object.fromEntries(limits)).toEqual({
      start: 60,
      ticket: 120,
      feedback: 30,
      public_widget: 600,
      public_list: 60,
      public_messages: 120,
    });
    const page = await app.get(publicPath(id), undefined, { origin: "https://shop.example" });
    const readable = page.headers.get("access-control-expose-headers");
    for (const name of ["RateLimit", "RateLimit-Policy", "Retry-After"]) {
      expect(readable).toContain(name);
    }
  });

  test("counts the panel's page as a read of its widget", async () => {
    const { app, widgetId } = await limited("public_widget");
    for (let count = 0; count < 3; count += 1) {
      expect((await app.get(`/public/embed/${widgetId}/panel`)).status).toBe(200);
    }
    expect((await app.get(`/public/embed/${widgetId}/panel`)).status).toBe(429);
    expectLimited(await app.get(publicPath(widgetId)));
  });

  test("counts the public fields of one document, one by one", async () => {
    const { app, widgetId } = await limited("public_list");
    const lists = Array.from(
      { length: 5 },
      (_, index) => `l${index}: publicConversations(widgetId: $w) { nodes { id } }`,
    );
    const answer = await app.gql(`query ($w: UUID!) { ${lists.join(" ")} }`, { w: widgetId });
    const codes = (answer.body.errors as { extensions: { code: string } }[]).map(
      ({ extensions }) => extensions.code,
    );
    expect(new Set(codes)).toEqual(new Set(["RATE_LIMITED"]));
    expect(answer.headers.get("ratelimit")).toMatch(/^"public_list";r=0;t=\d+$/);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
  });

  test("counts an IPv4 address that is written as IPv6 as the IPv4", async () => {
    const { app, widgetId } = await limited("public_list", { TRUST_PROXY: "loopback" });
    const list = (address: string): Promise<Answer> =>
      app.get(`${publicPath(widgetId)}/conversations`, undefined, { "x-forwarded-for": address });
    for (const address of ["203.0.113.7", "::ffff:203.0.113.7", "::ffff:cb00:7107"]) {
      expect((await list(address)).status).toBe(200);
    }
    expectLimited(await list("203.0.113.7"));
    expect((await list("::ffff:203.0.113.8")).status).toBe(200);
  });

  test("on failed credentials lets a valid key through", async () => {
    const { app } = await limited("failed_credentials");
    const { key } = await app.organization();
    for (let count = 0; count < 3; count += 1) {
      expect((await app.get("/core/agents", "ak_nonsense.nonsense")).status).toBe(401);
    }
    expectLimited(await app.get("/core/agents", "ak_nonsense.nonsense"));
    expect((await app.get("/core/agents", key)).status).toBe(200);
  });
});

describe("the client address", () => {
  const from = (app: TestApp, widgetId: string, address: string): Promise<Answer> =>
    app.begin(widgetId, { user_id: "ada" }, { "x-forwarded-for": address });

  test("is the connection's: X-Forwarded-For is ignored without TRUST_PROXY", async () => {
    const { app, widgetId } = await limited("start");
    for (let count = 0; count < 3; count += 1) {
      expect((await from(app, widgetId, `203.0.113.${count}`)).status).toBe(200);
    }
    expectLimited(await from(app, widgetId, "203.0.113.99"));
  });

  test("with TRUST_PROXY=1 is the one that the proxy names, not what the client claims", async () => {
    const { app, widgetId } = await limited("start", { TRUST_PROXY: "1" });
    for (let count = 0; count < 3; count += 1) {
      expect((await from(app, widgetId, `198.51.100.${count}, 203.0.113.1`)).status).toBe(200);
    }
    expectLimited(await from(app, widgetId, "198.51.100.77, 203.0.113.1"));
    expect((await from(app, widgetId, "203.0.113.2")).status).toBe(200);
  });

  test("with TRUST_PROXY of other addresses is still the connection's", async () => {
    const { app, widgetId } = await limited("start", { TRUST_PROXY: "10.0.0.0/8" });
    for (let count = 0; count < 3; count += 1) {
      expect((await from(app, widgetId, `203.0.113.${count}`)).status).toBe(200);
    }
    expectLimited(await from(app, widgetId, "203.0.113.99"));
  });

  test("counts without the port that some proxies write behind it", async () => {
    const { app, widgetId } = await limited("start", { TRUST_PROXY: "loopback" });
    for (const address of ["203.0.113.7:1001", "203.0.113.7:1002", "203.0.113.7"]) {
      expect((await from(app, widgetId, address)).status).toBe(200);
    }
    expectLimited(await from(app, widgetId, "203.0.113.7:1003"));
    for (const address of ["[2001:db8:1:2::1]:1001", "[2001:db8:1:2::2]", "2001:db8:1:2::3"]) {
      expect((await from(app, widgetId, address)).status).toBe(200);
    }
    expectLimited(await from(app, widgetId, "[2001:db8:1:2::1]:1002"));
  });

  test("of IPv6 counts by its /64, which is one customer", async () => {
    const { app, widgetId } = await limited("start", { TRUST_PROXY: "loopback" });
    for (const address of ["2001:db8:1:2::1", "2001:db8:1:2:ffff::2", "2001:0db8:1:2:3:4:5:6"]) {
      expect((await from(app, widgetId, address)).status).toBe(200);
    }
    expectLimited(await from(app, widgetId, "2001:db8:1:2::99"));
    expect((await from(app, widgetId, "2001:db8:1:3::1")).status).toBe(200);
  });
});
