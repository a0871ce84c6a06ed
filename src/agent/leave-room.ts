import { EventEmitter } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import type { Room } from "@livekit/rtc-node";

const PATIENCE_MS = 2_000;

/**
 * Leaves a room for good. LiveKit's client forgets the rooms that it leaves by itself; one that was closed under it
 * would stay as long as the process, with all that listens to it.
 */
export async function leaveRoom(room: Room): Promise<void> {
  await Promise.race([room.disconnect(), delay(PATIENCE_MS, undefined, { ref: false })]);
  const client: unknown = Reflect.get(globalThis, "_ffiClientInstance");
  if (client instanceof EventEmitter) client.off("ffi_event", Reflect.get(room, "onFfiEvent"));
  room.removeAllListeners();
}
