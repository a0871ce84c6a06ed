import { ParticipantInfo_State, RoomServiceClient } from "livekit-server-sdk";
import type { LiveKitAccess } from "../process/environment.js";

const POLL_MS = 100;
const TIMEOUT_SECONDS = 3;

/**
 * Waits until LiveKit calls a participant active: what is sent to it before is lost. Others see a
 * participant before that, and no client reports when it becomes active.
 *
 * @returns false when `signal` aborts first.
 */
export async function untilActive(
  livekit: LiveKitAccess,
  room: string,
  identity: string,
  signal: AbortSignal,
): Promise<boolean> {
  const client = new RoomServiceClient(livekit.url, livekit.apiKey, livekit.apiSecret, {
    requestTimeout: TIMEOUT_SECONDS,
  });
  while (!signal.aborted) {
    // Not there yet, or LiveKit busy: both pass.
    const participant = await client.getParticipant(room, identity).catch(() => undefined);
    if (participant?.state === ParticipantInfo_State.ACTIVE) return true;
    await new Promise((resolve) => {
      setTimeout(resolve, POLL_MS);
    });
  }
  return false;
}
