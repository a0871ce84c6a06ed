import { request } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { LIVEKIT, PUBLIC_URL, TestApp, type Answer } from "../../support/app.js";
import { onPostgres } from "../../support/database.js";
import { deliver } from "../../support/webhook.js";
import {
  beginByGraphQL,
  codeOf,
  feedbackConfig,
  giveFeedback,
  listPublic,
  publicPath,
  readMessages,
} from "../../support/visitor.js";

const SHOP = "https://shop.example";
const EVIL = "https://evil.example";

let app: TestApp;
let organization: { id: string; key: string };
let listed: Answer["body"];
let open: Answer["body"];
beforeAll(async () => {
  app = await TestApp.start();
  organization = await app.organization();
  listed = await app.widget(organization.key, {
    domains: [SHOP, "http://localhost:3000"],
    config: feedbackConfig(),
  });
  open = await app.widget(organization.key, { config: feedbackConfig() });
});
afterAll(() => app.stop());
beforeEach(() => {
  app.rooms.deleted.length = 0;
});

/** A widget for one website, guarded strictly. */
async function strictWidget(domains: string[] = [SHOP]): Promise<Answer["body"]> {
  const widget = await app.widget(organization.key, { domains, config: feedbackConfig() });
  await setStrict(widget.id, true);
  return widget;
}

async function setStrict(widgetId: string, strict: boolean): Promise<void> {
  const path = `/core/web-widgets/${widgetId}/security`;
  expect((await app.put(path, { strict }, organization.key)).status).toBe(200);
}

async function setDomains(widgetId: string, domains: string[]): Promise<void> {
  const answer = await app.put(`/core/web-widgets/${widgetId}`, { domains }, organization.key);
  expect(answer.status).toBe(200);
}

function originHeader(origin: string | undefined): Record<string, string> {
  return origin === undefined ? {} : { origin };
}

function read(widgetId: string, origin?: string): Promise<Answer> {
  return app.get(publicPath(widgetId), undefined, originHeader(origin));
}

function begin(widgetId: string, headers: Record<string, string>, body = {}): Promise<Answer> {
  return app.begin(widgetId, { user_id: "ada", ...body }, headers);
}

function ticketFrom(widgetId: string, origin?: string): Promise<Answer> {
  return app.post(`${publicPath(widgetId)}/embed-ticket`, {}, undefined, originHeader(origin));
}

/** What our embed does: a ticket for the host page, then a start from the panel, which is ours. */
async function embedStart(widgetId: string, origin: string = SHOP): Promise<Answer> {
  const ticket = await app.ticket(widgetId, origin);
  return begin(widgetId, { origin: PUBLIC_URL, "x-embed-ticket": ticket });
}

describe("the Origin rule with domains", () => {
  test("lets a listed origin in", async () => {
    for (const origin of [SHOP, "http://localhost:3000"]) {
      expect((await read(listed.id, origin)).status).toBe(200);
      expect((await begin(listed.id, { origin })).status).toBe(200);
    }
  });

  test.each([
    ["another website", EVIL],
    ["null", "null"],
    ["a subdomain", "https://www.shop.example"],
    ["the parent domain", "https://example"],
    ["another port", "https://shop.example:8443"],
    ["http for https", "http://shop.example"],
    ["a name that begins with a listed one", "https://shop.example.evil.example"],
    ["a name that ends with a listed one", "https://evilshop.example"],
    ["another case", "https://SHOP.example"],
    ["a path behind it", "https://shop.example/"],
    ["two origins", "https://shop.example https://evil.example"],
    ["nothing", ""],
  ])("refuses %s by 403 on every public route", async (_name, origin) => {
    const { id } = (await begin(listed.id, {})).body.conversation;
    const path = publicPath(listed.id);
    const answers = [
      await read(listed.id, origin),
      await begin(listed.id, { origin }),
      await begin(listed.id, { origin }, { conversation_id: id }),
      await app.get(`${path}/conversations`, undefined, { origin }),
      await app.get(`${path}/conversations/${id}/messages`, undefined, { origin }),
      await app.post(`${path}/conversations/${id}/feedback`, { data: { rating: 1 } }, undefined, {
        origin,
      }),
      await ticketFrom(listed.id, origin),
    ];
    expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 403));
  });

  test("holds for the GraphQL twins", async () => {
    const { id } = (await begin(listed.id, {})).body.conversation;
    const fields = [
      `publicWidget(id: $w) { id }`,
      `publicConversations(widgetId: $w) { nodes { id } }`,
      `conversationMessages(widgetId: $w, conversationId: "${id}") { visitorToken }`,
    ];
    for (const field of fields) {
      const query = `query ($w: UUID!) { ${field} }`;
      const answer = await app.gql(query, { w: listed.id }, undefined, { origin: EVIL });
      expect(codeOf(answer), field).toBe("FORBIDDEN");
    }
    const started = await beginByGraphQL(app, listed.id, { userId: "ada" }, { origin: EVIL });
    expect(codeOf(started)).toBe("FORBIDDEN");
    const feedback = `mutation ($w: UUID!) {
      submitFeedback(input: { widgetId: $w, conversationId: "${id}", data: { rating: 1 } }) { status }
    }`;
    const given = await app.gql(feedback, { w: listed.id }, undefined, { origin: EVIL });
    expect(codeOf(given)).toBe("FORBIDDEN");
    const fine = await beginByGraphQL(app, listed.id, { userId: "ada" }, { origin: SHOP });
    expect(fine.body.errors).toBeUndefined();
  });

  test("lets a call without Origin pass", async () => {
    expect((await read(listed.id)).status).toBe(200);
    expect((await begin(listed.id, {})).status).toBe(200);
  });

  test("follows a change of domains at once", async () => {
    const widget = await app.widget(organization.key, { domains: [SHOP] });
    expect((await read(widget.id, EVIL)).status).toBe(403);
    await setDomains(widget.id, ["evil.example"]);
    expect((await read(widget.id, EVIL)).status).toBe(200);
    expect((await read(widget.id, SHOP)).status).toBe(403);
  });

  test("with an empty list lets any origin pass, null too", async () => {
    for (const origin of [SHOP, EVIL, "null", undefined]) {
      expect((await read(open.id, origin)).status).toBe(200);
      expect((await begin(open.id, originHeader(origin))).status).toBe(200);
      expect((await ticketFrom(open.id, origin)).status).toBe(200);
    }
  });
});

describe("our own origins", () => {
  test.each([PUBLIC_URL, "http://localhost:4000", "http://127.0.0.1:4000", "http://[::1]:4000"])(
    "outside production %s is ours",
    async (origin) => {
      expect((await begin(listed.id, { origin })).status).toBe(200);
    },
  );

  test.each(["http://localhost:4001", "http://localhost", "https://localhost:4000"])(
    "%s is not",
    async (origin) => {
      expect((await begin(listed.id, { origin })).status).toBe(403);
    },
  );

  test("the address that was connected to is not ours for that alone", async () => {
    expect((await begin(listed.id, { origin: app.url })).status).toBe(403);
  });

  test("the Host header is never trusted", async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const headers = {
        host: "evil.example",
        "x-forwarded-host": "evil.example",
        origin: "http://evil.example",
      };
      const call = request(app.url + publicPath(listed.id), { headers }, (res) => {
        res.resume();
        resolve(res.statusCode);
      });
      call.on("error", reject).end();
    });
    expect(status).toBe(403);
  });

  test("in production only PUBLIC_URL's is ours", async () => {
    const production = await TestApp.start({
      database: app.parley.database,
      config: {
        NODE_ENV: "production",
        PUBLIC_URL: "https://parley.example",
        LIVEKIT_URL: LIVEKIT.url,
        LIVEKIT_API_KEY: LIVEKIT.apiKey,
        LIVEKIT_API_SECRET: LIVEKIT.apiSecret,
        APP_SECRET: "an-app-secret-for-tests-only-0123456789abc",
        AGENT_SECRET: "an-agent-secret-for-tests-only-0123456789",
      },
    });
    const status = async (origin: string): Promise<number> =>
      (await production.begin(listed.id, { user_id: "ada" }, { origin })).status;
    expect(await status("https://parley.example")).toBe(200);
    for (const origin of ["http://localhost:4000", "https://localhost", "http://127.0.0.1:4000"]) {
      expect(await status(origin)).toBe(403);
    }
    await production.stop({ keepDatabase: true });
  });

  test("a same-origin read, for which browsers send no Origin, counts as ours", async () => {
    const widget = await strictWidget();
    const headers = { "sec-fetch-site": "same-origin" };
    expect((await app.get(publicPath(widget.id), undefined, headers)).status).toBe(200);
    for (const site of ["cross-site", "same-site", "none"]) {
      const other = { "sec-fetch-site": site };
      expect((await app.get(publicPath(widget.id), undefined, other)).status).toBe(403);
    }
  });
});

describe("CORS", () => {
  test.each([
    ["listed", SHOP, 200],
    ["not listed", EVIL, 403],
    ["null", "null", 403],
  ])("names the caller's origin, %s, and never allows credentials", async (_n, origin, status) => {
    for (const answer of [await read(listed.id, origin), await begin(listed.id, { origin })]) {
      expect(answer.status).toBe(status);
      expect(answer.headers.get("access-control-allow-origin")).toBe(origin);
      expect(answer.headers.get("vary")).toMatch(/\bOrigin\b/);
      expect(answer.headers.get("access-control-allow-credentials")).toBeNull();
    }
  });

  test("lets a page opened from a file, whose origin is null, use a widget without domains", async () => {
    const answer = await ticketFrom(open.id, "null");
    expect(answer.status).toBe(200);
    expect(answer.headers.get("access-control-allow-origin")).toBe("null");
  });

  test("without Origin names none, but still varies by it", async () => {
    const answer = await read(listed.id);
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
    expect(answer.headers.get("vary")).toMatch(/\bOrigin\b/);
  });

  test("also on errors, so that a page can read why", async () => {
    const unknown = await read("00000000-0000-4000-8000-000000000000", SHOP);
    const wrong = await app.begin(listed.id, {}, { origin: SHOP });
    expect([unknown.status, wrong.status]).toEqual([404, 422]);
    for (const answer of [unknown, wrong]) {
      expect(answer.headers.get("access-control-allow-origin")).toBe(SHOP);
    }
  });

  test.each(["", "/conversations", "/embed-ticket", "/conversations/x/messages"])(
    "answers the preflight of %s, without a widget to look at",
    async (path) => {
      const answer = await app.call("OPTIONS", publicPath(listed.id) + path, {
        headers: {
          origin: SHOP,
          "access-control-request-method": "POST",
          "access-control-request-headers":
            "content-type,idempotency-key,x-visitor-token,x-embed-ticket",
        },
      });
      expect(answer.status).toBe(204);
      expect(answer.headers.get("access-control-allow-origin")).toBe(SHOP);
      expect(answer.headers.get("access-control-allow-methods")).toBe("GET, POST, DELETE");
      const allowed = answer.headers.get("access-control-allow-headers")?.split(/, */).toSorted();
      expect(allowed).toEqual([
        "Content-Type",
        "Idempotency-Key",
        "X-Embed-Ticket",
        "X-Visitor-Token",
      ]);
      expect(answer.headers.get("access-control-allow-credentials")).toBeNull();
      expect(answer.headers.get("vary")).toMatch(/\bOrigin\b/);
    },
  );

  test("is for the public routes alone", async () => {
    for (const path of ["/core/web-widgets", "/core/conversations", "/livekit/webhook"]) {
      const answer = await app.get(path, organization.key, { origin: SHOP });
      expect(answer.headers.get("access-control-allow-origin"), path).toBeNull();
    }
  });
});

describe("an embed ticket", () => {
  test("is answered with its end, one minute away", async () => {
    const answer = await ticketFrom(listed.id, SHOP);
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.body).toSorted()).toEqual(["expires_at", "ticket"]);
    const left = new Date(answer.body.expires_at).getTime() - app.clock.now().getTime();
    expect(left).toBeGreaterThan(50_000);
    expect(left).toBeLessThanOrEqual(60_000);
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });

  test("makes a bound conversation, by both doors", async () => {
    const rest = await embedStart(listed.id);
    expect(rest.status).toBe(200);
    const graphql = await beginByGraphQL(
      app,
      listed.id,
      { userId: "ada" },
      { "x-embed-ticket": await app.ticket(listed.id, SHOP) },
    );
    const ids = [
      rest.body.conversation.id,
      graphql.body.data.startConversation.conversation.id,
    ] as string[];
    for (const id of ids) {
      const row = await app.db.conversation.findUniqueOrThrow({ where: { id } });
      expect(row.bound).toBe(true);
    }
    const plain = await begin(listed.id, {});
    const { id } = plain.body.conversation;
    expect((await app.db.conversation.findUniqueOrThrow({ where: { id } })).bound).toBe(false);
  });

  test("works once", async () => {
    const headers = { "x-embed-ticket": await app.ticket(listed.id, SHOP) };
    expect((await begin(listed.id, headers)).status).toBe(200);
    expect((await begin(listed.id, headers)).status).toBe(401);
  });

  test("works once within one GraphQL request too", async () => {
    const query = `mutation ($w: UUID!) {
      a: startConversation(input: { widgetId: $w, userId: "a" }) { conversation { id } }
      b: startConversation(input: { widgetId: $w, userId: "b" }) { conversation { id } }
    }`;
    const headers = { "x-embed-ticket": await app.ticket(listed.id, SHOP) };
    const answer = await app.gql(query, { w: listed.id }, undefined, headers);
    expect(codeOf(answer)).toBe("UNAUTHENTICATED");
    expect(answer.body.errors).toHaveLength(1);
  });

  test.runIf(onPostgres)("works once when it arrives four times at the same moment", async () => {
    for (let round = 0; round < 5; round += 1) {
      const headers = { "x-embed-ticket": await app.ticket(listed.id, SHOP) };
      const answers = await Promise.all([1, 2, 3, 4].map(() => begin(listed.id, headers)));
      const statuses = answers.map((answer) => answer.status).toSorted();
      expect(statuses).toEqual([200, 401, 401, 401]);
    }
  });

  test("is over after a minute", async () => {
    const first = { "x-embed-ticket": await app.ticket(listed.id, SHOP) };
    const second = { "x-embed-ticket": await app.ticket(listed.id, SHOP) };
    app.clock.forward(50);
    expect((await begin(listed.id, first)).status).toBe(200);
    app.clock.forward(11);
    expect((await begin(listed.id, second)).status).toBe(401);
  });

  test("of another widget, tampered with, or of another kind is refused, never taken for none", async () => {
    const ticket = await app.ticket(open.id, SHOP);
    const token = (await begin(listed.id, {})).body.visitor_token;
    for (const wrong of [ticket, `${await app.ticket(listed.id, SHOP)}x`, token, "nonsense"]) {
      expect((await begin(listed.id, { "x-embed-ticket": wrong })).status).toBe(401);
    }
  });

  test("is checked against domains again at the start", async () => {
    const widget = await app.widget(organization.key, { domains: [SHOP] });
    const ticket = await app.ticket(widget.id, SHOP);
    await setDomains(widget.id, ["https://other.example"]);
    expect((await begin(widget.id, { "x-embed-ticket": ticket })).status).toBe(403);
    await setDomains(widget.id, ["https://other.example", SHOP]);
    expect((await begin(widget.id, { "x-embed-ticket": ticket })).status).toBe(200);
  });

  test("is not given to a page that is not listed", async () => {
    for (const origin of [EVIL, "null"]) {
      expect((await ticketFrom(listed.id, origin)).status).toBe(403);
    }
  });

  test("does not let a page of another website start with it", async () => {
    const headers = { origin: EVIL, "x-embed-ticket": await app.ticket(listed.id, SHOP) };
    expect((await begin(listed.id, headers)).status).toBe(403);
  });
});

describe("strict", () => {
  test("is off by default, and shown to managers only", async () => {
    const path = `/core/web-widgets/${listed.id}/security`;
    expect((await app.get(path, organization.key)).body).toMatchObject({ strict: false });
    const reader = await app.key(organization.id, ["web_widgets:read"]);
    expect((await app.get(path, reader)).status).toBe(403);
    expect((await read(listed.id)).text).not.toContain("strict");
  });

  test("a start needs a ticket, by both doors", async () => {
    const widget = await strictWidget();
    expect((await begin(widget.id, { origin: SHOP })).status).toBe(401);
    const twin = await beginByGraphQL(app, widget.id, { userId: "ada" }, { origin: SHOP });
    expect(codeOf(twin)).toBe("UNAUTHENTICATED");
    expect((await embedStart(widget.id)).status).toBe(200);
  });

  test("a visitor token is no ticket: it does not start", async () => {
    const widget = await strictWidget();
    const token = (await embedStart(widget.id)).body.visitor_token;
    const headers = { origin: PUBLIC_URL, "x-visitor-token": token };
    expect((await begin(widget.id, headers)).status).toBe(401);
  });

  test("a resume needs a visitor token, and with it no ticket", async () => {
    const widget = await strictWidget();
    const started = (await embedStart(widget.id)).body;
    const body = { conversation_id: started.conversation.id };
    const origin = PUBLIC_URL;
    expect((await begin(widget.id, { origin }, body)).status).toBe(401);
    const ticket = await app.ticket(widget.id, SHOP);
    const withTicket = await begin(widget.id, { origin, "x-embed-ticket": ticket }, body);
    expect(withTicket.status).toBe(401);
    const withToken = { origin, "x-visitor-token": started.visitor_token };
    expect((await begin(widget.id, withToken, body)).status).toBe(200);
  });

  test("a resume does not use up a ticket that came with it", async () => {
    const widget = await strictWidget();
    const started = (await embedStart(widget.id)).body;
    const ticket = await app.ticket(widget.id, SHOP);
    const headers = { origin: PUBLIC_URL, "x-embed-ticket": ticket };
    const resumed = await begin(
      widget.id,
      { ...headers, "x-visitor-token": started.visitor_token },
      { conversation_id: started.conversation.id },
    );
    expect(resumed.status).toBe(200);
    expect((await begin(widget.id, headers)).status).toBe(200);
  });

  test("list, messages and feedback need a visitor token", async () => {
    const widget = await strictWidget();
    const { conversation, visitor_token: token } = (await embedStart(widget.id)).body;
    const path = `${publicPath(widget.id)}/conversations`;
    const call = (suffix: string, headers: Record<string, string>): Promise<Answer> =>
      suffix === "/feedback"
        ? app.post(
            `${path}/${conversation.id}/feedback`,
            { data: { rating: 1 } },
            undefined,
            headers,
          )
        : app.get(path + suffix, undefined, headers);
    for (const suffix of ["", `/${conversation.id}/messages`, "/feedback"]) {
      expect((await call(suffix, { origin: PUBLIC_URL })).status, suffix).toBe(401);
      const headers = { origin: PUBLIC_URL, "x-visitor-token": token };
      expect((await call(suffix, headers)).status, suffix).toBe(200);
    }
  });

  test("a call without Origin is refused on every public route", async () => {
    const widget = await strictWidget();
    const { conversation, visitor_token: token } = (await embedStart(widget.id)).body;
    const answers = [
      await read(widget.id),
      await ticketFrom(widget.id),
      await begin(widget.id, { "x-embed-ticket": await app.ticket(widget.id, SHOP) }),
      await listPublic(app, widget.id, { token }),
      await readMessages(app, widget.id, conversation.id, token),
      await giveFeedback(app, widget.id, conversation.id, { rating: 1 }, token),
    ];
    expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 403));
  });

  test("an unbound conversation from before needs its visitor's token too", async () => {
    const widget = await app.widget(organization.key, { domains: [SHOP] });
    const before = (await begin(widget.id, { origin: SHOP })).body;
    await setStrict(widget.id, true);
    const body = { conversation_id: before.conversation.id };
    expect((await begin(widget.id, { origin: SHOP }, body)).status).toBe(401);
    const headers = { origin: SHOP, "x-visitor-token": before.visitor_token };
    expect((await begin(widget.id, headers, body)).status).toBe(200);
  });

  test("with empty domains is a readiness blocker, and nothing starts", async () => {
    const widget = await strictWidget([]);
    const answer = await begin(widget.id, {
      origin: SHOP,
      "x-embed-ticket": await app.ticket(widget.id, SHOP),
    });
    expect(answer.status).toBe(409);
    const query = `query ($id: UUID!) { widget(id: $id) { readiness { live blockers { code } } } }`;
    const { readiness } = (await app.gql(query, { id: widget.id }, organization.key)).body.data
      .widget;
    expect(readiness).toEqual({ live: false, blockers: [{ code: "STRICT_WITHOUT_DOMAINS" }] });
  });

  test("switched off gives the documented behaviour back", async () => {
    const widget = await strictWidget();
    await setStrict(widget.id, false);
    expect((await begin(widget.id, {})).status).toBe(200);
    expect((await listPublic(app, widget.id)).status).toBe(200);
  });
});

describe("the end of a widget's tokens", () => {
  const revoke = (id: string): Promise<Answer> =>
    app.gql(
      `mutation ($id: UUID!) { revokeVisitorTokens(input: { id: $id }) { widget { id } } }`,
      { id },
      organization.key,
    );
  const publish = (id: string, published: boolean): Promise<Answer> =>
    app.put(`/core/web-widgets/${id}`, { published }, organization.key);

  async function liveWidget() {
    const widget = await app.widget(organization.key, { config: feedbackConfig() });
    const ticket = await app.ticket(widget.id);
    const { body } = await begin(widget.id, { "x-embed-ticket": ticket });
    app.rooms.deleted.length = 0;
    return {
      widgetId: widget.id as string,
      id: body.conversation.id as string,
      token: body.visitor_token as string,
      room: body.connection_details.room as string,
    };
  }

  test("by revokeVisitorTokens: tokens are over and live rooms deleted at once", async () => {
    const { widgetId, id, token, room } = await liveWidget();
    expect((await revoke(widgetId)).body.data.revokeVisitorTokens.widget.id).toBe(widgetId);
    expect(app.rooms.deleted).toEqual([room]);
    expect((await readMessages(app, widgetId, id, token)).status).toBe(401);
    expect((await giveFeedback(app, widgetId, id, { rating: 1 }, token)).status).toBe(401);
    const resumed = await begin(widgetId, { "x-visitor-token": token }, { conversation_id: id });
    expect(resumed.status).toBe(401);
    expect((await listPublic(app, widgetId, { token })).body).toEqual([]);
    expect((await begin(widgetId, {})).status).toBe(200);
  });

  test("a room token that outlives them opens nothing: the conversation has ended, its room is deleted again", async () => {
    const { widgetId, id, room } = await liveWidget();
    await revoke(widgetId);
    app.rooms.deleted.length = 0;
    await deliver(app, { event: "room_started", room });
    expect(app.rooms.deleted).toEqual([room]);
    const row = await app.db.conversation.findUniqueOrThrow({ where: { id } });
    expect(row.status).toBe("cancelled");
  });

  test("by unpublishing: publishing again does not bring the tokens back", async () => {
    const { widgetId, id, token, room } = await liveWidget();
    await publish(widgetId, false);
    expect(app.rooms.deleted).toEqual([room]);
    expect((await readMessages(app, widgetId, id, token)).status).toBe(404);
    await publish(widgetId, true);
    expect((await readMessages(app, widgetId, id, token)).status).toBe(401);
  });

  test("by deleting", async () => {
    const { widgetId, id, token, room } = await liveWidget();
    await app.delete(`/core/web-widgets/${widgetId}`, organization.key);
    expect(app.rooms.deleted).toEqual([room]);
    expect((await readMessages(app, widgetId, id, token)).status).toBe(404);
    const row = await app.db.conversation.findUniqueOrThrow({ where: { id } });
    expect(row.webWidgetId).toBe(widgetId);
  });

  test("needs web_widgets:manage in the widget's own organization", async () => {
    const { widgetId, id, token } = await liveWidget();
    const stranger = await app.organization();
    const reader = await app.key(organization.id, ["web_widgets:read"]);
    const query = `mutation ($id: UUID!) { revokeVisitorTokens(input: { id: $id }) { widget { id } } }`;
    expect(codeOf(await app.gql(query, { id: widgetId }, stranger.key))).toBe("NOT_FOUND");
    expect(codeOf(await app.gql(query, { id: widgetId }, reader))).toBe("FORBIDDEN");
    expect(codeOf(await app.gql(query, { id: widgetId }))).toBe("UNAUTHENTICATED");
    expect((await readMessages(app, widgetId, id, token)).status).toBe(200);
  });

  test("does not reach another widget's", async () => {
    const one = await liveWidget();
    const two = await liveWidget();
    await revoke(one.widgetId);
    expect((await readMessages(app, two.widgetId, two.id, two.token)).status).toBe(200);
    expect(app.rooms.deleted).not.toContain(two.room);
  });
});
