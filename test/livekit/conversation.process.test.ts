import { RoomEvent, TrackSource as RtcSource } from "@livekit/rtc-node";
import { TrackSource } from "livekit-server-sdk";
import { describe, expect, it } from "vitest";
import {
  eventually,
  heardFrequency,
  newRoomName,
  next,
  nextAudioTrack,
  nextText,
  publishTone,
  useLiveKit,
} from "./support.js";

const livekit = useLiveKit();

describe("text and data", () => {
  it("carries text streams both ways, with the sender's identity", async () => {
    const room = newRoomName();
    const visitor = await livekit.join(room, "visitor");
    const agent = await livekit.join(room, "agent");
    const question = nextText(agent.client, "lk.chat");
    await visitor.me.sendText("Are you open on Sunday?", { topic: "lk.chat" });
    expect(await question).toEqual({ text: "Are you open on Sunday?", identity: "visitor" });
    const answer = nextText(visitor.client, "lk.transcription");
    await agent.me.sendText("Yes, until noon.", { topic: "lk.transcription" });
    expect(await answer).toEqual({ text: "Yes, until noon.", identity: "agent" });
  });

  it("lets an agent, and nobody else, transcribe in the name of who said it", async () => {
    const room = newRoomName();
    const visitor = await livekit.join(room, "visitor");
    const agent = await livekit.joinAsAgent(room, "agent");
    const other = await livekit.join(room, "other");
    for (const [speaker, identity] of [
      [agent, "visitor"],
      [other, "other"],
    ] as const) {
      const caption = nextText(visitor.client, "lk.transcription");
      const writer = await speaker.me.streamText({
        topic: "lk.transcription",
        senderIdentity: "visitor",
      });
      await writer.write("Good morning");
      await writer.close();
      expect(await caption).toEqual({ text: "Good morning", identity });
    }
  });

  it("carries a text stream that is written piece by piece, and longer than one packet", async () => {
    const room = newRoomName();
    const agent = await livekit.join(room, "agent");
    const visitor = await livekit.join(room, "visitor");
    const heard = nextText(visitor.client, "lk.transcription");
    const pieces = Array.from({ length: 40 }, (_, index) => `${index}:${"wörd ".repeat(400)}`);
    const writer = await agent.me.streamText({ topic: "lk.transcription" });
    for (const piece of pieces) await writer.write(piece);
    await writer.close();
    expect((await heard).text).toBe(pieces.join(""));
  });

  it("carries RPC both ways", async () => {
    const room = newRoomName();
    const visitor = await livekit.join(room, "visitor");
    const agent = await livekit.join(room, "agent");
    agent.me.registerRpcMethod("order", async (call) => `${call.callerIdentity}: ${call.payload}`);
    visitor.me.registerRpcMethod("where", async () => "in the shop");
    const order = { destinationIdentity: "agent", method: "order", payload: "two" };
    expect(await visitor.me.performRpc(order)).toBe("visitor: two");
    const where = { destinationIdentity: "visitor", method: "where", payload: "" };
    expect(await agent.me.performRpc(where)).toBe("in the shop");
  });

  it("delivers data only to the identities it is meant for", async () => {
    const room = newRoomName();
    const sender = await livekit.join(room, "sender");
    const meant = await livekit.join(room, "meant");
    const other = await livekit.join(room, "other");
    const seen: string[] = [];
    for (const [name, { client }] of Object.entries({ meant, other })) {
      client.on(RoomEvent.DataReceived, (payload) => {
        seen.push(`${name}: ${Buffer.from(payload).toString()}`);
      });
    }
    const secret = { reliable: true, destination_identities: ["meant"] };
    await sender.me.publishData(Buffer.from("secret"), secret);
    await sender.me.publishData(Buffer.from("for all"), { reliable: true });
    await eventually(() => seen.length >= 3);
    expect(seen.toSorted()).toEqual(["meant: for all", "meant: secret", "other: for all"]);
  });

  it("drops data of a participant who may not publish data", async () => {
    const room = newRoomName();
    const mute = await livekit.join(room, "mute", { canPublishData: false });
    const sender = await livekit.join(room, "sender");
    const listener = await livekit.join(room, "listener");
    const seen: string[] = [];
    listener.client.on(RoomEvent.DataReceived, (payload, from) => {
      seen.push(`${from?.identity}: ${Buffer.from(payload).toString()}`);
    });
    await mute.me.publishData(Buffer.from("no"), { reliable: true }).catch(() => {});
    await sender.me.publishData(Buffer.from("yes"), { reliable: true });
    await eventually(() => seen.length > 0);
    expect(seen).toEqual(["sender: yes"]);
  });

  it("delivers data that the server API sends", async () => {
    const room = newRoomName();
    const visitor = await livekit.join(room, "visitor");
    const received = next(visitor.client, RoomEvent.DataReceived);
    await livekit.rooms.sendData(room, Buffer.from("from the server"), 0, { topic: "notice" });
    const [payload, , , topic] = await received;
    expect([Buffer.from(payload).toString(), topic]).toEqual(["from the server", "notice"]);
  });
});

describe("attributes and metadata", () => {
  it("shows attributes, name and metadata of the token to others", async () => {
    const room = newRoomName();
    const watcher = await livekit.join(room, "watcher");
    const joined = next(watcher.client, RoomEvent.ParticipantConnected);
    const profile = { name: "Ada", metadata: "m", attributes: { plan: "free" } };
    await livekit.join(room, "visitor", {}, profile);
    const [visitor] = await joined;
    expect([visitor.name, visitor.metadata, visitor.attributes]).toEqual([
      "Ada",
      "m",
      { plan: "free" },
    ]);
  });

  it("tells others of changed attributes, and removes one that is set to nothing", async () => {
    const room = newRoomName();
    const agent = await livekit.join(room, "agent", {}, { attributes: { old: "1" } });
    const visitor = await livekit.join(room, "visitor");
    await agent.me.setAttributes({ "lk.agent.state": "thinking", old: "" });
    await eventually(() => {
      const attributes = visitor.client.remoteParticipants.get("agent")?.attributes ?? {};
      return attributes["lk.agent.state"] === "thinking" && !attributes.old;
    });
  });

  it("refuses changed attributes without the grant to change them", async () => {
    const room = newRoomName();
    const visitor = await livekit.join(room, "visitor", { canUpdateOwnMetadata: false });
    await visitor.me.setAttributes({ plan: "gold" }).catch(() => {});
    const info = await livekit.rooms.getParticipant(room, "visitor");
    expect(info.attributes).toEqual({});
  });

  it("changes a participant by the server API", async () => {
    const room = newRoomName();
    const visitor = await livekit.join(room, "visitor");
    const watcher = await livekit.join(room, "watcher");
    await livekit.rooms.updateParticipant(room, "visitor", { metadata: "new", name: "Bo" });
    await eventually(() => {
      const seen = watcher.client.remoteParticipants.get("visitor");
      return seen?.metadata === "new" && seen.name === "Bo" && visitor.me.metadata === "new";
    });
  });

  it("tells everybody of changed room metadata", async () => {
    const room = newRoomName();
    const visitor = await livekit.join(room, "visitor");
    await livekit.rooms.updateRoomMetadata(room, "open");
    await eventually(() => visitor.client.metadata === "open");
  });
});

describe("audio", () => {
  it("lets a tone be heard as it was sent, both ways", async () => {
    const room = newRoomName();
    const visitor = await livekit.join(room, "visitor");
    const agent = await livekit.join(room, "agent");
    const atAgent = nextAudioTrack(agent.client);
    const atVisitor = nextAudioTrack(visitor.client);
    const tones = [await publishTone(visitor.me, 440), await publishTone(agent.me, 1_000)];
    expect(await heardFrequency(await atAgent)).toBeCloseTo(440, -1);
    expect(await heardFrequency(await atVisitor)).toBeCloseTo(1_000, -1);
    for (const tone of tones) await tone.stop();
  });

  it("lets someone who joins later hear a track that is already there", async () => {
    const room = newRoomName();
    const visitor = await livekit.join(room, "visitor");
    const tone = await publishTone(visitor.me, 600);
    const late = await livekit.connect(
      await livekit.token({ room, roomJoin: true }, { identity: "late" }),
    );
    expect(await heardFrequency(await nextAudioTrack(late))).toBeCloseTo(600, -1);
    await tone.stop();
  });

  it("tells the publisher that its track is heard, and others when it is gone", async () => {
    const room = newRoomName();
    const agent = await livekit.join(room, "agent");
    const tone = await publishTone(agent.me, 500);
    const visitor = await livekit.join(room, "visitor");
    await tone.publication.waitForSubscription();
    const gone = next(visitor.client, RoomEvent.TrackUnpublished);
    await agent.me.unpublishTrack(tone.publication.sid ?? "");
    await gone;
    await tone.stop();
    const again = nextAudioTrack(visitor.client);
    const second = await publishTone(agent.me, 700);
    expect(await heardFrequency(await again)).toBeCloseTo(700, -1);
    await second.stop();
  });

  it("stops a track for a subscriber who leaves it, and brings it back", async () => {
    const room = newRoomName();
    const agent = await livekit.join(room, "agent");
    const visitor = await livekit.join(room, "visitor");
    const first = nextAudioTrack(visitor.client);
    const tone = await publishTone(agent.me, 500);
    await first;
    const [publication] =
      visitor.client.remoteParticipants.get("agent")?.trackPublications.values() ?? [];
    const gone = next(visitor.client, RoomEvent.TrackUnsubscribed);
    publication?.setSubscribed(false);
    await gone;
    const second = nextAudioTrack(visitor.client);
    publication?.setSubscribed(true);
    expect(await heardFrequency(await second)).toBeCloseTo(500, -1);
    await tone.stop();
  });

  it("publishes no track of a participant who may not publish", async () => {
    const room = newRoomName();
    const visitor = await livekit.join(room, "visitor", { canPublish: false });
    const attempt = publishTone(visitor.me, 440).catch(() => undefined);
    await livekit.join(room, "watcher");
    const info = await livekit.rooms.getParticipant(room, "visitor");
    expect(info.tracks).toEqual([]);
    await visitor.client.disconnect();
    await (await attempt)?.stop();
  });
});

describe("sources", () => {
  it("publishes only from those that the token names", async () => {
    const room = newRoomName();
    const visitor = await livekit.join(room, "visitor", {
      canPublishSources: [TrackSource.MICROPHONE],
    });
    const listener = await livekit.join(room, "listener");
    const refused = publishTone(visitor.me, 440, RtcSource.SOURCE_SCREENSHARE_AUDIO).catch(
      () => undefined,
    );
    const heard = nextAudioTrack(listener.client);
    const tone = await publishTone(visitor.me, 700);
    expect(await heardFrequency(await heard)).toBeCloseTo(700, -1);
    const { tracks } = await livekit.rooms.getParticipant(room, "visitor");
    expect(tracks.map(({ source }) => source)).toEqual([TrackSource.MICROPHONE]);
    await tone.stop();
    await visitor.client.disconnect();
    await (await refused)?.stop();
  });
});

describe("separate rooms", () => {
  it("never lets two rooms hear or read each other", async () => {
    const [roomA, roomB] = [newRoomName(), newRoomName()];
    const [a1, a2] = [await livekit.join(roomA, "one"), await livekit.join(roomA, "two")];
    const [b1, b2] = [await livekit.join(roomB, "one"), await livekit.join(roomB, "two")];
    const [heardA, heardB] = [nextAudioTrack(a2.client), nextAudioTrack(b2.client)];
    const [readA, readB] = [nextText(a2.client, "lk.chat"), nextText(b2.client, "lk.chat")];
    const tones = [await publishTone(a1.me, 400), await publishTone(b1.me, 900)];
    await Promise.all([
      a1.me.sendText("for A", { topic: "lk.chat" }),
      b1.me.sendText("for B", { topic: "lk.chat" }),
    ]);
    expect([(await readA).text, (await readB).text]).toEqual(["for A", "for B"]);
    expect(await heardFrequency(await heardA)).toBeCloseTo(400, -1);
    expect(await heardFrequency(await heardB)).toBeCloseTo(900, -1);
    for (const { client } of [a2, b2]) {
      expect([...client.remoteParticipants.keys()]).toEqual(["one"]);
    }
    for (const tone of tones) await tone.stop();
  });
});
