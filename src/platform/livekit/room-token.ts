import { AccessToken, RoomAgentDispatch, RoomConfiguration, TrackSource } from "livekit-server-sdk";
import type { LiveKitAccess } from "../../process/environment.js";

/** Seconds in which a token may be used to join [ours]. */
export const JOIN_TOKEN_SECONDS = 15 * 60;
const EMPTY_TIMEOUT_SECONDS = 5 * 60;
const DEPARTURE_TIMEOUT_SECONDS = 20;

export interface RoomTokenInput {
  readonly room: string;
  readonly identity: string;
  readonly agentName: string;
  /** Ids only: the visitor can read it. */
  readonly agentMetadata: { conversation_id: string; widget_id: string; agent_version_id: string };
  readonly capabilities: { videoInput: boolean; screenShare: boolean };
}

/**
 * A visitor's token: one room, one identity, microphone and data, no updates of its own metadata.
 * The agent is dispatched by name when the join creates the room. Nothing in it comes from a browser.
 */
export function createRoomToken(settings: LiveKitAccess, input: RoomTokenInput): Promise<string> {
  const token = new AccessToken(settings.apiKey, settings.apiSecret, {
    identity: input.identity,
    ttl: JOIN_TOKEN_SECONDS,
  });
  const sources = [TrackSource.MICROPHONE];
  if (input.capabilities.videoInput) sources.push(TrackSource.CAMERA);
  if (input.capabilities.screenShare) {
    sources.push(TrackSource.SCREEN_SHARE, TrackSource.SCREEN_SHARE_AUDIO);
  }
  token.addGrant({
    room: input.room,
    roomJoin: true,
    canSubscribe: true,
    canPublish: true,
    canPublishData: true,
    canPublishSources: sources,
    canUpdateOwnMetadata: false,
  });
  token.roomConfig = new RoomConfiguration({
    emptyTimeout: EMPTY_TIMEOUT_SECONDS,
    departureTimeout: DEPARTURE_TIMEOUT_SECONDS,
    agents: [
      new RoomAgentDispatch({
        agentName: input.agentName,
        metadata: JSON.stringify(input.agentMetadata),
      }),
    ],
  });
  return token.toJwt();
}
