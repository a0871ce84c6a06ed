import { EventEmitter } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { Room } from "@livekit/rtc-node";

const PATIENCE_MS = 2_000;

/** What of LiveKit's client for Node is read here; it has no types for it. */
interface ClientEvent {
  readonly message: {
    readonly case?: string;
    readonly value?: { readonly roomHandle?: bigint };
  };
}

/**
 * A room for one of many talks. LiveKit's client gives each event of a process to each of its rooms, which queue for a
 * lock before they see that it is another one's: with fifty talks that was most of what the process did. This one
 * takes its own alone.
 */
export function openRoom(): Room {
  const room = new Room();
  const take: unknown = Reflect.get(room, "onFfiEvent");
  if (typeof take !== "function") throw new Error("LiveKit's client takes events otherwise now.");
  Reflect.set(room, "onFfiEvent", (event: ClientEvent) => {
    if (isFor(room, event)) return take(event);
  });
  return room;
}

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

function isFor(room: Room, { message }: ClientEvent): boolean {
  if (message.case === "rpcMethodInvocation") return true;
  if (message.case !== "roomEvent") return false;
  const own: unknown = Reflect.get(Object(Reflect.get(room, "ffiHandle")), "handle");
  // Until it is connected it keeps what comes, and looks through that at the next event.
  if (own === undefined || Reflect.get(room, "preConnectEvents").length > 0) return true;
  return message.value?.roomHandle === own;
}
