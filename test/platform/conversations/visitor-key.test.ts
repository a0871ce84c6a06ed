import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { APP_SECRET, TestApp, type Answer } from "../../support/app.js";
import { SignedTokens } from "../../../src/platform/auth/signed-token.js";
import { onPostgres } from "../../support/database.js";
import {
  beginByGraphQL,
  codeOf,
  feedbackConfig,
  giveFeedback,
  listPublic,
  publicPath,
  readMessages,
  talkOf,
  visitWidget,
  withToken,
  type Talk,
  type Visit,
} from "../../support/visitor.js";

const DAY = 24 * 60 * 60;
const SHOP = "https://shop.example";

let app: TestApp;
let organization: { id: string; key: string };
let widget: Answer["body"];
beforeAll(async () => {
  app = await TestApp.start();
  organization = await app.organization();
  widget = await app.widget(organization.key, { config: feedbackConfig() });
});
afterAll(() => app.stop());
beforeEach(() => {
  app.rooms.deleted.length = 0;
});

const visit = (userId: string, options?: Visit): Promise<Answer> =>
  visitWidget(app, widget.id, userId, options);
const begin = async (userId: string, options?: Visit): Promise<Talk> =>
  talkOf(await visit(userId, options));

async function reads(talk: Talk, token: string): Promise<boolean> {
  const answer = await readMessages(app, widget.id, talk.id, token);
  expect([200, 401]).toContain(answer.status);
  return answer.status === 200;
}

async function listed(token: string): Promise<string[]> {
  const answer = await listPublic(app, widget.id, { token, query: "?limit=100" });
  return answer.body.map((item: { id: string }) => item.id);
}

function logout(token?: string, widgetId: string = widget.id): Promise<Answer> {
  return app.post(
    `${publicPath(widgetId)}/logout`,
    undefined,
    undefined,
    token ? withToken(token) : {},
  );
}

describe("the key of a visitor token", () => {
  test("is kept by a start of the same name, and opens both conversations", async () => {
    const first = await begin("ada");
    const second = await begin("ada", { token: first.token });
    expect(await reads(first, second.token)).toBe(true);
    expect(await reads(second, first.token)).toBe(true);
    expect(await listed(second.token)).toEqual(expect.arrayContaining([first.id, second.id]));
  });

  test("is kept when a guest gets a name", async () => {
    const guest = await begin("guest_1");
    const named = await begin("ada", { token: guest.token });
    expect(await reads(guest, named.token)).toBe(true);
    const resumed = await begin("guest_1", { resumes: guest.id, token: named.token });
    expect(await reads(guest, resumed.token)).toBe(true);
  });

  test("is kept for the first name alone: a second person in the same browser gets one of their own", async () => {
    const guest = await begin("guest_2");
    const ada = await begin("ada", { token: guest.token });
    // No logout, and the browser still has the guest's token.
    const bob = await begin("bob", { token: guest.token });
    expect(await reads(ada, bob.token)).toBe(false);
    expect(await reads(guest, bob.token)).toBe(false);
    expect(await listed(bob.token)).toEqual(expect.not.arrayContaining([ada.id, guest.id]));
    const again = await begin("ada", { token: guest.token });
    expect(await reads(ada, again.token)).toBe(true);
  });

  test.runIf(onPostgres)("is given to one of two names that come at once", async () => {
    for (let round = 0; round < 5; round += 1) {
      const guest = await begin(`guest_race_${round}`);
      const names = await Promise.all(
        ["ada", "bob", "eve"].map((name) => begin(name, { token: guest.token })),
      );
      const kept = await Promise.all(names.map((talk) => reads(guest, talk.token)));
      expect(kept.filter(Boolean)).toHaveLength(1);
    }
  });

  test.each([
    ["a name", "bob", "ada"],
    ["a guest", "guest_3", "guest_4"],
    ["a name", "bob", "guest_5"],
  ])("is new when %s %s becomes %s", async (_kind, before, after) => {
    const first = await begin(before);
    const second = await begin(after, { token: first.token });
    expect(await reads(first, second.token)).toBe(false);
    expect(await reads(second, first.token)).toBe(false);
    expect(await listed(second.token)).not.toContain(first.id);
  });

  test("of another widget is not kept", async () => {
    const other = await app.widget(organization.key);
    const theirs = talkOf(await app.begin(other.id, { user_id: "ada" }));
    const here = await begin("ada", { token: theirs.token });
    expect((await readMessages(app, other.id, theirs.id, here.token)).status).toBe(401);
  });

  test("is stored as a hash alone", async () => {
    const talk = await begin("ada");
    const [, payload = ""] = talk.token.split(".");
    const { k: key } = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    expect(Buffer.from(key, "base64url").length).toBeGreaterThanOrEqual(16);
    const row = await app.db.conversation.findUniqueOrThrow({ where: { id: talk.id } });
    expect(JSON.stringify(row)).not.toContain(key);
    expect(Buffer.from(row.visitorKeyHash ?? []).includes(Buffer.from(key, "base64url"))).toBe(
      false,
    );
  });

  test("carried on from start to start ends after 30 days", async () => {
    const first = await begin("ada");
    let { token } = first;
    for (let day = 0; day < 30; day += 1) {
      app.clock.forward(DAY - 60);
      ({ token } = await begin("ada", { token }));
    }
    app.clock.forward(31 * 60);
    const late = await begin("ada", { token });
    expect(await reads(first, late.token)).toBe(false);
  });
});

describe("who knows a name and an id", () => {
  test.each([false, true])("gets nothing of a bound conversation (strict: %s)", async (strict) => {
    const own = await app.widget(organization.key, {
      config: feedbackConfig(),
      ...(strict ? { domains: [SHOP] } : {}),
    });
    const origin: Record<string, string> = strict ? { origin: SHOP } : {};
    if (strict) {
      await app.put(`/core/web-widgets/${own.id}/security`, { strict }, organization.key);
    }
    const start = async (body: object, headers = {}): Promise<Answer> =>
      app.begin(own.id, body, {
        ...origin,
        ...headers,
        "x-embed-ticket": await app.ticket(own.id, strict ? SHOP : undefined),
      });
    const victim = talkOf(await start({ user_id: "victim", custom_metadata: { plan: "pro" } }));
    const attack = talkOf(await start({ user_id: "victim" }));
    const before = await app.db.conversation.findUnique({ where: { id: victim.id } });
    const path = `${publicPath(own.id)}/conversations`;
    const resume = {
      user_id: "victim",
      conversation_id: victim.id,
      custom_metadata: { plan: "x" },
    };
    for (const token of [undefined, attack.token]) {
      const headers = { ...origin, ...(token ? withToken(token) : {}) };
      expect((await app.begin(own.id, resume, headers)).status).toBe(401);
      const twin = await beginByGraphQL(
        app,
        own.id,
        { userId: "victim", conversationId: victim.id, customMetadata: { plan: "x" } },
        headers,
      );
      expect(codeOf(twin)).toBe("UNAUTHENTICATED");
      const messages = await app.get(`${path}/${victim.id}/messages`, undefined, headers);
      expect(messages.status).toBe(401);
      const rated = await app.post(
        `${path}/${victim.id}/feedback`,
        { data: { rating: 1 } },
        undefined,
        headers,
      );
      expect(rated.status).toBe(401);
      const list = await app.get(`${path}?user_id=victim&limit=100`, undefined, headers);
      expect(list.text).not.toContain(victim.id);
    }
    expect(app.rooms.deleted).not.toContain(victim.room);
    expect(await app.db.conversation.findUnique({ where: { id: victim.id } })).toEqual(before);
    expect(await app.db.conversationRoom.count({ where: { conversationId: victim.id } })).toBe(1);
  });
});

describe("a logout", () => {
  test("ends the key everywhere: copies of its tokens open nothing, and none is renewed", async () => {
    const first = await begin("ada");
    const second = await begin("ada", { token: first.token });
    const copied = second.token;
    expect((await logout(first.token)).body).toEqual({ status: "ok" });
    for (const token of [first.token, copied]) {
      for (const talk of [first, second]) {
        expect(await reads(talk, token)).toBe(false);
        expect((await visit("ada", { resumes: talk.id, token })).status).toBe(401);
        expect((await giveFeedback(app, widget.id, talk.id, { rating: 1 }, token)).status).toBe(
          401,
        );
      }
      expect(await listed(token)).not.toContain(first.id);
      const fresh = await begin("ada", { token });
      expect(await reads(first, fresh.token)).toBe(false);
      expect(await reads(fresh, fresh.token)).toBe(true);
    }
  });

  test("closes the rooms of its key, and of no other", async () => {
    const first = await begin("ada");
    const second = await begin("ada", { token: first.token });
    const namesake = await begin("ada");
    await logout(first.token);
    expect(app.rooms.deleted.toSorted()).toEqual([first.room, second.room].toSorted());
    const row = await app.db.conversation.findUniqueOrThrow({ where: { id: first.id } });
    expect(row.status).toBe("cancelled");
    expect(await reads(namesake, namesake.token)).toBe(true);
  });

  test("may be repeated, and needs a token of the widget", async () => {
    const talk = await begin("ada");
    expect((await logout(talk.token)).status).toBe(200);
    expect((await logout(talk.token)).status).toBe(200);
    const other = await app.widget(organization.key);
    const mine = await begin("ada");
    for (const answer of [await logout(), await logout("x"), await logout(mine.token, other.id)]) {
      expect(answer.status).toBe(401);
    }
    expect(await reads(mine, mine.token)).toBe(true);
  });

  test("by GraphQL does the same", async () => {
    const talk = await begin("ada");
    const query = `mutation ($w: UUID!) { logoutVisitor(input: { widgetId: $w }) { status } }`;
    const answer = await app.gql(query, { w: widget.id }, undefined, withToken(talk.token));
    expect(answer.body.data.logoutVisitor).toEqual({ status: "ok" });
    expect(await reads(talk, talk.token)).toBe(false);
    expect(codeOf(await app.gql(query, { w: widget.id }))).toBe("UNAUTHENTICATED");
  });

  test("is remembered for as long as a token of the key could live", async () => {
    const talk = await begin("ada");
    await logout(talk.token);
    app.clock.forward(29 * DAY);
    await app.parley.visitors.sweep();
    expect(await app.db.endedVisitorKey.count()).toBeGreaterThan(0);
    app.clock.forward(2 * DAY);
    await app.parley.visitors.sweep();
    expect(await app.db.endedVisitorKey.count()).toBe(0);
  });

  test.runIf(onPostgres)("leaves no room behind, whatever arrives at the same moment", async () => {
    for (let round = 0; round < 5; round += 1) {
      app.rooms.deleted.length = 0;
      const talk = await begin("race");
      const [, ...answers] = await Promise.all([
        logout(talk.token),
        ...[1, 2, 3].map(() => visit("race", { resumes: talk.id, token: talk.token })),
      ]);
      expect(answers.every(({ status }) => status === 200 || status === 401)).toBe(true);
      const { currentRoom } = await app.db.conversation.findUniqueOrThrow({
        where: { id: talk.id },
      });
      expect(app.rooms.deleted).toContain(currentRoom);
    }
  });
});

describe("a visitor token of a release without keys", () => {
  /** As it was signed then, and the row as it was written then. */
  async function older(talk: Talk, claims: object = {}): Promise<string> {
    await app.db.conversation.update({ where: { id: talk.id }, data: { visitorKeyHash: null } });
    const tokens = new SignedTokens(APP_SECRET, app.clock.now);
    const now = Math.floor(app.clock.now().getTime() / 1000);
    const row = await app.db.widget.findUniqueOrThrow({ where: { id: widget.id } });
    return tokens.sign(
      "visitor",
      { w: widget.id, u: "ada", c: talk.id, g: row.tokenGeneration, s: now, m: true, ...claims },
      now + DAY,
    );
  }

  test("opens its own conversation, and no other of its name", async () => {
    const [talk, other] = [await begin("ada"), await begin("ada")];
    const token = await older(talk);
    await older(other);
    expect(await reads(talk, token)).toBe(true);
    expect(await reads(other, token)).toBe(false);
    expect(await listed(token)).toContain(talk.id);
    expect(await listed(token)).not.toContain(other.id);
    const resumed = await begin("ada", { resumes: talk.id, token });
    expect(await reads(talk, resumed.token)).toBe(true);
    expect((await visit("ada", { resumes: other.id, token })).status).toBe(401);
  });

  test("that was got by a name alone opens nothing", async () => {
    const talk = await begin("ada");
    expect(await reads(talk, await older(talk, { m: false }))).toBe(false);
  });

  test("ends by a logout too", async () => {
    const talk = await begin("ada");
    const token = await older(talk);
    await logout(token);
    expect(await reads(talk, token)).toBe(false);
    expect(app.rooms.deleted).toEqual([talk.room]);
  });
});
