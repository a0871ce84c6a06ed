import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AGENT_SECRET, TestApp, type Answer } from "../../support/app.js";
import { makeWebsite, signIdentity } from "../../support/identity.js";
import { connectionOf, deliver } from "../../support/webhook.js";
import { asWorker, claim, claimedTalk, sendTurns, turn } from "./support.js";

const CONFIG = {
  instructions: "Be kind.",
  starting_message: { type: "bot_initiates_static", text: "Good day" },
  faq: [{ question: "Why?", answer: "Because." }],
  own_key: { kept: true },
};

let app: TestApp;
let key: string;
let widgetId: string;

beforeAll(async () => {
  app = await TestApp.start();
  ({ key } = await app.organization());
  widgetId = (await app.widget(key, {}, { config: CONFIG })).id;
});
afterAll(() => app.stop());

test("a job gives the config of the version that the conversation was started with", async () => {
  const talk = await claimedTalk(app, widgetId);
  const { agentId } = await app.db.conversation.findUniqueOrThrow({
    where: { id: talk.conversationId },
  });
  const later = await app.post(
    `/core/agents/${agentId}/versions`,
    { config: { instructions: "Be brief." } },
    key,
  );
  await app.post(`/core/agents/${agentId}/versions/${later.body.version}/publish`, {}, key);
  await app.put(`/core/web-widgets/${widgetId}`, { agent_version_id: later.body.id }, key);
  const job = await asWorker(app, "GET", "job", { bearer: talk.token });
  expect(job.body.config).toEqual(CONFIG);
  expect(job.headers.get("cache-control")).toBe("no-store");
});

test("a job has the language and the mode that its widget's talks begin in, where it says so", async () => {
  const { id } = await app.widget(key);
  const wordsOf = async (config: object): Promise<unknown> => {
    await app.put(`/core/web-widgets/${id}`, { config }, key);
    const { token } = await claimedTalk(app, id);
    const { language, default_mode } = (await asWorker(app, "GET", "job", { bearer: token })).body;
    return [language, default_mode];
  };
  expect(await wordsOf({ v1: { language: "de", default_mode: "voice" } })).toEqual(["de", "voice"]);
  expect(await wordsOf({})).toEqual([null, null]);
});

test("what models took for no turn counts with the job's end, once", async () => {
  const talk = await claimedTalk(app, widgetId);
  const end = (): Promise<Answer> =>
    asWorker(app, "POST", "job/end", {
      bearer: talk.token,
      body: { reason: "shutdown", usage: { input_tokens: 40, output_tokens: 2 } },
    });
  expect((await end()).status).toBe(200);
  expect((await end()).status).toBe(401);
  const usage = { inputTokens: true, outputTokens: true } as const;
  expect(
    await app.db.conversation.findUnique({ where: { id: talk.conversationId }, select: usage }),
  ).toEqual({ inputTokens: 40, outputTokens: 2 });
});

test("a job has the visitor's name and what they filled in, but not what they thought of the talk", async () => {
  const started = await app.begin(widgetId, { user_id: "ada", custom_metadata: { order: "A-7" } });
  const { id } = started.body.conversation;
  const customMetadata = { order: "A-7", feedback_form: { rating: 1 } };
  await app.db.conversation.update({ where: { id }, data: { customMetadata } });
  const claimed = await claim(app, connectionOf(started.body).room);
  const job = await asWorker(app, "GET", "job", { bearer: claimed.body.token });
  expect(job.body).toMatchObject({ user_id: "ada", form_values: { order: "A-7" } });
  expect(job.text).not.toContain("feedback_form");
});

test("a job says whether the website has signed for who is in the room, and what, marked as such", async () => {
  const site = await makeWebsite(app, key);
  const jobOf = async (body: object, headers = {}): Promise<Answer> => {
    const started = await app.begin(site.widget.id, { user_id: "ada", ...body }, headers);
    const claimed = await claim(app, connectionOf(started.body).room);
    const job = await asWorker(app, "GET", "job", { bearer: claimed.body.token });
    return { ...job, body: { ...job.body, started: started.body } };
  };
  const metadata = { plan: "pro" };
  const identity = await signIdentity(app, site.secret, { sub: "ada", metadata });
  const verified = (await jobOf({ identity_token: identity })).body;
  expect(verified).toMatchObject({ user_verified: true, identity_metadata: metadata });
  const plain = (await jobOf({ custom_metadata: { plan: "forged" } })).body;
  expect(plain).toMatchObject({ user_verified: false, identity_metadata: null });
  // The key opens the conversation still; that it is the same person, nobody vouches for any more.
  app.clock.forward(700);
  const { conversation, visitor_token: token } = verified.started;
  const lapsed = await jobOf({ conversation_id: conversation.id }, { "x-visitor-token": token });
  expect(lapsed.body).toMatchObject({
    user_verified: false,
    identity_metadata: null,
    resumed: false,
  });
});

describe("a job is over", () => {
  test("when its worker says so", async () => {
    const talk = await claimedTalk(app, widgetId);
    const end = await asWorker(app, "POST", "job/end", {
      bearer: talk.token,
      body: { reason: "visitor_left" },
    });
    expect(end.body).toEqual({ status: "ok" });
    expect(app.rooms.deleted).toContain(talk.room);
    await expectOver(talk.token);
  });

  test("and leaves the room alone when only the worker goes", async () => {
    const talk = await claimedTalk(app, widgetId);
    const body = { reason: "shutdown" };
    await asWorker(app, "POST", "job/end", { bearer: talk.token, body });
    expect(app.rooms.deleted).not.toContain(talk.room);
    await expectOver(talk.token);
    const again = await claim(app, talk.room);
    expect(again.status).toBe(200);
    expect((await sendTurns(app, again.body.token, [turn()])).status).toBe(200);
    await expectOver(talk.token);
  });

  test("when its room is finished", async () => {
    const talk = await claimedTalk(app, widgetId);
    await deliver(app, { event: "participant_joined", room: talk.room, identity: talk.identity });
    await deliver(app, { event: "room_finished", room: talk.room });
    await expectOver(talk.token);
    expect((await claim(app, talk.room)).status).toBe(409);
  });

  test("when a resume made another room; resumed by a name alone, its job has nothing that was said or filled in", async () => {
    const talk = await claimedTalk(app, widgetId);
    await app.db.conversation.update({
      where: { id: talk.conversationId },
      data: { customMetadata: { phone: "0301234" } },
    });
    await sendTurns(app, talk.token, [turn({ text: "I like tea" })]);
    const resumed = await app.begin(widgetId, {
      user_id: "visitor",
      conversation_id: talk.conversationId,
    });
    const fresh = await claim(app, connectionOf(resumed.body).room);
    const job = await asWorker(app, "GET", "job", { bearer: fresh.body.token });
    expect(job.body).toMatchObject({ resumed: true, transcript: [], form_values: {} });
  });

  test("when a resume made another room, but what was said until then still arrives", async () => {
    const talk = await claimedTalk(app, widgetId);
    await app.begin(
      widgetId,
      { user_id: "visitor", conversation_id: talk.conversationId },
      { "x-visitor-token": talk.visitorToken },
    );
    const last = turn({ role: "agent", text: "As I was saying" });
    expect((await sendTurns(app, talk.token, [last])).status).toBe(200);
    expect(await app.db.turn.count({ where: { conversationId: talk.conversationId } })).toBe(1);
    expect((await asWorker(app, "GET", "job", { bearer: talk.token })).status).toBe(401);
    app.clock.forward(31);
    expect((await sendTurns(app, talk.token, [turn()])).status).toBe(401);
  });

  test("when a resume made another room, whose job has a summary of what is too long for it, unless it was resumed by a name alone", async () => {
    const talk = await claimedTalk(app, widgetId);
    await app.db.conversation.update({
      where: { id: talk.conversationId },
      data: { summary: "They like tea." },
    });
    const { conversationId: conversation_id, visitorToken } = talk;
    const again = async (headers = {}): Promise<Record<string, unknown>> => {
      const body = { user_id: "visitor", conversation_id };
      const resumed = await app.begin(widgetId, body, headers);
      const { body: claimed } = await claim(app, connectionOf(resumed.body).room);
      return (await asWorker(app, "GET", "job", { bearer: claimed.token })).body;
    };
    const known = { "x-visitor-token": visitorToken };
    await sendTurns(app, talk.token, [turn()]);
    expect(await again(known)).toMatchObject({ summary_of_earlier: null });
    await app.db.turn.createMany({
      data: Array.from({ length: 200 }, (_, at) => ({
        id: `turn ${at}`,
        conversationId: conversation_id,
        role: "user",
        mode: "text",
        text: "Hello",
        createdAt: new Date(Date.UTC(2026, 10, 21, 11, 0, at)),
      })),
    });
    expect(await again(known)).toMatchObject({ summary_of_earlier: "They like tea." });
    expect(await again()).toMatchObject({ transcript: [], summary_of_earlier: null });
  });

  test("when a resume with the visitor's token made another room, whose job then has the transcript", async () => {
    const talk = await claimedTalk(app, widgetId);
    const shown = {
      call_id: "form-1",
      name: "show_form_callback",
      arguments: {},
      result: { shown: true },
      error: null,
    };
    await sendTurns(app, talk.token, [
      turn({ text: "I like tea" }),
      turn({ role: "agent", text: "So do I", created_at: "2026-11-21T10:00:01.000Z" }),
      turn({
        role: "tool",
        text: "Showed a form.",
        created_at: "2026-11-21T10:00:02.000Z",
        tool_call: shown,
      }),
    ]);
    const resumed = await app.begin(
      widgetId,
      { user_id: "visitor", conversation_id: talk.conversationId },
      { "x-visitor-token": talk.visitorToken },
    );
    expect((await asWorker(app, "GET", "job", { bearer: talk.token })).status).toBe(401);
    expect((await claim(app, talk.room)).status).toBe(409);
    const { room, identity } = connectionOf(resumed.body);
    const fresh = await claim(app, room);
    const job = await asWorker(app, "GET", "job", { bearer: fresh.body.token });
    expect(job.body).toMatchObject({
      conversation_id: talk.conversationId,
      visitor_identity: identity,
      resumed: true,
      transcript: [
        { role: "user", text: "I like tea", mode: "text", tool_call: null },
        { role: "agent", text: "So do I", mode: "text", tool_call: null },
        { role: "tool", text: "Showed a form.", mode: "text", tool_call: shown },
      ],
    });
  });

  test.each([
    ["unpublished", (id: string) => app.put(`/core/web-widgets/${id}`, { published: false }, key)],
    ["deleted", (id: string) => app.delete(`/core/web-widgets/${id}`, key)],
  ])("when its widget is %s", async (_name, change) => {
    const widget = await app.widget(key);
    const talk = await claimedTalk(app, widget.id);
    await change(widget.id);
    await expectOver(talk.token);
    expect((await claim(app, talk.room)).status).toBe(409);
  });

  test("a day after its claim, whatever happened", async () => {
    const own = await TestApp.start();
    try {
      const { key: ownKey } = await own.organization();
      const talk = await claimedTalk(own, (await own.widget(ownKey)).id);
      own.clock.forward(24 * 60 * 60 + 1);
      expect((await asWorker(own, "GET", "job", { bearer: talk.token })).status).toBe(401);
    } finally {
      await own.stop();
    }
  });
});

describe("an agent that is gone", () => {
  const gone = (room: string): Promise<boolean> =>
    app.parley.jobs.lost({ room, identity: "agent-1" });

  test("is missed where its talk goes on", async () => {
    const started = await app.begin(widgetId, { user_id: "visitor" });
    expect(await gone(connectionOf(started.body).room)).toBe(true);
    const talk = await claimedTalk(app, widgetId);
    expect([await gone(talk.room), await gone(talk.room)]).toEqual([true, false]);
  });

  test("is not where it was called by an old token, or its talk has gone on in another room", async () => {
    const unclaimed = connectionOf((await app.begin(widgetId, { user_id: "visitor" })).body);
    await deliver(app, { event: "participant_joined", ...unclaimed });
    await deliver(app, { event: "room_finished", room: unclaimed.room });
    expect((await claim(app, unclaimed.room)).status).toBe(409);
    expect(await gone(unclaimed.room)).toBe(false);
    const talk = await claimedTalk(app, widgetId);
    await app.begin(
      widgetId,
      { user_id: "visitor", conversation_id: talk.conversationId },
      { "x-visitor-token": talk.visitorToken },
    );
    expect(await gone(talk.room)).toBe(false);
  });
});

test("a room that ended before anybody joined it can still be claimed: its token is good", async () => {
  const started = await app.begin(widgetId, { user_id: "visitor" });
  const { room } = connectionOf(started.body);
  await deliver(app, { event: "room_finished", room });
  expect((await claim(app, room)).status).toBe(200);
});

test("a room whose conversation is final is deleted when somebody enters it again", async () => {
  const talk = await claimedTalk(app, widgetId);
  await deliver(app, { event: "participant_joined", room: talk.room, identity: talk.identity });
  await deliver(app, { event: "room_finished", room: talk.room });
  await deliver(app, { event: "room_started", room: talk.room });
  expect(app.rooms.deleted).toContain(talk.room);
});

test.each([
  ["heartbeat", { worker_id: "x y", active_jobs: 0 }, "worker_id"],
  ["heartbeat", { worker_id: "worker-0001", active_jobs: -1 }, "active_jobs"],
  ["heartbeat", { worker_id: "worker-0001" }, "active_jobs"],
  ["jobs", {}, "room"],
  ["jobs", { room: "a\u0000b" }, "room"],
  ["jobs", { room: 5 }, "room"],
])("a wrong field of %s is named: %j", async (path, body, field) => {
  const answer = await asWorker(app, "POST", path, { body });
  expect(answer.status).toBe(422);
  expect(answer.body.errors.map((error: { path: string }) => error.path)).toContain(field);
});

test.each(["[]", "null", "7", "{"])(
  "a body that is no JSON object is refused: %s",
  async (body) => {
    const answer = await app.call("POST", "/core/worker/jobs", { key: AGENT_SECRET, body });
    expect(answer.status).toBe(400);
  },
);

async function expectOver(token: string): Promise<void> {
  const before = await app.db.turn.count();
  expect((await asWorker(app, "GET", "job", { bearer: token })).status).toBe(401);
  expect((await sendTurns(app, token, [turn()])).status).toBe(401);
  const body = { reason: "failed" };
  expect((await asWorker(app, "POST", "job/end", { bearer: token, body })).status).toBe(401);
  expect(await app.db.turn.count()).toBe(before);
}
