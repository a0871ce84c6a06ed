import { decodeJwt } from "jose";
import { TokenVerifier } from "livekit-server-sdk";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { LIVEKIT, TestApp, type Answer } from "../../support/app.js";
import { connectionOf, deliver } from "../../support/webhook.js";

let app: TestApp;
let key: string;
let organizationId: string;
let widgetId: string;
beforeAll(async () => {
  app = await TestApp.start();
  ({ id: organizationId, key } = await app.organization());
  widgetId = (await app.widget(key)).id;
});
afterAll(() => app.stop());
beforeEach(() => {
  app.rooms.deleted.length = 0;
});

interface Talk {
  readonly id: string;
  readonly room: string;
  readonly identity: string;
}

async function start(body: object = {}, headers: Record<string, string> = {}): Promise<Talk> {
  const answer = await app.begin(widgetId, { user_id: "ada", ...body }, headers);
  expect(answer.status, answer.text).toBe(200);
  return { id: answer.body.conversation.id, ...connectionOf(answer.body) };
}

async function say(
  event: string,
  { room }: Talk,
  identity?: string,
  at = Math.floor(app.clock.now().getTime() / 1000),
): Promise<void> {
  const answer = await deliver(app, { event, room, at, ...(identity ? { identity } : {}) });
  expect(answer.status).toBe(200);
}

async function joined(): Promise<Talk> {
  const talk = await start();
  await say("participant_joined", talk, talk.identity);
  return talk;
}

const END = `mutation ($input: EndConversationInput!) {
  endConversation(input: $input) { conversation { id status duration updatedAt } }
}`;
const LISTEN = `mutation ($input: CreateListenerTokenInput!) {
  createListenerToken(input: $input) { listenerToken { url token roomName expiresAt } }
}`;

const end = (id: string, token = key): Promise<Answer> => app.gql(END, { input: { id } }, token);
const listen = (id: string, token = key): Promise<Answer> =>
  app.post(`/core/conversations/${id}/listener-token`, {}, token);

async function statusOf({ id }: Talk): Promise<string> {
  return (await app.get(`/core/conversations/${id}`, key)).body.status;
}

describe("endConversation", () => {
  test("ends a talk that goes on, with its room, and answers the same when it is over", async () => {
    const talk = await joined();
    const answer = await end(talk.id);
    expect(answer.body.errors).toBeUndefined();
    expect(answer.body.data.endConversation.conversation).toMatchObject({
      id: talk.id,
      status: "COMPLETED",
    });
    expect(app.rooms.deleted).toEqual([talk.room]);
    expect((await end(talk.id)).body).toEqual(answer.body);
  });

  test("cancels what nobody has joined; a resume that nobody joined is again what it was", async () => {
    const talk = await start();
    expect((await end(talk.id)).body.data.endConversation.conversation.status).toBe("CANCELLED");
    const over = await joined();
    await say("room_finished", over);
    const resumed = await start({ conversation_id: over.id });
    expect(await statusOf(resumed)).toBe("token_created");
    expect((await end(over.id)).body.data.endConversation.conversation.status).toBe("COMPLETED");
    expect(app.rooms.deleted).toContain(resumed.room);
  });

  test("its visitor's leave still counts for the duration, and whoever joins late is sent out", async () => {
    const talk = await start();
    const at = Math.floor(app.clock.now().getTime() / 1000);
    await say("participant_joined", talk, talk.identity, at);
    await end(talk.id);
    await say("participant_left", talk, talk.identity, at + 7);
    await say("room_finished", talk, undefined, at + 7);
    const { body } = await app.get(`/core/conversations/${talk.id}`, key);
    expect(body).toMatchObject({ status: "completed", duration: 7 });
    app.rooms.deleted.length = 0;
    await say("participant_joined", talk, talk.identity);
    expect(app.rooms.deleted).toEqual([talk.room]);
    expect(await statusOf(talk)).toBe("completed");
  });

  test("ends the agent's job", async () => {
    const talk = await joined();
    await app.db.conversationRoom.update({ where: { name: talk.room }, data: { jobId: "job" } });
    await end(talk.id);
    const room = await app.db.conversationRoom.findUniqueOrThrow({ where: { name: talk.room } });
    expect(room.jobEndedAt).not.toBeNull();
  });

  test("a visitor may resume it", async () => {
    const talk = await joined();
    await end(talk.id);
    const next = await start({ conversation_id: talk.id });
    expect(next.room).not.toBe(talk.room);
    expect(await statusOf(next)).toBe("token_created");
  });

  test("the start that made it makes another when it comes again", async () => {
    const headers = { "idempotency-key": "0123456789-0123456789-0123456789" };
    const first = await start({}, headers);
    expect((await start({}, headers)).id).toBe(first.id);
    await end(first.id);
    expect((await start({}, headers)).id).not.toBe(first.id);
  });

  test("gives back at once the place of a talk that nobody has joined", async () => {
    const { id } = await app.widget(key);
    const limits = { limits: { concurrent_talks: 1 } };
    expect((await app.put(`/core/web-widgets/${id}/security`, limits, key)).status).toBe(200);
    const first = await app.begin(id, { user_id: "ada" });
    expect((await app.begin(id, { user_id: "grace" })).status).toBe(429);
    await end(first.body.conversation.id);
    expect((await app.begin(id, { user_id: "grace" })).status).toBe(200);
  });

  test("ends once when it is asked for several times at once", async () => {
    const talk = await joined();
    const answers = await Promise.all([1, 2, 3, 4].map(() => end(talk.id)));
    const [first] = answers;
    for (const answer of answers) expect(answer.body).toEqual(first?.body);
    expect(app.rooms.deleted).toEqual([talk.room]);
  });

  test("needs conversations:manage", async () => {
    const talk = await joined();
    for (const scope of ["conversations:read", "conversations:read_sensitive"] as const) {
      const answer = await end(talk.id, await app.key(organizationId, [scope]));
      expect(answer.body.errors[0].extensions.code).toBe("FORBIDDEN");
    }
    expect(await statusOf(talk)).toBe("in_progress");
  });

  test("of another organization's answers as of one that does not exist", async () => {
    const talk = await joined();
    const stranger = await app.organization();
    const strange = await end(talk.id, stranger.key);
    const unknown = await end("3f0c2a54-7d1e-4b7a-9c55-0a6f1f5f2b11", stranger.key);
    expect(strange.body).toEqual(unknown.body);
    expect(strange.body.errors[0].extensions.code).toBe("NOT_FOUND");
    expect(await statusOf(talk)).toBe("in_progress");
    expect(app.rooms.deleted).toEqual([]);
  });
});

test("REST ends text conversations alone: one on webrtc goes on, and the answer says so by 409", async () => {
  const talk = await joined();
  const answer = await app.post(`/core/conversations/${talk.id}/end`, undefined, key);
  expect(answer.status).toBe(409);
  expect(answer.body).toEqual({
    detail: "The conversation runs on the channel webrtc, and this ends those on text alone.",
  });
  const mine = await app.post(`/core/conversations/${talk.id}/end`, { channel: "webrtc" }, key);
  expect(mine.status).toBe(409);
  expect(await statusOf(talk)).toBe("in_progress");
  expect(app.rooms.deleted).toEqual([]);
});

describe("a listener's token", () => {
  test("lets one hear the current room, hidden, and nothing else", async () => {
    const talk = await joined();
    const { status, body } = await listen(talk.id);
    expect(status).toBe(200);
    expect(body).toMatchObject({ url: LIVEKIT.url, room_name: talk.room });
    const minutes = (Date.parse(body.expires_at) - app.clock.now().getTime()) / 60_000;
    expect(minutes).toBeGreaterThan(14);
    expect(minutes).toBeLessThanOrEqual(15);
    const claims = await new TokenVerifier(LIVEKIT.apiKey, LIVEKIT.apiSecret).verify(body.token);
    expect(claims.video).toEqual({
      room: talk.room,
      roomJoin: true,
      hidden: true,
      canSubscribe: true,
      canPublish: false,
      canPublishData: false,
      canUpdateOwnMetadata: false,
    });
    expect(claims.metadata).toBeUndefined();
    expect(decodeJwt((await listen(talk.id)).body.token).sub).not.toBe(claims.sub);
  });

  test("calls the agent too, should the room have to be made anew", async () => {
    const talk = await joined();
    const { roomConfig } = decodeJwt((await listen(talk.id)).body.token);
    expect(roomConfig).toMatchObject({ emptyTimeout: 300, departureTimeout: 20 });
    const { agents } = roomConfig as { agents: { agentName: string; metadata: string }[] };
    expect(agents[0]?.agentName).toBe("parley-agent");
    expect(JSON.parse(agents[0]?.metadata ?? "")).toMatchObject({ conversation_id: talk.id });
  });

  test("is refused by 409 before the visitor has joined and when the conversation is over", async () => {
    const talk = await start();
    expect(await listen(talk.id)).toMatchObject({
      status: 409,
      body: { detail: "Nobody is in the conversation's room yet." },
    });
    await say("participant_joined", talk, talk.identity);
    expect((await listen(talk.id)).status).toBe(200);
    await say("room_finished", talk);
    expect(await listen(talk.id)).toMatchObject({
      status: 409,
      body: { detail: "The conversation is over." },
    });
    const graphql = await app.gql(LISTEN, { input: { id: talk.id } }, key);
    expect(graphql.body.errors[0].extensions.code).toBe("CONFLICT");
  });

  test.each(["conversations:read_sensitive", "conversations:manage"] as const)(
    "is given for %s",
    async (scope) => {
      const talk = await joined();
      expect((await listen(talk.id, await app.key(organizationId, [scope]))).status).toBe(200);
    },
  );

  test("is not given for conversations:read, nor to another organization", async () => {
    const talk = await joined();
    const reader = await app.key(organizationId, ["conversations:read"]);
    expect((await listen(talk.id, reader)).status).toBe(403);
    const stranger = await app.organization();
    expect(await listen(talk.id, stranger.key)).toMatchObject({
      status: 404,
      body: { detail: "Conversation not found." },
    });
  });
});

describe("a listener in the room", () => {
  const LISTENER = "listener_1";

  test("does not begin a conversation, nor end it, nor count for its duration", async () => {
    const talk = await start();
    const at = Math.floor(app.clock.now().getTime() / 1000);
    await say("participant_joined", talk, LISTENER, at);
    expect(await statusOf(talk)).toBe("token_created");
    await say("participant_joined", talk, talk.identity, at + 10);
    await say("participant_left", talk, LISTENER, at + 20);
    expect(await statusOf(talk)).toBe("in_progress");
    await say("participant_joined", talk, LISTENER, at + 21);
    await say("participant_left", talk, talk.identity, at + 30);
    await say("participant_left", talk, LISTENER, at + 90);
    await say("room_finished", talk, undefined, at + 110);
    const { body } = await app.get(`/core/conversations/${talk.id}`, key);
    expect(body).toMatchObject({ status: "completed", duration: 20 });
  });

  test("does not keep it open: half a minute after its visitor has left it is deleted, unless they are back", async () => {
    const [gone, back] = [await joined(), await joined()];
    for (const talk of [gone, back]) await say("participant_left", talk, talk.identity);
    app.rooms.present.set(gone.room, LISTENER).set(back.room, back.identity);
    app.rooms.alive = new Set([gone.room, back.room]);
    await app.parley.lifecycle.sweep();
    expect(app.rooms.deleted).toEqual([]);
    app.clock.forward(31);
    await app.parley.lifecycle.sweep();
    expect(app.rooms.deleted).toEqual([gone.room]);
  });
});
