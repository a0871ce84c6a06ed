import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { atCommandLine } from "../../../src/platform/audit/author.js";
import { PUBLIC_URL, TestApp, type Answer } from "../../support/app.js";
import { onPostgres } from "../../support/database.js";
import { publicPath, readMessages, talkOf, withToken, type Talk } from "../../support/visitor.js";

const DAY = 24 * 60 * 60;
const SHOP = "https://shop.example";
const OTHER_SHOP = "https://other.example";

let app: TestApp;
let organization: { id: string; key: string };
let widget: Answer["body"];
beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.stop());
beforeEach(async () => {
  organization = await app.organization();
  widget = await app.widget(organization.key);
  app.rooms.deleted.length = 0;
});

/** Who asks: from where, on which page, and for which widget, unless it is the panel as it should be. */
interface Asking {
  readonly origin?: string | undefined;
  readonly site?: string | undefined;
  readonly widgetId?: string;
  readonly token?: string;
  readonly ticket?: string | null;
}

async function headersOf({ token, ...asking }: Asking): Promise<Record<string, string>> {
  const { widgetId = widget.id, ticket } = asking;
  const site = "site" in asking ? asking.site : SHOP;
  const origin = "origin" in asking ? asking.origin : PUBLIC_URL;
  return {
    ...(origin === undefined ? {} : { origin }),
    ...(ticket === null ? {} : { "x-embed-ticket": ticket ?? (await app.ticket(widgetId, site)) }),
    ...(token === undefined ? {} : withToken(token)),
  };
}

async function create(talk: Talk, body: object = {}, asking: Asking = {}): Promise<Answer> {
  const { widgetId = widget.id } = asking;
  return app.post(
    `${publicPath(widgetId)}/handles`,
    { conversation_id: talk.id, ...body },
    undefined,
    await headersOf({ token: talk.token, ...asking }),
  );
}

async function exchange(
  handle: string,
  asking: Asking & { attempt?: string } = {},
): Promise<Answer> {
  const { widgetId = widget.id, attempt = randomUUID(), ...who } = asking;
  return app.post(
    `${publicPath(widgetId)}/handles/exchange`,
    { handle, attempt },
    undefined,
    await headersOf({ widgetId, ...who }),
  );
}

async function begin(body: object = {}, token?: string): Promise<Talk> {
  const ticket = await app.ticket(widget.id, SHOP);
  return talkOf(
    await app.begin(
      widget.id,
      { user_id: `guest_${randomUUID()}`, ...body },
      { "x-embed-ticket": ticket, ...(token ? withToken(token) : {}) },
    ),
  );
}

async function handleOf(talk: Talk, body?: object): Promise<string> {
  const answer = await create(talk, body);
  expect(answer.status, answer.text).toBe(200);
  return answer.body.handle;
}

async function next(handle: string): Promise<string> {
  const answer = await exchange(handle);
  expect(answer.status, answer.text).toBe(200);
  return answer.body.handle;
}

async function reads(talk: Talk, token = talk.token): Promise<number> {
  return (await readMessages(app, widget.id, talk.id, token)).status;
}

const logout = (token: string): Promise<Answer> =>
  app.post(`${publicPath(widget.id)}/logout`, undefined, undefined, withToken(token));

describe("the page's handle", () => {
  test("is exchanged for what belongs to it, and for the next one", async () => {
    const talk = await begin({ user_id: "guest_1", custom_metadata: { name: "Ada", terms: true } });
    const made = await create(talk);
    const given = await exchange(made.body.handle);
    expect(given.status, given.text).toBe(200);
    expect(given.body).toMatchObject({
      conversation_id: talk.id,
      user_id: "guest_1",
      visitor: null,
      is_over: false,
      custom_metadata: { name: "Ada", terms: true },
      expires_at: made.body.expires_at,
    });
    expect(given.body.handle).not.toBe(made.body.handle);
    expect(await reads(talk, given.body.visitor_token)).toBe(200);
    const again = await exchange(given.body.handle);
    expect(again.body.conversation_id).toBe(talk.id);
  });

  test("says under which name the page had it, and whether the talk is left for good", async () => {
    const talk = await begin({ user_id: "guest_2" });
    const handle = await handleOf(talk, { visitor: "ada", is_over: true });
    expect((await exchange(handle)).body).toMatchObject({ visitor: "ada", is_over: true });
  });

  test("gives back no feedback, and nothing of the agent's", async () => {
    const talk = await begin();
    await app.db.conversation.update({
      where: { id: talk.id },
      data: { customMetadata: { plan: "pro", feedback_form: { rating: 1 } }, summary: "Secret" },
    });
    const given = await exchange(await handleOf(talk));
    expect(given.body.custom_metadata).toEqual({ plan: "pro" });
    expect(given.text).not.toContain("Secret");
  });

  test("is stored as a hash alone, and nothing of the visitor beside it in the clear", async () => {
    const talk = await begin({ user_id: "guest_secret" });
    const handle = await next(await handleOf(talk, { visitor: "ada" }));
    const [id = "", secret = ""] = handle.split(".");
    const row = await app.db.visitorHandle.findUniqueOrThrow({ where: { id } });
    const [, payload = ""] = talk.token.split(".");
    const { k: key } = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    const stored = Object.values(row).map((value) =>
      value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : String(value),
    );
    for (const hidden of [secret, key, "guest_secret"]) {
      expect(stored.filter((value) => value.includes(hidden))).toEqual([]);
    }
  });

  test("takes the place of the one that its key had on this page", async () => {
    const talk = await begin();
    const first = await handleOf(talk);
    const second = await handleOf(talk);
    expect((await exchange(first)).status).toBe(404);
    // What is only unknown ends nothing.
    expect((await exchange(second)).status).toBe(200);
  });

  test("goes with its conversation", async () => {
    const talk = await begin({ user_id: "guest_erased" });
    const handle = await handleOf(talk);
    await app.parley.retention.erase(atCommandLine(organization.id), "guest_erased");
    expect((await exchange(handle)).status).toBe(404);
    expect(await app.db.visitorHandle.count({ where: { conversationId: talk.id } })).toBe(0);
  });
});

describe("an honest browser", () => {
  test("has the same answer for the same attempt, as after one that was lost", async () => {
    const talk = await begin();
    const handle = await handleOf(talk);
    const attempt = randomUUID();
    const first = await exchange(handle, { attempt });
    app.clock.forward(60);
    const again = await exchange(handle, { attempt });
    expect(again.status, again.text).toBe(200);
    expect(again.body.handle).toBe(first.body.handle);
    expect((await exchange(again.body.handle)).status).toBe(200);
  });

  test("with two tabs at once reads the page again, and is not thrown out", async () => {
    const talk = await begin();
    const handle = await handleOf(talk);
    const answers = await Promise.all([exchange(handle), exchange(handle), exchange(handle)]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409]);
    const kept = answers.find(({ status }) => status === 200)?.body.handle;
    expect((await exchange(kept)).status).toBe(200);
    expect(await reads(talk)).toBe(200);
  });

  test("with two tabs that share an attempt has one answer", async () => {
    const handle = await handleOf(await begin());
    const attempt = randomUUID();
    const answers = await Promise.all([0, 1, 2].map(() => exchange(handle, { attempt })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set(answers.map(({ body }) => body.handle)).size).toBe(1);
  });
});

describe("a hostile page", () => {
  test.each([
    ["from its own origin", { origin: SHOP }],
    ["from no origin", { origin: "null" }],
    ["as a program without one", { origin: undefined }],
  ])("exchanges no handle %s", async (_from, asking) => {
    const handle = await handleOf(await begin());
    const answer = await exchange(handle, asking);
    expect(answer.status).toBe(403);
    expect(answer.text).not.toContain("visitor_token");
    // Nor makes one.
    expect((await create(await begin(), {}, asking)).status).toBe(403);
    expect((await exchange(handle)).status).toBe(200);
  });

  test("needs a ticket, of a page with an origin", async () => {
    const talk = await begin();
    const handle = await handleOf(talk);
    for (const [asking, status] of [
      [{ ticket: null }, 401],
      [{ ticket: "made.up.ticket" }, 401],
      [{ site: undefined }, 403],
      [{ site: "null" }, 403],
    ] as const) {
      expect((await exchange(handle, asking)).status).toBe(status);
      expect((await create(talk, {}, asking)).status).toBe(status);
    }
    expect((await exchange(handle)).status).toBe(200);
  });

  test("that frames our panel elsewhere gets nothing with a copied handle, and ends nothing", async () => {
    const handle = await handleOf(await begin());
    const copied = await exchange(handle, { site: OTHER_SHOP });
    const made = await exchange(`${randomUUID()}.${"x".repeat(43)}`);
    expect({ status: copied.status, body: copied.body }).toEqual({ status: 404, body: made.body });
    expect((await exchange(handle)).status).toBe(200);
  });

  test("loses its copy, and all that it got by it, when the visitor comes back", async () => {
    const talk = await begin();
    const handle = await handleOf(talk);
    const thief = await exchange(handle);
    app.clock.forward(11);
    const visitor = await exchange(handle);
    expect(visitor.status).toBe(401);
    for (const token of [talk.token, thief.body.visitor_token]) {
      expect(await reads(talk, token)).toBe(401);
    }
    expect((await exchange(thief.body.handle)).status).toBe(404);
    expect(app.rooms.deleted).toContain(talk.room);
  });

  test("that replays an older one ends the chain, however many came since", async () => {
    const talk = await begin();
    const old = await handleOf(talk);
    const newest = await next(await next(await next(old)));
    expect((await exchange(old)).status).toBe(401);
    expect((await exchange(newest)).status).toBe(404);
    expect(await reads(talk)).toBe(401);
  });

  test("that copied an attempt too finds it over after ten minutes", async () => {
    const talk = await begin();
    const handle = await handleOf(talk);
    const attempt = randomUUID();
    await exchange(handle, { attempt });
    app.clock.forward(601);
    expect((await exchange(handle, { attempt })).status).toBe(401);
  });

  test("has no use for it at another widget, of this organization or of another", async () => {
    const handle = await handleOf(await begin());
    const stranger = await app.organization();
    for (const key of [organization.key, stranger.key]) {
      const { id: widgetId } = await app.widget(key);
      expect((await exchange(handle, { widgetId })).status).toBe(404);
    }
    expect((await exchange(handle)).status).toBe(200);
  });

  test("makes none for another visitor's conversation, nor for another widget's", async () => {
    const [victim, attacker] = [await begin(), await begin()];
    expect((await create({ ...victim, token: attacker.token })).status).toBe(401);
    expect((await create(victim, {}, { token: "none" })).status).toBe(401);
    const { id: widgetId } = await app.widget(organization.key);
    const other = talkOf(await app.begin(widgetId, { user_id: "ada" }));
    expect((await create({ ...victim, token: other.token }, {}, { widgetId })).status).toBe(403);
  });

  test.each([
    ["handle", { handle: 5, attempt: randomUUID() }],
    ["attempt", { handle: "x", attempt: "short" }],
    ["attempt", { handle: "x", attempt: "with a line\nin its very middle" }],
    ["visitor", { visitor: "x".repeat(256) }],
    ["visitor", { visitor: "a\u0007" }],
  ])("is told which field is wrong: %s", async (field, body) => {
    const talk = await begin();
    const answer =
      field === "visitor"
        ? await create(talk, body)
        : await app.post(
            `${publicPath(widget.id)}/handles/exchange`,
            body,
            undefined,
            await headersOf({}),
          );
    expect(answer.status).toBe(422);
    expect(answer.body.errors).toMatchObject([{ path: field }]);
  });
});

describe("a handle ends", () => {
  test("with a logout, by whichever token of its key", async () => {
    const talk = await begin();
    const handle = await next(await handleOf(talk));
    expect((await logout(talk.token)).status).toBe(200);
    expect((await exchange(handle)).status).toBe(404);
    expect((await create(talk)).status).toBe(401);
  });

  test.each([
    [
      "a revocation",
      async () => {
        await app.gql(
          `mutation { revokeVisitorTokens(input: { id: "${widget.id}" }) { widget { id } } }`,
          {},
          organization.key,
        );
      },
    ],
    [
      "an unpublication",
      async () => {
        const path = `/core/web-widgets/${widget.id}`;
        await app.put(path, { published: false }, organization.key);
        await app.put(path, { published: true }, organization.key);
      },
    ],
    [
      "the widget's end",
      async () => {
        await app.delete(`/core/web-widgets/${widget.id}`, organization.key);
      },
    ],
  ])("with %s", async (_what, end) => {
    const talk = await begin();
    const handle = await handleOf(talk);
    const asPanel = await headersOf({});
    await end();
    const answer = await app.post(
      `${publicPath(widget.id)}/handles/exchange`,
      { handle, attempt: randomUUID() },
      undefined,
      asPanel,
    );
    expect(answer.status).toBe(404);
  });

  test("where its website is not among the domains any more", async () => {
    const handle = await handleOf(await begin());
    const ticket = await app.ticket(widget.id, SHOP);
    await app.put(`/core/web-widgets/${widget.id}`, { domains: [OTHER_SHOP] }, organization.key);
    expect((await exchange(handle, { ticket })).status).toBe(403);
  });

  test("after 30 days, however often it was exchanged, and is swept", async () => {
    const talk = await begin();
    let handle = await handleOf(talk);
    for (let days = 0; days < 29; days += 1) {
      app.clock.forward(DAY);
      handle = await next(handle);
    }
    app.clock.forward(DAY + 1);
    expect((await exchange(handle)).status).toBe(404);
    await app.parley.handles.sweep();
    expect(await app.db.visitorHandle.count({ where: { conversationId: talk.id } })).toBe(0);
  });
});

describe("side by side", () => {
  test.runIf(onPostgres)("exchanges of one handle on two instances make one next", async () => {
    // Instances agree about the time; the tests before this one have set the first one's forward.
    const second = await TestApp.start({ database: app.parley.database, clock: app.clock });
    const path = `${publicPath(widget.id)}/handles/exchange`;
    for (let round = 0; round < 5; round += 1) {
      const handle = await handleOf(await begin());
      const headers = await headersOf({});
      const answers = await Promise.all(
        [app, second, app, second].map((one) =>
          one.post(path, { handle, attempt: randomUUID() }, undefined, headers),
        ),
      );
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409, 409]);
    }
    await second.stop({ keepDatabase: true });
  });

  test.runIf(onPostgres)("a logout leaves no handle that is exchanged meanwhile", async () => {
    for (let round = 0; round < 5; round += 1) {
      const talk = await begin();
      const handle = await handleOf(talk);
      const [given] = await Promise.all([exchange(handle), logout(talk.token), create(talk)]);
      expect([200, 404]).toContain(given.status);
      expect(await app.db.visitorHandle.count({ where: { conversationId: talk.id } })).toBe(0);
      if (given.status === 200) expect(await reads(talk, given.body.visitor_token)).toBe(401);
    }
  });
});
