import type { LiveKitAccess } from "../../process/environment.js";
import { signHs256 } from "../hs256.js";
import { JOIN_TOKEN_SECONDS, roomConfiguration, type AgentCall } from "./room-token.js";

/**
 * A hidden listener's token: hears and sees one room, and is in nobody's list there (contract section 6).
 * The agent is dispatched by it too: should LiveKit have lost the room, whoever comes first makes it.
 */
export function createListenerToken(
  settings: LiveKitAccess,
  input: AgentCall & { readonly room: string; readonly identity: string },
): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    video: {
      room: input.room,
      roomJoin: true,
      hidden: true,
      canSubscribe: true,
      canPublish: false,
      canPublishData: false,
      canUpdateOwnMetadata: false,
    },
    roomConfig: roomConfiguration(input),
    iss: settings.apiKey,
    exp: now + JOIN_TOKEN_SECONDS,
    nbf: now,
    sub: input.identity,
  };
  return signHs256(claims, settings.apiSecret);
}
