import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { jsonColumn } from "../../../src/platform/database/json-column.js";
import { TestApp, type Answer } from "../../support/app.js";
import { codeOf } from "../../support/visitor.js";

const PLAIN = [
  "agent",
  "agent_id",
  "agent_number",
  "agent_version_id",
  "channel",
  "created_at",
  "direction",
  "duration",
  "id",
  "latency",
  "organization_id",
  "status",
  "trunk_id",
  "updated_at",
  "usage",
  "user_id",
  "user_turn_count",
  "user_verified",
  "web_widget_id",
];
const SENSITIVE_IN_LIST = [
  "consent",
  "custom_metadata",
  "identity_metadata",
  "initial_context",
  "recording_details",
  "summary",
];
const SENSITIVE = [...SENSITIVE_IN_LIST, "conversation"];

let app: TestApp;
let organization: { id: string; key: string };
let widget: Answer["body"];
let id: string;
let readKey: string;
let manageKey: string;
let sensitiveKey: string;
beforeAll(async () => {
  app = await TestApp.start();
  organization = await app.organization();
  widget = await app.widget(organization.key);
  id = await start("Ada@Example.com", { plan: "pro", tags: ["a", "b"], nested: { deep: 1 } });
  await app.db.conversation.update({
    where: { id },
    data: { summary: "mark-summary", initialContext: { page: "/pricing" } },
  });
  await app.db.turn.createMany({
    data: [
      {
        conversationId: id,
        id: "b",
        role: "tool",
        mode: "text",
        text: "",
        createdAt: new Date(2_000),
        toolCall: {
          callId: "call_1",
          name: "show_list_widget",
          arguments: { title: "x" },
          result: null,
          error: "too long",
        },
      },
      {
        conversationId: id,
        id: "a",
        role: "user",
        mode: "voice",
        text: "mark-words",
        createdAt: new Date(1_000),
      },
    ],
  });
  readKey = await app.key(organization.id, ["conversations:read"]);
  manageKey = await app.key(organization.id, ["conversations:manage"]);
  sensitiveKey = await app.key(organization.id, [
    "conversations:read",
    "conversations:read_sensitive",
  ]);
});
afterAll(() => app.stop());

async function start(userId: string, metadata = {}, widgetId = widget.id): Promise<string> {
  const answer = await app.begin(widgetId, { user_id: userId, custom_metadata: metadata });
  expect(answer.status).toBe(200);
  return answer.body.conversation.id;
}

function keysOf(item: object): string[] {
  return Object.keys(item).toSorted();
}

describe("a conversation", () => {
  test("has exactly the documented fields, the sensitive ones with read_sensitive", async () => {
    const answer = await app.get(`/core/conversations/${id}`, sensitiveKey);
    expect(answer.status).toBe(200);
    const documented = {
      id,
      organization_id: organization.id,
      direction: "inbound",
      channel: "webrtc",
      status: "token_created",
      user_id: "Ada@Example.com",
      agent_id: widget.agent_id,
      agent_version_id: widget.agent_version_id,
      agent_number: null,
      trunk_id: null,
      web_widget_id: widget.id,
      duration: null,
      user_turn_count: 0,
      user_verified: false,
      latency: null,
      usage: { input_tokens: 0, output_tokens: 0 },
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      updated_at: expect.stringMatching(/Z$/),
      agent: { id: widget.agent_id, name: "Ada" },
      initial_context: { page: "/pricing" },
      summary: "mark-summary",
      custom_metadata: { plan: "pro", tags: ["a", "b"], nested: { deep: 1 } },
      identity_metadata: null,
      recording_details: null,
      consent: null,
      conversation: {
        messages: [
          {
            id: "a",
            role: "user",
            text: "mark-words",
            mode: "voice",
            created_at: "1970-01-01T00:00:01.000Z",
            tool_call: null,
            latency: null,
            usage: null,
            error: null,
          },
          {
            id: "b",
            role: "tool",
            text: "",
            mode: "text",
            created_at: "1970-01-01T00:00:02.000Z",
            tool_call: {
              call_id: "call_1",
              name: "show_list_widget",
              arguments: { title: "x" },
              result: null,
              error: "too long",
            },
            latency: null,
            usage: null,
            error: null,
          },
        ],
      },
    };
    expect(answer.body).toEqual(documented);
    expect(Object.keys(answer.body)).toEqual(Object.keys(documented));
  });

  test("without read_sensitive leaves the sensitive fields out; manage does not unlock them", async () => {
    for (const key of [readKey, manageKey]) {
      const answer = await app.get(`/core/conversations/${id}`, key);
      expect(answer.status).toBe(200);
      expect(keysOf(answer.body)).toEqual(PLAIN);
      expect(answer.text).not.toContain("mark");
      const list = await app.get("/core/conversations", key);
      expect(keysOf(list.body[0])).toEqual(PLAIN);
      expect(list.text).not.toContain("mark");
    }
  });

  test("in a list has the sensitive fields with read_sensitive, but never the transcript", async () => {
    const list = await app.get("/core/conversations", sensitiveKey);
    expect(keysOf(list.body[0])).toEqual([...PLAIN, ...SENSITIVE_IN_LIST].toSorted());
    expect(list.text).not.toContain("mark-words");
  });

  test("is not read by read_sensitive alone", async () => {
    const key = await app.key(organization.id, ["conversations:read_sensitive"]);
    expect((await app.get(`/core/conversations/${id}`, key)).status).toBe(403);
    expect((await app.get("/core/conversations", key)).status).toBe(403);
  });

  test("is read with the read or the manage scope, and no other", async () => {
    const other = await app.key(organization.id, ["agents:manage", "web_widgets:manage"]);
    expect((await app.get(`/core/conversations/${id}`, other)).status).toBe(403);
    expect((await app.get("/core/conversations", other)).status).toBe(403);
    expect((await app.get(`/core/conversations/${id}`)).status).toBe(401);
  });

  test("of another organization answers as if it did not exist", async () => {
    const stranger = await app.organization();
    const theirs = await app.get(`/core/conversations/${id}`, stranger.key);
    const unknown = await app.get(`/core/conversations/${randomUUID()}`, stranger.key);
    const malformed = await app.get("/core/conversations/nonsense", stranger.key);
    expect([theirs.status, unknown.status, malformed.status]).toEqual([404, 404, 404]);
    expect([theirs.text, malformed.text]).toEqual([unknown.text, unknown.text]);
    expect((await app.get("/core/conversations", stranger.key)).body).toEqual([]);
    const byWidget = `/core/conversations?web_widget_id=${widget.id}`;
    expect((await app.get(byWidget, stranger.key)).body).toEqual([]);
  });

  /** Telephony's is REST's alone. */
  const inGraphQL = SENSITIVE.filter((field) => field !== "recording_details");

  test.each(inGraphQL)("in GraphQL %s is null with FORBIDDEN at its path", async (field) => {
    const name = field.replace(/_(\w)/g, (_all, letter: string) => letter.toUpperCase());
    const selection = name === "conversation" ? "conversation { messages { text } }" : name;
    const query = `query ($id: UUID!) { conversation(id: $id) { id ${selection} } }`;
    for (const key of [readKey, manageKey]) {
      const { body } = await app.gql(query, { id }, key);
      expect(body.data.conversation).toEqual({ id, [name]: null });
      expect(body.errors).toHaveLength(1);
      expect(body.errors[0]).toMatchObject({
        path: ["conversation", name],
        extensions: { code: "FORBIDDEN" },
      });
    }
    const allowed = await app.gql(query, { id }, sensitiveKey);
    expect(allowed.body.errors).toBeUndefined();
    expect(allowed.body.data.conversation).toHaveProperty(name);
  });

  test("keeps the id of a deleted widget", async () => {
    const own = await app.widget(organization.key);
    const gone = await start("gone", {}, own.id);
    await app.delete(`/core/web-widgets/${own.id}`, organization.key);
    const answer = await app.get(`/core/conversations/${gone}`, readKey);
    expect(answer.body.web_widget_id).toBe(own.id);
  });
});

describe("the list of conversations", () => {
  let others: { id: string; key: string };
  let rows: Record<"text" | "phone" | "mail" | "plain", string>;
  let theirs: Answer["body"];
  const at = (seconds: number): Date => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds));

  beforeAll(async () => {
    others = await app.organization();
    theirs = await app.widget(others.key);
    const second = await app.widget(others.key);
    rows = {
      text: await start("Ada@Example.com", { plan: "pro", tags: ["x", "y"] }, theirs.id),
      phone: await start("bob_1", { plan: "free" }, theirs.id),
      mail: await start("bobX1", { plan: "pro", nested: { deep: { deeper: true } } }, theirs.id),
      plain: await start("100%", {}, second.id),
    };
    const changes = {
      text: { channel: "text", status: "completed", duration: 10, userTurnCount: 1 },
      phone: { channel: "telephone", direction: "outbound", status: "in_progress", duration: 20 },
      mail: { channel: "email", status: "completed", duration: 30, userTurnCount: 3 },
      plain: { userTurnCount: 0 },
    } as const;
    for (const [index, name] of (["text", "phone", "mail", "plain"] as const).entries()) {
      await app.db.conversation.update({
        where: { id: rows[name] },
        data: { ...changes[name], createdAt: at(index) },
      });
    }
  });

  /** Which of the rows a filter leaves. */
  async function left(query: string, key = others.key): Promise<string[]> {
    const answer = await app.get(`/core/conversations?${query}`, key);
    expect(answer.status, answer.text).toBe(200);
    const names = new Map(Object.entries(rows).map(([name, rowId]) => [rowId, name]));
    return answer.body.map((item: { id: string }) => names.get(item.id) ?? "?");
  }

  test("is newest first, without any filter all of the organization's", async () => {
    expect(await left("")).toEqual(["plain", "mail", "phone", "text"]);
  });

  test("finds a conversation by its count of turns while it goes on, and when it is over", async () => {
    const where = { id: rows["phone"] ?? "" };
    const { status } = await app.db.conversation.findUniqueOrThrow({ where });
    for (const data of [{ userTurnCount: 7 }, { status: "failed" as const }]) {
      await app.db.conversation.update({ where, data });
      expect(await left("user_turn_count_above=7")).toEqual(["phone"]);
      expect(await left("user_turn_count_above=7&user_turn_count_below=7")).toEqual(["phone"]);
      expect(await left("user_turn_count_above=8")).toEqual([]);
    }
    await app.db.conversation.update({ where, data: { status, userTurnCount: 0 } });
    expect(await left("user_turn_count_above=7")).toEqual([]);
  });

  test.each([
    ["direction=outbound", ["phone"]],
    ["direction=INBOUND", ["plain", "mail", "text"]],
    ["channel=text", ["text"]],
    ["channel=Telephone", ["phone"]],
    ["channel=EMAIL", ["mail"]],
    ["channel=webrtc", ["plain"]],
    ["status=completed", ["mail", "text"]],
    ["status=IN_PROGRESS", ["phone"]],
    ["user_id=ada%40example", ["text"]],
    ["user_id=BOB", ["mail", "phone"]],
    ["user_id=bob_1", ["phone"]],
    ["user_id=%25", ["plain"]],
    ["user_id=nobody", []],
    ["agent_number=%2B4912345", []],
    ["duration_above=20", ["mail", "phone"]],
    ["duration_below=20", ["phone", "text"]],
    ["duration_above=20&duration_below=20", ["phone"]],
    ["user_turn_count_above=1", ["mail", "text"]],
    ["user_turn_count_below=0", ["plain", "phone"]],
    ["user_turn_count_above=1&user_turn_count_below=2", ["text"]],
    ["created_after=2026-01-01T00:00:01Z", ["plain", "mail"]],
    ["created_before=2026-01-01T00:00:01.000Z", ["text"]],
    ["created_after=2026-01-01T01:00:00%2B01:00&created_before=2026-01-01T00:00:02Z", ["phone"]],
    ["custom_metadata=%7B%22plan%22%3A%22pro%22%7D", ["mail", "text"]],
    ["custom_metadata=%7B%22tags%22%3A%5B%22y%22%5D%7D", ["text"]],
    ["custom_metadata=%7B%22nested%22%3A%7B%22deep%22%3A%7B%7D%7D%7D", ["mail"]],
    ["custom_metadata=%7B%7D", ["plain", "mail", "phone", "text"]],
    ["status=completed&channel=email&user_id=b", ["mail"]],
  ])("filters by %s", async (query, expected) => {
    expect(await left(query)).toEqual(expected);
  });

  test("filters by agent, version and widget", async () => {
    for (const [name, value] of [
      ["agent_id", theirs.agent_id],
      ["agent_version_id", theirs.agent_version_id],
      ["web_widget_id", theirs.id],
    ]) {
      expect(await left(`${name}=${value}`)).toEqual(["mail", "phone", "text"]);
      expect(await left(`${name}=${randomUUID()}`)).toEqual([]);
      const wrong = await app.get(`/core/conversations?${name}=nonsense`, others.key);
      expect(wrong.status).toBe(422);
      expect(wrong.body.errors[0].path).toBe(name);
    }
  });

  test("filters the same by GraphQL", async () => {
    const query = `query ($s: ConversationStatus, $m: JSONObject, $above: Int, $user: String) {
      conversations(status: $s, customMetadata: $m, durationAbove: $above, userId: $user) { nodes { id } }
    }`;
    const ids = async (variables: object): Promise<string[]> =>
      (await app.gql(query, { ...variables }, others.key)).body.data.conversations.nodes.map(
        (node: { id: string }) => node.id,
      );
    expect(await ids({ s: "COMPLETED" })).toEqual([rows.mail, rows.text]);
    expect(await ids({ m: { plan: "pro" }, above: 30 })).toEqual([rows.mail]);
    expect(await ids({ user: "BOB" })).toEqual([rows.mail, rows.phone]);
  });

  test("by GraphQL are exactly one visitor's too", async () => {
    const query = `query ($user: String) { conversations(ofUserId: $user) { nodes { userId } } }`;
    const row = await app.db.conversation.findUniqueOrThrow({ where: { id: rows.phone } });
    const namesOf = async (user: string): Promise<object[]> =>
      (await app.gql(query, { user }, others.key)).body.data.conversations.nodes;
    expect(await namesOf(row.userId)).toEqual([{ userId: row.userId }]);
    expect(await namesOf(row.userId.toUpperCase())).toEqual([]);
    expect(await namesOf(row.userId.slice(0, 3))).toEqual([]);
  });

  test("by custom_metadata needs read_sensitive: 403, in GraphQL FORBIDDEN", async () => {
    const filter = "custom_metadata=%7B%22plan%22%3A%22pro%22%7D";
    for (const scope of ["conversations:read", "conversations:manage"] as const) {
      const key = await app.key(others.id, [scope]);
      expect((await app.get(`/core/conversations?${filter}`, key)).status).toBe(403);
      const query = `{ conversations(customMetadata: {}) { nodes { id } } }`;
      expect(codeOf(await app.gql(query, {}, key))).toBe("FORBIDDEN");
    }
    const key = await app.key(others.id, ["conversations:read", "conversations:read_sensitive"]);
    expect(await left(filter, key)).toEqual(["mail", "text"]);
  });

  test.each([
    "direction=sideways",
    "channel=pigeon",
    "status=over",
    "duration_above=x",
    "duration_above=1.5",
    "user_turn_count_below=99999999999",
    "status=",
    "custom_metadata=%5B1%5D",
    "custom_metadata=%7Bnonsense",
    "created_after=yesterday",
    "created_before=2026-02-30T00:00:00Z",
    "limit=0",
    "limit=101",
    "cursor=nonsense",
    "status=completed&status=failed",
  ])("refuses %s by 422 naming it", async (query) => {
    const answer = await app.get(`/core/conversations?${query}`, others.key);
    expect(answer.status).toBe(422);
    expect(answer.body.errors[0].path).toBe(query.split("=")[0]);
  });

  test("is walked by the documented client without skipping or repeating", async () => {
    const walker = await app.organization();
    const own = await app.widget(walker.key);
    const {
      currentRoom: _room,
      id: _id,
      ...row
    } = await app.db.conversation.findUniqueOrThrow({
      where: { id: await start("walk", {}, own.id) },
    });
    const many = Array.from({ length: 23 }, (_, index) => ({
      ...row,
      id: randomUUID(),
      customMetadata: jsonColumn({}),
      initialContext: jsonColumn({}),
      identityMetadata: jsonColumn({}),
      consent: jsonColumn({}),
      currentRoom: randomUUID(),
      createdAt: at(Math.floor(index / 4)),
    }));
    await app.db.conversation.createMany({ data: many });
    const seen: string[] = [];
    let cursor = "";
    for (;;) {
      const page = await app.get(`/core/conversations?limit=3${cursor}`, walker.key);
      seen.push(...page.body.map((item: { id: string }) => item.id));
      if (page.body.length < 3) break;
      const last = Buffer.from(page.body.at(-1).created_at).toString("base64");
      cursor = `&cursor=${encodeURIComponent(last)}`;
    }
    expect(seen).toHaveLength(24);
    expect(new Set(seen).size).toBe(24);
  });
});
