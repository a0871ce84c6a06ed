import { dispose, Room, RoomEvent } from "@livekit/rtc-node";
import { RoomServiceClient } from "livekit-server-sdk";
import { afterAll, expect, test } from "vitest";
import { cleanUpProcesses, ParleyProcess, temporaryDirectory, until } from "../support/process.js";
import { leaveAll, start, VisitorClient } from "./visitor-client.js";

cleanUpProcesses();
afterAll(async () => {
  await leaveAll();
  await dispose();
});

const END =
  "mutation ($input: EndConversationInput!) { endConversation(input: $input) { conversation { status } } }";

const LIVEKIT = { key: "APItestkey", secret: "a-livekit-secret-for-tests-only-0123456789" };
/** LiveKit's state of who gets what is sent. */
const ACTIVE = 2;

/** An owner's ear, by LiveKit's own client. */
class Listener {
  readonly heard: string[] = [];
  isOut = false;

  private constructor(readonly room: Room) {}

  static async join({ url, token }: { url: string; token: string }): Promise<Listener> {
    const listener = new Listener(new Room());
    const { room } = listener;
    for (const topic of ["lk.chat", "lk.transcription"]) {
      room.registerTextStreamHandler(topic, (reader) => {
        reader.readAll().then(
          (text) => listener.heard.push(text),
          () => undefined,
        );
      });
    }
    room.on(RoomEvent.Disconnected, () => {
      listener.isOut = true;
    });
    await room.connect(url, token, { autoSubscribe: true, dynacast: false });
    const rooms = new RoomServiceClient(url, LIVEKIT.key, LIVEKIT.secret);
    await until(
      async () => {
        const all = await rooms.listParticipants(room.name ?? "");
        const me = all.find(({ identity }) => identity === room.localParticipant?.identity);
        return me?.state === ACTIVE || undefined;
      },
      () => "the listener never became active",
    );
    return listener;
  }

  hears(pattern: RegExp): Promise<true> {
    return until(
      () => (this.heard.some((text) => pattern.test(text)) ? true : undefined),
      () => `the listener did not hear ${pattern}, but ${JSON.stringify(this.heard)}`,
    );
  }
}

test("an owner hears a talk that knows nothing of it, and ends another", async () => {
  const parley = await ParleyProcess.start({
    DATA_DIR: await temporaryDirectory(),
    LOG_LEVEL: "warn",
    LIVEKIT_API_KEY: LIVEKIT.key,
    LIVEKIT_API_SECRET: LIVEKIT.secret,
  });
  const key = parley.demoKey;
  const widgetId = parley.demoWidgetId;
  await parley.said(/The agent is ready/);
  const statusOf = async (id: string): Promise<unknown> =>
    (await parley.json(`/core/conversations/${id}`, { key })).body["status"];
  const comes = async (userId: string): Promise<VisitorClient> => {
    const visitor = await VisitorClient.join(await start(parley, widgetId, { user_id: userId }));
    await visitor.hears(/Harbour Coffee/);
    return visitor;
  };

  const visitor = await comes("ada");
  const { conversationId } = visitor.started;
  const path = `/core/conversations/${conversationId}/listener-token`;
  const token = await until(
    async () => {
      const answer = await parley.json(path, { key, body: {} });
      return answer.status === 200 ? JSON.parse(answer.text) : undefined;
    },
    () => "no token",
  );
  const told: string[] = [];
  visitor.room.on(RoomEvent.ParticipantConnected, ({ identity }) => told.push(identity));
  const listener = await Listener.join(token);
  await visitor.write("Are you open on Sunday?");
  await listener.hears(/Are you open on Sunday/);
  const answer = await visitor.hears(/Sunday|open/i);
  await listener.hears(new RegExp(answer.text.slice(0, 12).replaceAll(/[^\w ]/g, ".")));
  expect(told).toEqual([]);
  expect(
    [...visitor.room.remoteParticipants.keys()].filter((id) => !id.startsWith("agent-")),
  ).toEqual([]);

  // Its visitor leaves, and the talk is over whoever still listens.
  await visitor.leave();
  await until(
    async () => (listener.isOut && (await statusOf(conversationId)) === "completed") || undefined,
    () => "the talk went on without its visitor",
  );

  const other = await comes("grace");
  const id = other.started.conversationId;
  const ended = await parley.json("/graphql", {
    key,
    body: { query: END, variables: { input: { id } } },
  });
  expect(JSON.parse(ended.text)).toEqual({
    data: { endConversation: { conversation: { status: "COMPLETED" } } },
  });
  await until(
    () => other.disconnected || undefined,
    () => "the visitor is still in the room",
  );
  expect(await statusOf(id)).toBe("completed");
});
