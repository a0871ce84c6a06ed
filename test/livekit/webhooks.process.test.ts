import { RoomConfiguration, type WebhookEvent } from "livekit-server-sdk";
import { beforeAll, describe, expect, it } from "vitest";
import { eventually, newRoomName, pause, publishTone, useLiveKit } from "./support.js";

const livekit = useLiveKit();
/** The room whose webhooks the platform does not take. */
let refused: string | undefined;
let received: WebhookEvent[] | undefined;

beforeAll(async () => {
  received = await livekit.webhooks(({ room }) => room?.name === refused);
  if (received === undefined) {
    process.stdout.write(
      "webhook tests skipped: LIVEKIT_WEBHOOK_PORT does not say where the server delivers them\n",
    );
  }
});

describe("webhooks", () => {
  it("tell a conversation's life, signed so that the SDK verifies them", async (context) => {
    if (received === undefined) return context.skip();
    const room = newRoomName();
    const roomConfig = new RoomConfiguration({ departureTimeout: 1 });
    const visitor = await livekit.join(room, "visitor", {}, { roomConfig });
    const tone = await publishTone(visitor.me, 440);
    await visitor.me.unpublishTrack(tone.publication.sid ?? "");
    await tone.stop();
    await visitor.client.disconnect();
    await until(room, "room_finished");
    const expected = [
      "participant_joined",
      "participant_left",
      "room_finished",
      "room_started",
      "track_published",
      "track_unpublished",
    ];
    await eventually(() => expected.every((name) => names(room).includes(name)));
    expect([...new Set(names(room))].toSorted()).toEqual(expected);
    const events = (received ?? []).filter((event) => event.room?.name === room);
    const joined = events.find(({ event }) => event === "participant_joined");
    expect(joined?.participant?.identity).toBe("visitor");
    expect(joined?.room?.sid).toMatch(/^RM_/);
    expect(new Set(events.map((event) => event.room?.sid)).size).toBe(1);
    expect(new Set(events.map((event) => event.id)).size).toBe(new Set(names(room)).size);
    expect(events.every((event) => event.createdAt > 0n)).toBe(true);
  });

  it("tell that a room has finished when it is deleted", async (context) => {
    if (received === undefined) return context.skip();
    const room = newRoomName();
    await livekit.join(room, "visitor");
    await livekit.rooms.deleteRoom(room);
    await until(room, "room_finished");
    await until(room, "participant_left");
  });
});

describe("webhooks of a longer outage", () => {
  it("are given up, and those of other rooms do not wait for them", async (context) => {
    if (received === undefined) return context.skip();
    const room = newRoomName();
    refused = room;
    await livekit.rooms.createRoom({ name: room });
    const other = newRoomName();
    await livekit.rooms.createRoom({ name: other });
    await until(other, "room_started");
    // Five tries take 15 seconds, and what is older than 30 is dropped.
    await pause(45_000);
    refused = undefined;
    await livekit.rooms.deleteRoom(room);
    await until(room, "room_finished");
    expect(names(room)).toEqual(["room_finished"]);
  });
});

function names(room: string): string[] {
  return (received ?? [])
    .filter((event) => event.room?.name === room)
    .map(({ event }) => String(event));
}

async function until(room: string, name: string): Promise<void> {
  await eventually(() => names(room).includes(name));
}
