import type { LiveKitAccess } from "../../process/environment.js";
import { signRoomToken, type AgentCall } from "./room-token.js";

/**
 * A hidden listener's token: hears and sees one room, and is in nobody's list there (contract section 6).
 * The agent is dispatched by it too: should LiveKit have lost the room, whoever comes first makes it.
 */
export function createListenerToken(
  settings: LiveKitAccess,
  input: AgentCall & { readonly room: string; readonly identity: string },
): string {
  return signRoomToken(settings, input, {
    room: input.room,
    roomJoin: true,
    hidden: true,
    canSubscribe: true,
    canPublish: false,
    canPublishData: false,
    canUpdateOwnMetadata: false,
  });
}
