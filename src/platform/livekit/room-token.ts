import { RoomAgentDispatch, RoomConfiguration } from "livekit-server-sdk";
import type { LiveKitAccess } from "../../process/environment.js";
import { signHs256 } from "../hs256.js";

/** Seconds in which a token may be used to join [ours]. */
export const JOIN_TOKEN_SECONDS = 15 * 60;
const EMPTY_TIMEOUT_SECONDS = 5 * 60;
const DEPARTURE_TIMEOUT_SECONDS = 20;

/** What is the same in every token, as LiveKit's SDK writes it. */
const ROOM = written(
  new RoomConfiguration({
    emptyTimeout: EMPTY_TIMEOUT_SECONDS,
    departureTimeout: DEPARTURE_TIMEOUT_SECONDS,
  }),
);
const DISPATCH = written(new RoomAgentDispatch());

/** How the agent is called into a room that a token makes. */
export interface AgentCall {
  readonly agentName: string;
  /** Ids only: the visitor can read it. */
  readonly agentMetadata: {
    conversation_id: string;
    widget_id: string;
    agent_version_id: string;
    traceparent?: string;
  };
}

export interface RoomTokenInput extends AgentCall {
  readonly room: string;
  readonly identity: string;
  readonly capabilities: { videoInput: boolean; screenShare: boolean };
}

/**
 * A visitor's token: one room, one identity, microphone and data, no updates of its own metadata.
 * The agent is dispatched by name when the join creates the room. Nothing in it comes from a browser.
 *
 * The claims are those that LiveKit's SDK writes, claim by claim; a test compares. The SDK makes 7,600
 * tokens a second, which each start would pay for.
 */
export function createRoomToken(settings: LiveKitAccess, input: RoomTokenInput): string {
  const sources = ["microphone"];
  if (input.capabilities.videoInput) sources.push("camera");
  if (input.capabilities.screenShare) sources.push("screen_share", "screen_share_audio");
  return signRoomToken(settings, input, {
    room: input.room,
    roomJoin: true,
    canSubscribe: true,
    canPublish: true,
    canPublishData: true,
    canPublishSources: sources,
    canUpdateOwnMetadata: false,
  });
}

/** A token good for a grant of its room, from which the room is made when it is the first that joins. */
export function signRoomToken(
  settings: LiveKitAccess,
  call: AgentCall & { readonly identity: string },
  video: object,
): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    video,
    roomConfig: roomConfiguration(call),
    iss: settings.apiKey,
    exp: now + JOIN_TOKEN_SECONDS,
    nbf: now,
    sub: call.identity,
  };
  return signHs256(claims, settings.apiSecret);
}

function roomConfiguration({ agentName, agentMetadata }: AgentCall): object {
  return {
    ...ROOM,
    agents: [{ ...DISPATCH, agentName, metadata: JSON.stringify(agentMetadata) }],
  };
}

function written(message: RoomConfiguration | RoomAgentDispatch): object {
  return JSON.parse(JSON.stringify(message)) as object;
}
