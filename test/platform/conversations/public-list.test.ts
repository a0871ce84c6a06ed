import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { TestApp, type Answer } from "../../support/app.js";
import { beginBound, codeOf, listPublic, withToken } from "../../support/visitor.js";

const LIST = `query ($id: UUID!, $userId: String, $status: ConversationStatus, $channel: Channel, $first: Int) {
  publicConversations(widgetId: $id, userId: $userId, status: $status, channel: $channel, first: $first) {
    nodes { id userId status }
  }
}`;

let app: TestApp;
let organization: { id: string; key: string };
let widget: Answer["body"];
beforeAll(async () => {
  app = await TestApp.start();
  organization = await app.organization();
});
afterAll(() => app.stop());
beforeEach(async () => {
  widget = await app.widget(organization.key);
});

async function start(userId: string, widgetId: string = widget.id): Promise<string> {
  return (await app.begin(widgetId, { user_id: userId, custom_metadata: { secret: "mark" } })).body
    .conversation.id;
}

function idsOf(answer: Answer): string[] {
  expect(answer.status, answer.text).toBe(200);
  return answer.body.map((item: { id: string }) => item.id);
}

describe("the public list", () => {
  test("holds this widget's conversations, newest first, and no other widget's", async () => {
    const other = await app.widget(organization.key);
    await start("ada", other.id);
    const first = await start("ada");
    app.clock.forward(1);
    const second = await start("bob");
    expect(idsOf(await listPublic(app, widget.id))).toEqual([second, first]);
    const twin = await app.gql(LIST, { id: widget.id });
    expect(twin.body.data.publicConversations.nodes.map((node: { id: string }) => node.id)).toEqual(
      [second, first],
    );
  });

  test("has safe columns only: exactly these, never metadata, summary or transcript", async () => {
    const id = await start("ada");
    await app.db.conversation.update({ where: { id }, data: { summary: "mark-summary" } });
    const answer = await listPublic(app, widget.id);
    expect(Object.keys(answer.body[0]).toSorted()).toEqual([
      "agent",
      "agent_id",
      "agent_version_id",
      "channel",
      "created_at",
      "direction",
      "duration",
      "first_words",
      "id",
      "organization_id",
      "status",
      "updated_at",
      "user_id",
      "user_turn_count",
      "user_verified",
      "web_widget_id",
    ]);
    expect(answer.text).not.toContain("mark");
    for (const field of [
      "customMetadata",
      "identityMetadata",
      "summary",
      "conversation { messages { text } }",
    ]) {
      const query = `query ($id: UUID!) { publicConversations(widgetId: $id) { nodes { ${field} } } }`;
      const twin = await app.gql(query, { id: widget.id }, organization.key);
      expect(codeOf(twin), field).toBe("GRAPHQL_VALIDATION_FAILED");
    }
  });

  test("shows user_id only to a caller who named it, by the filter or by a token", async () => {
    await start("ada");
    const started = await app.begin(widget.id, { user_id: "bob" });
    const unnamed = await listPublic(app, widget.id);
    expect(unnamed.body.map((item: { user_id: unknown }) => item.user_id)).toEqual([null, null]);
    expect(unnamed.text).not.toMatch(/"user_id":"/);
    const named = await listPublic(app, widget.id, { query: "?user_id=ada" });
    expect(named.body.map((item: { user_id: unknown }) => item.user_id)).toEqual(["ada"]);
    const byToken = await listPublic(app, widget.id, { token: started.body.visitor_token });
    expect(byToken.body.map((item: { user_id: unknown }) => item.user_id).toSorted()).toEqual([
      "bob",
      null,
    ]);
    const twin = await app.gql(LIST, { id: widget.id });
    expect(twin.body.data.publicConversations.nodes[0].userId).toBeNull();
  });

  test("matches user_id exactly: no part, no other case, no wildcard", async () => {
    const id = await start("Ada%Lovelace");
    for (const part of ["Ada", "ada%25lovelace", "Ada_Lovelace", "Ada%25", "%25"]) {
      expect(idsOf(await listPublic(app, widget.id, { query: `?user_id=${part}` }))).toEqual([]);
    }
    expect(idsOf(await listPublic(app, widget.id, { query: "?user_id=Ada%25Lovelace" }))).toEqual([
      id,
    ]);
  });

  test("filters by status in any case, and answers in lower case", async () => {
    const open = await start("ada");
    const over = await start("ada");
    await app.db.conversation.update({ where: { id: over }, data: { status: "completed" } });
    for (const status of ["completed", "COMPLETED", "Completed"]) {
      const answer = await listPublic(app, widget.id, { query: `?status=${status}` });
      expect(idsOf(answer)).toEqual([over]);
      expect(answer.body[0].status).toBe("completed");
    }
    expect(idsOf(await listPublic(app, widget.id, { query: "?status=token_created" }))).toEqual([
      open,
    ]);
    expect((await listPublic(app, widget.id, { query: "?status=nonsense" })).status).toBe(422);
  });

  test("shows the channel webrtc unless another is asked for", async () => {
    const id = await start("ada");
    const text = await start("ada");
    await app.db.conversation.update({ where: { id: text }, data: { channel: "text" } });
    expect(idsOf(await listPublic(app, widget.id))).toEqual([id]);
    expect(idsOf(await listPublic(app, widget.id, { query: "?channel=TEXT" }))).toEqual([text]);
    expect(idsOf(await listPublic(app, widget.id, { query: "?channel=webrtc" }))).toEqual([id]);
    expect((await listPublic(app, widget.id, { query: "?channel=pigeon" })).status).toBe(422);
  });

  test("filters by created_after and created_before, both exclusive", async () => {
    const ids: string[] = [];
    const times: string[] = [];
    for (let index = 0; index < 3; index += 1) {
      const { conversation } = (await app.begin(widget.id, { user_id: "ada" })).body;
      ids.push(conversation.id);
      times.push(conversation.created_at);
      app.clock.forward(10);
    }
    const after = await listPublic(app, widget.id, { query: `?created_after=${times[0]}` });
    expect(idsOf(after)).toEqual([ids[2], ids[1]]);
    const before = await listPublic(app, widget.id, { query: `?created_before=${times[2]}` });
    expect(idsOf(before)).toEqual([ids[1], ids[0]]);
    const between = await listPublic(app, widget.id, {
      query: `?created_after=${times[0]}&created_before=${times[2]}`,
    });
    expect(idsOf(between)).toEqual([ids[1]]);
  });

  test("is walked by the documented client without skipping or repeating", async () => {
    const ids: string[] = [];
    for (let index = 0; index < 7; index += 1) ids.unshift(await start("ada"));
    // Three share a created_at.
    const at = new Date("2026-01-01T00:00:00.000Z");
    await app.db.conversation.updateMany({
      where: { id: { in: ids.slice(2, 5) } },
      data: { createdAt: at },
    });
    const seen: string[] = [];
    let cursor = "";
    for (let page = 0; page < 10; page += 1) {
      const answer = await listPublic(app, widget.id, { query: `?limit=2${cursor}` });
      seen.push(...idsOf(answer));
      if (answer.body.length < 2) break;
      const last = answer.body.at(-1).created_at;
      cursor = `&cursor=${encodeURIComponent(Buffer.from(last).toString("base64"))}`;
    }
    expect(seen).toHaveLength(7);
    expect(seen.toSorted()).toEqual(ids.toSorted());
  });

  test.each([
    "limit=0",
    "limit=101",
    "limit=x",
    "cursor=%21",
    "limit=1&limit=2",
    "created_after=x",
  ])("refuses ?%s by 422", async (query) => {
    expect((await listPublic(app, widget.id, { query: `?${query}` })).status).toBe(422);
  });
});

describe("the list of a visitor's own", () => {
  async function say(conversationId: string, texts: readonly string[]): Promise<void> {
    await app.db.turn.createMany({
      data: texts.map((text, index) => ({
        conversationId,
        id: `turn-${index}`,
        role: index === 0 ? "agent" : "user",
        mode: "text",
        text,
        createdAt: new Date(1000 * index),
        cutOff: text === "Cut",
      })),
    });
  }

  test("is all that the token opens, of any name, with how each began, and nothing of anybody else", async () => {
    const guest = (await beginBound(app, widget.id, { user_id: "guest_1" })).body;
    app.clock.forward(1);
    const ticket = await app.ticket(widget.id);
    const named = await app.begin(
      widget.id,
      { user_id: "ada" },
      { "x-embed-ticket": ticket, ...withToken(guest.visitor_token) },
    );
    const token = named.body.visitor_token;
    // Whoever gives the same name, bound or not, is somebody else.
    const other = (await beginBound(app, widget.id, { user_id: "ada" })).body;
    const unbound = await start("ada");
    await say(guest.conversation.id, ["Hello!", "Cut", "Where is my order?", "And now?"]);
    await say(other.conversation.id, ["Hello!", "mark-other"]);
    await say(unbound, ["Hello!", "mark-unbound"]);

    const answer = await listPublic(app, widget.id, { query: "?own=true", token });
    expect(answer.status, answer.text).toBe(200);
    expect(answer.body).toMatchObject([
      { id: named.body.conversation.id, user_id: "ada", first_words: null },
      { id: guest.conversation.id, user_id: "guest_1", first_words: "Where is my order?" },
    ]);
    expect(answer.body).toHaveLength(2);
    expect(answer.text).not.toContain("mark");
    const twin = await app.gql(
      `query ($id: UUID!) {
        publicConversations(widgetId: $id, own: true) { nodes { id userId firstWords } }
      }`,
      { id: widget.id },
      undefined,
      withToken(token),
    );
    expect(twin.body.data.publicConversations.nodes).toMatchObject([
      { userId: "ada", firstWords: null },
      { userId: "guest_1", firstWords: "Where is my order?" },
    ]);
    // Without `own` the list says as little as it did.
    const open = await listPublic(app, widget.id, { token });
    expect(open.body.map((item: { first_words: unknown }) => item.first_words)).not.toContain(
      "Where is my order?",
    );
    expect(idsOf(open)).toContain(unbound);
  });

  test("has of a long text its beginning, which ends between two characters", async () => {
    const { conversation, visitor_token: token } = (
      await beginBound(app, widget.id, { user_id: "ada" })
    ).body;
    const family = "\u{1F468}\u200D\u{1F469}\u200D\u{1F467}";
    await say(conversation.id, ["Hello!", "a".repeat(115) + family]);
    const answer = await listPublic(app, widget.id, { query: "?own=true", token });
    expect(answer.body[0].first_words).toBe("a".repeat(115));
  });

  test("needs a token that is good: 401 without one, and once its key has ended", async () => {
    const { visitor_token: token } = (await beginBound(app, widget.id, { user_id: "ada" })).body;
    for (const bad of [undefined, "nonsense"]) {
      const answer = await listPublic(app, widget.id, {
        query: "?own=true",
        ...(bad === undefined ? {} : { token: bad }),
      });
      expect(answer.status).toBe(401);
    }
    const other = await app.widget(organization.key);
    expect((await listPublic(app, other.id, { query: "?own=true", token })).status).toBe(401);
    await app.post(`/core/public/web-widgets/${widget.id}/logout`, {}, undefined, withToken(token));
    expect((await listPublic(app, widget.id, { query: "?own=true", token })).status).toBe(401);
    expect((await listPublic(app, widget.id, { query: "?own=maybe", token })).status).toBe(422);
  });
});

describe("a bound conversation in the public list", () => {
  test("is absent without its visitor's token, whatever is filtered", async () => {
    const bound = (await beginBound(app, widget.id, { user_id: "ada" })).body;
    const { id } = bound.conversation;
    const stranger = (await beginBound(app, widget.id, { user_id: "bob" })).body.visitor_token;
    for (const token of [undefined, stranger, "nonsense"]) {
      for (const query of ["", "?user_id=ada", "?status=token_created"]) {
        const answer = await listPublic(app, widget.id, { query, ...(token ? { token } : {}) });
        expect(idsOf(answer)).not.toContain(id);
      }
    }
    const own = await listPublic(app, widget.id, { token: bound.visitor_token });
    expect(idsOf(own)).toContain(id);
    const twin = await app.gql(LIST, { id: widget.id, userId: "ada" });
    expect(twin.body.data.publicConversations.nodes).toEqual([]);
    const twinOwn = await app.gql(
      LIST,
      { id: widget.id },
      undefined,
      withToken(bound.visitor_token),
    );
    expect(twinOwn.body.data.publicConversations.nodes[0]).toMatchObject({ id, userId: "ada" });
  });

  test("is shown to every token of its key, and to none of the same name or of another widget", async () => {
    const first = (await beginBound(app, widget.id, { user_id: "ada" })).body;
    const bound = first.conversation.id;
    const ticket = await app.ticket(widget.id);
    const again = await app.begin(
      widget.id,
      { user_id: "ada" },
      { "x-embed-ticket": ticket, ...withToken(first.visitor_token) },
    );
    const list = await listPublic(app, widget.id, { token: again.body.visitor_token });
    expect(idsOf(list)).toEqual(expect.arrayContaining([bound, again.body.conversation.id]));
    const impostor = (await beginBound(app, widget.id, { user_id: "ada" })).body.visitor_token;
    for (const query of ["", "?user_id=ada"]) {
      const seen = await listPublic(app, widget.id, { token: impostor, query });
      expect(idsOf(seen)).not.toContain(bound);
    }
    const other = await app.widget(organization.key);
    const theirs = (await beginBound(app, other.id, { user_id: "ada" })).body.visitor_token;
    expect(idsOf(await listPublic(app, widget.id, { token: theirs }))).not.toContain(bound);
  });
});
