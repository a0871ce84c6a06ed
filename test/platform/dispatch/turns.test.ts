import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { SignedTokens } from "../../../src/platform/auth/signed-token.js";
import { lockConversation } from "../../../src/platform/conversations/lock-conversation.js";
import type { Answer } from "../../support/app.js";
import { TestApp } from "../../support/app.js";
import { onPostgres } from "../../support/database.js";
import { recordStatements } from "../../support/statements.js";
import { claimedTalk, sendTurns, turn, type ClaimedTalk } from "./support.js";

const TRANSCRIPT = `query ($id: UUID!) { conversation(id: $id) { userTurnCount conversation { messages {
  id role text mode createdAt toolCall { callId name arguments result error } } } } }`;

let app: TestApp;
let key: string;
let widgetId: string;

beforeAll(async () => {
  app = await TestApp.start();
  ({ key } = await app.organization());
  widgetId = (await app.widget(key)).id;
});
afterAll(() => app.stop());

const TOOL_CALL = {
  call_id: "call-1",
  name: "show_form_callback",
  arguments: { a: [1, null, "x"] },
  result: { shown: true },
  error: null,
};

async function talkWithTurns(): Promise<ClaimedTalk> {
  const talk = await claimedTalk(app, widgetId);
  const answer = await sendTurns(app, talk.token, [
    turn({ id: "t1", text: "Good day", created_at: "2026-11-21T10:00:00.000Z" }),
    turn({ id: "t2", role: "agent", text: "Hello", created_at: "2026-11-21T10:00:01.000Z" }),
    turn({
      id: "t3",
      role: "tool",
      text: "Showed a form",
      created_at: "2026-11-21T10:00:02.000Z",
      tool_call: TOOL_CALL,
    }),
    turn({ id: "t4", text: "(voice)", mode: "voice", created_at: "2026-11-21T10:00:03.000Z" }),
  ]);
  expect(answer.body).toEqual({ status: "ok", limit: null });
  return talk;
}

function readDetail(id: string): Promise<Answer> {
  return app.get(`/core/conversations/${id}`, key);
}

test("turns are read back by REST and by GraphQL, oldest first", async () => {
  const talk = await talkWithTurns();
  const rest = await readDetail(talk.conversationId);
  expect(rest.body.user_turn_count).toBe(2);
  expect(rest.body.conversation.messages).toEqual([
    expect.objectContaining({ id: "t1", role: "user", text: "Good day", mode: "text" }),
    expect.objectContaining({ id: "t2", role: "agent", text: "Hello", tool_call: null }),
    {
      id: "t3",
      role: "tool",
      text: "Showed a form",
      mode: "text",
      created_at: "2026-11-21T10:00:02.000Z",
      tool_call: TOOL_CALL,
      latency: null,
      usage: null,
      error: null,
    },
    expect.objectContaining({ id: "t4", mode: "voice" }),
  ]);
  const twin = await app.gql(TRANSCRIPT, { id: talk.conversationId }, key);
  expect(twin.body.data.conversation.userTurnCount).toBe(2);
  const messages = twin.body.data.conversation.conversation.messages;
  expect(messages.map((message: { id: string }) => message.id)).toEqual(["t1", "t2", "t3", "t4"]);
  expect(messages[2].toolCall).toEqual({
    callId: "call-1",
    name: TOOL_CALL.name,
    arguments: TOOL_CALL.arguments,
    result: TOOL_CALL.result,
    error: null,
  });
});

test("the visitor reads the own words and the agent's with the visitor token, and no tool calls", async () => {
  const talk = await talkWithTurns();
  const path = `/core/public/web-widgets/${widgetId}/conversations/${talk.conversationId}/messages`;
  const answer = await app.get(path, undefined, { "x-visitor-token": talk.visitorToken });
  expect(answer.body.messages.map((message: { id: string }) => message.id)).toEqual([
    "t1",
    "t2",
    "t4",
  ]);
  expect(answer.text).not.toContain("call-1");
  expect((await app.get(path)).status).toBe(401);
});

describe("repeated turns", () => {
  test("have no effect, whatever else they say", async () => {
    const talk = await talkWithTurns();
    const again = turn({ id: "t1", text: "Something else", role: "agent" });
    expect((await sendTurns(app, talk.token, [again, turn({ id: "t5" })])).status).toBe(200);
    const { body } = await readDetail(talk.conversationId);
    expect(body.user_turn_count).toBe(3);
    expect(body.conversation.messages).toHaveLength(5);
    expect(body.conversation.messages).toContainEqual(
      expect.objectContaining({ id: "t1", text: "Good day" }),
    );
  });

  test("have no effect within one batch", async () => {
    const talk = await claimedTalk(app, widgetId);
    const twice = turn({ id: "same" });
    await sendTurns(app, talk.token, [twice, twice]);
    expect((await readDetail(talk.conversationId)).body.user_turn_count).toBe(1);
  });

  test("have no effect when they arrive at the same moment", async () => {
    const talk = await claimedTalk(app, widgetId);
    const turns = Array.from({ length: 20 }, (_, index) => turn({ id: `turn-${index}` }));
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        sendTurns(app, talk.token, turns.slice(index, index + 13)),
      ),
    );
    expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 200));
    const { body } = await readDetail(talk.conversationId);
    expect(body.conversation.messages).toHaveLength(20);
    expect(body.user_turn_count).toBe(20);
  });

  test("of another conversation are its own", async () => {
    const one = await claimedTalk(app, widgetId);
    const other = await claimedTalk(app, widgetId);
    await sendTurns(app, one.token, [turn({ id: "shared", text: "one" })]);
    await sendTurns(app, other.token, [turn({ id: "shared", text: "other" })]);
    const { body } = await readDetail(other.conversationId);
    expect(body.conversation.messages).toEqual([expect.objectContaining({ text: "other" })]);
  });
});

describe("a turn of the agent that was cut off", () => {
  const begun = turn({ id: "a1", role: "agent", text: "I was", cut_off: true });
  const whole = turn({ id: "a1", role: "agent", text: "I was about to say it" });
  const readTurns = async (id: string): Promise<object[]> =>
    app.db.turn.findMany({
      where: { conversationId: id },
      orderBy: { id: "asc" },
      select: { id: true, role: true, text: true, cutOff: true },
    });
  const expected = [
    { id: "a1", role: "agent", text: "I was about to say it", cutOff: false },
    { id: "u1", role: "user", text: "Hello", cutOff: false },
  ];

  test.each([
    ["in a later batch", [[begun, turn({ id: "u1" })], [whole]]],
    ["in the same batch", [[begun, whole, turn({ id: "u1" })]]],
    ["only once", [[begun, turn({ id: "u1" })], [whole], [{ ...whole, text: "Another" }, begun]]],
  ])("gives way to the one that completes it, %s", async (_name, batches) => {
    const talk = await claimedTalk(app, widgetId);
    for (const batch of batches) {
      expect((await sendTurns(app, talk.token, batch)).status).toBe(200);
    }
    expect(await readTurns(talk.conversationId)).toEqual(expected);
    expect((await readDetail(talk.conversationId)).body.user_turn_count).toBe(1);
  });

  test("gives way to nothing else", async () => {
    const talk = await claimedTalk(app, widgetId);
    await sendTurns(app, talk.token, [begun]);
    await sendTurns(app, talk.token, [{ ...begun, text: "Cut off again" }]);
    await sendTurns(app, talk.token, [turn({ id: "a1", text: "A visitor's" })]);
    expect(await readTurns(talk.conversationId)).toEqual([
      { id: "a1", role: "agent", text: "I was", cutOff: true },
    ]);
    expect((await readDetail(talk.conversationId)).body.user_turn_count).toBe(0);
  });
});

describe("a post of turns", () => {
  const turns = Array.from({ length: 50 }, (_, index) =>
    turn({ role: index % 2 === 0 ? "user" : "agent" }),
  );

  test("verifies its token once", async () => {
    const talk = await claimedTalk(app, widgetId);
    const verify = vi.spyOn(SignedTokens.prototype, "verify");
    expect((await sendTurns(app, talk.token, turns)).status).toBe(200);
    expect(verify).toHaveBeenCalledTimes(1);
    verify.mockRestore();
    expect((await readDetail(talk.conversationId)).body.user_turn_count).toBe(25);
  });

  // PGlite's statements in a transaction do not pass where they are recorded.
  test.runIf(onPostgres)(
    "is two statements in a transaction, however many turns it has",
    async () => {
      const talk = await claimedTalk(app, widgetId);
      const { statements } = await recordStatements(() => sendTurns(app, talk.token, turns));
      const sql = statements.map((statement) => statement.sql.trim().split(/\s/, 1)[0]);
      expect(sql).toEqual(["BEGIN", "SELECT", "WITH", "COMMIT"]);
    },
  );

  test.runIf(onPostgres).each([
    ["another has claimed its room", "UPDATE conversation_rooms SET job_id = 'another'"],
    ["its job has ended", "UPDATE conversation_rooms SET job_ended_at = now()"],
    ["the conversation is over", "UPDATE conversations SET status = 'completed'"],
  ])("writes nothing when, while it waited, %s", async (_reason, change) => {
    const talk = await claimedTalk(app, widgetId);
    const column = change.includes("conversation_rooms") ? "conversation_id" : "id";
    let sent: Promise<Answer> | undefined;
    await app.db.$transaction(async (tx) => {
      await lockConversation(tx, talk.conversationId);
      sent = sendTurns(app, talk.token, [turn()]);
      await vi.waitFor(async () => {
        const waiting = await app.db.$queryRaw<unknown[]>`
          SELECT 1 FROM pg_stat_activity
          WHERE datname = current_database() AND wait_event_type = 'Lock'`;
        expect(waiting).toHaveLength(1);
      }, 10_000);
      const where = `WHERE ${column} = '${talk.conversationId}'`;
      await tx.$executeRawUnsafe(`${change} ${where}`);
    });
    expect((await sent)?.status).toBe(401);
    expect(await app.db.turn.count({ where: { conversationId: talk.conversationId } })).toBe(0);
  });
});

describe("what an answer took", () => {
  const answered = (total: number, usage?: object): Record<string, unknown> =>
    turn({
      role: "agent",
      created_at: "2026-11-21T10:00:02.000Z",
      latency: { model_first_token: total - 5, total },
      usage,
    });

  test("is read with the turn, stage by stage, and adds up in the conversation", async () => {
    const talk = await claimedTalk(app, widgetId);
    await sendTurns(app, talk.token, [
      turn({ id: "u1", created_at: "2026-11-21T10:00:00.000Z" }),
      turn({
        id: "a1",
        role: "agent",
        created_at: "2026-11-21T10:00:01.000Z",
        latency: { end_of_turn: 500, transcription: 120, model_first_token: 300, total: 1000 },
        usage: { input_tokens: 40, output_tokens: 7 },
        error: "fallback",
      }),
    ]);
    await sendTurns(app, talk.token, [answered(200, { input_tokens: 2, output_tokens: 1 })]);
    const { body } = await readDetail(talk.conversationId);
    expect(body).toMatchObject({
      user_turn_count: 1,
      latency: { p50: 200, p95: 1000 },
      usage: { input_tokens: 42, output_tokens: 8 },
    });
    expect(body.conversation.messages).toMatchObject([
      { latency: null, usage: null, error: null },
      {
        id: "a1",
        latency: {
          end_of_turn: 500,
          transcription: 120,
          model_first_token: 300,
          speech_first_sound: null,
          total: 1000,
        },
        usage: { input_tokens: 40, output_tokens: 7 },
        error: "fallback",
      },
      { latency: { total: 200, end_of_turn: null } },
    ]);
    const twin = await app.gql(
      `query ($id: UUID!) { conversation(id: $id) { latency { p50 p95 } usage { inputTokens outputTokens }
        conversation { messages { latency { endOfTurn total } usage { inputTokens } error } } } }`,
      { id: talk.conversationId },
      key,
    );
    expect(twin.body.data.conversation).toMatchObject({
      latency: { p50: 200, p95: 1000 },
      usage: { inputTokens: 42, outputTokens: 8 },
      conversation: {
        messages: [
          { latency: null },
          { latency: { endOfTurn: 500, total: 1000 }, error: "FALLBACK" },
          { latency: { endOfTurn: null, total: 200 } },
        ],
      },
    });
  });

  test("counts once, however often it is sent", async () => {
    const talk = await claimedTalk(app, widgetId);
    const answer = answered(100, { input_tokens: 3, output_tokens: 4 });
    await sendTurns(app, talk.token, [answer]);
    await sendTurns(app, talk.token, [answer, answered(300)]);
    expect((await readDetail(talk.conversationId)).body).toMatchObject({
      latency: { p50: 100, p95: 300 },
      usage: { input_tokens: 3, output_tokens: 4 },
    });
  });

  test("counts in the conversation with what broke off before it, and the error stays", async () => {
    const talk = await claimedTalk(app, widgetId);
    const usage = { input_tokens: 10, output_tokens: 1 };
    const begun = turn({ id: "a1", role: "agent", cut_off: true, usage, error: "cut_off" });
    await sendTurns(app, talk.token, [begun]);
    await sendTurns(app, talk.token, [{ ...begun, cut_off: false, error: null }]);
    const { body } = await readDetail(talk.conversationId);
    expect(body.usage).toEqual({ input_tokens: 20, output_tokens: 2 });
    expect(body.conversation.messages).toMatchObject([{ usage, error: "cut_off" }]);
  });

  test("is null, and nothing, where there was no model", async () => {
    const talk = await talkWithTurns();
    expect((await readDetail(talk.conversationId)).body).toMatchObject({
      latency: null,
      usage: { input_tokens: 0, output_tokens: 0 },
    });
  });

  test("is kept of the last thousand answers", async () => {
    const talk = await claimedTalk(app, widgetId);
    await app.db.conversation.update({
      where: { id: talk.conversationId },
      data: { answerMs: Array.from({ length: 1000 }, () => 9) },
    });
    await sendTurns(app, talk.token, [answered(50), answered(60)]);
    const { answerMs } = await app.db.conversation.findUniqueOrThrow({
      where: { id: talk.conversationId },
    });
    expect(answerMs).toEqual([...Array.from({ length: 998 }, () => 9), 50, 60]);
  });
});

describe("a turn that cannot be stored", () => {
  const wrong: [string, Record<string, unknown>, string][] = [
    ["NUL", { text: "a\u0000b" }, "turns.1.text"],
    ["a lone surrogate", { text: "a\ud800b" }, "turns.1.text"],
    ["too much text", { text: "x".repeat(20_001) }, "turns.1.text"],
    ["no text", { text: undefined }, "turns.1.text"],
    ["an unknown role", { role: "system" }, "turns.1.role"],
    ["an unknown mode", { mode: "smell" }, "turns.1.mode"],
    ["no id", { id: "" }, "turns.1.id"],
    ["an id that is too long", { id: "x".repeat(65) }, "turns.1.id"],
    ["no time", { created_at: "yesterday" }, "turns.1.created_at"],
    ["a time before time", { created_at: "0000-01-01T00:00:00Z" }, "turns.1.created_at"],
    ["a time after time", { created_at: "9999-12-31T23:59:59-14:00" }, "turns.1.created_at"],
    [
      "NUL in a tool call",
      { tool_call: { ...TOOL_CALL, result: ["\u0000"] } },
      "turns.1.tool_call",
    ],
    ["a time below nothing", { latency: { total: -1 } }, "turns.1.latency.total"],
    ["half a token", { usage: { input_tokens: 0.5, output_tokens: 1 } }, "turns.1.usage"],
    ["an error in the model's own words", { error: "Invalid key sk-1" }, "turns.1.error"],
    ["a tool call without a name", { tool_call: { call_id: "x" } }, "turns.1.tool_call"],
    [
      "a tool call too large",
      { tool_call: { ...TOOL_CALL, result: "x".repeat(33_000) } },
      "turns.1",
    ],
  ];

  test.each(wrong)(
    "is refused by name, and nothing of its batch is kept: %s",
    async (_, fields, path) => {
      const talk = await claimedTalk(app, widgetId);
      const answer = await sendTurns(app, talk.token, [
        turn(),
        turn({ id: randomUUID(), ...fields }),
      ]);
      expect(answer.status).toBe(422);
      expect(answer.body.errors[0].path.startsWith(path)).toBe(true);
      expect((await readDetail(talk.conversationId)).body).toMatchObject({
        user_turn_count: 0,
        conversation: { messages: [] },
      });
    },
  );

  test.each([
    ["no turns", []],
    ["too many turns", Array.from({ length: 51 }, () => turn())],
  ])("is refused: %s", async (_name, turns) => {
    const talk = await claimedTalk(app, widgetId);
    expect((await sendTurns(app, talk.token, turns)).status).toBe(422);
  });

  test("is refused unread when the body is too large", async () => {
    const talk = await claimedTalk(app, widgetId);
    const turns = [turn({ tool_call: { ...TOOL_CALL, result: "x".repeat(2_200_000) } })];
    expect((await sendTurns(app, talk.token, turns)).status).toBe(413);
    expect((await sendTurns(app, "nobody", turns)).status).toBe(401);
  });
});
