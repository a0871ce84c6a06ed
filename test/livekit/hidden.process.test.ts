import { RoomEvent } from "@livekit/rtc-node";
import { describe, expect, it } from "vitest";
import {
  eventually,
  newRoomName,
  next,
  nextAudioTrack,
  publishTone,
  useLiveKit,
} from "./support.js";

const livekit = useLiveKit();

/** As a listener's token has it. */
const LISTENER = {
  hidden: true,
  canSubscribe: true,
  canPublish: false,
  canPublishData: false,
  canUpdateOwnMetadata: false,
};

describe("a hidden participant", () => {
  it("is in nobody's list, whether it comes first or last, and nobody is told that it leaves", async () => {
    const room = newRoomName();
    const visitor = await livekit.join(room, "visitor");
    const told: string[] = [];
    const note = ({ identity }: { identity: string }): void => void told.push(identity);
    visitor.client.on(RoomEvent.ParticipantConnected, note);
    visitor.client.on(RoomEvent.ParticipantDisconnected, note);
    const listener = await livekit.join(room, "listener", LISTENER);
    const agent = await livekit.joinAsAgent(room, "agent");
    await eventually(() => visitor.client.remoteParticipants.has("agent"));
    await listener.client.disconnect();
    await agent.client.disconnect();
    await eventually(() => told.length === 2);
    expect(told).toEqual(["agent", "agent"]);
    expect([...agent.client.remoteParticipants.keys()]).not.toContain("listener");
  });

  it("sees who is there, hears them and reads what is written", async () => {
    const room = newRoomName();
    const visitor = await livekit.join(room, "visitor");
    const listener = await livekit.join(room, "listener", LISTENER);
    await eventually(() => listener.client.remoteParticipants.has("visitor"));
    const heard = nextAudioTrack(listener.client);
    const tone = await publishTone(visitor.me, 440);
    await heard;
    await tone.stop();
    const read = next(listener.client, RoomEvent.DataReceived);
    await visitor.me.publishData(Buffer.from("hello"), { reliable: true });
    expect(Buffer.from((await read)[0]).toString()).toBe("hello");
  });

  it("can send nothing: whatever it tries, others hear only those who may", async () => {
    const room = newRoomName();
    const visitor = await livekit.join(room, "visitor");
    const other = await livekit.join(room, "other");
    const listener = await livekit.join(room, "listener", LISTENER);
    const seen: string[] = [];
    visitor.client.on(RoomEvent.DataReceived, (bytes) => {
      seen.push(Buffer.from(bytes).toString());
    });
    // Its client may refuse, too: what counts is what arrives.
    const sent = listener.me.publishData(Buffer.from("hidden"), { reliable: true });
    await Promise.race([sent.catch(() => {}), eventually(() => seen.length > 0).catch(() => {})]);
    await other.me.publishData(Buffer.from("open"), { reliable: true });
    await eventually(() => seen.includes("open"));
    expect(seen).toEqual(["open"]);
  });
});
