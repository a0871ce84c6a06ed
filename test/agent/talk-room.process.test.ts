import { EventEmitter } from "node:events";
import { RoomEvent } from "@livekit/rtc-node";
import { expect, test } from "vitest";
import { leaveRoom } from "../../src/agent/talk-room.js";
import { newRoomName, next, useLiveKit } from "../livekit/support.js";

const livekit = useLiveKit();

function listeners(): number {
  const client: unknown = Reflect.get(globalThis, "_ffiClientInstance");
  return client instanceof EventEmitter ? client.listenerCount("ffi_event") : Number.NaN;
}

test("nothing stays of a room that was closed under its agent", async () => {
  const { client: stays } = await livekit.join(newRoomName(), "stays");
  const before = listeners();
  const name = newRoomName();
  const { client: room } = await livekit.join(name, "agent");
  const over = next(room, RoomEvent.Disconnected);
  await livekit.rooms.deleteRoom(name);
  await over;
  await leaveRoom(room);
  expect(listeners()).toBe(before);
  expect(room.listenerCount(RoomEvent.Disconnected)).toBe(0);
  expect(stays.isConnected).toBe(true);
});
