import type { AgentState } from "../../protocol/room-words.js";
import type { Caption } from "./transcript.js";

/** What the talk needs of a room. LiveKit stands behind it, in a file that loads later. */

export interface RoomHandlers {
  /** @param identity whose words these would be; undefined: nobody is there. */
  agent(identity: string | undefined, state: AgentState | undefined): void;
  /** The agent has this message, and those before it. */
  heard(id: string): void;
  /** @param caption `isCut`: whoever spoke is gone, and another may say it anew. */
  caption(caption: Omit<Caption, "mode">): void;
  /** @returns whether there is something that could be shown. */
  show(payload: string): boolean;
  reconnecting(isReconnecting: boolean): void;
  /** "closed": somebody ended the room; "lost": the connection did. */
  disconnected(reason: "closed" | "lost"): void;
  playback(isAllowed: boolean): void;
}

/** What a visitor lets a room have of them. */
export type SourceKind = "microphone" | "camera" | "screen";

/** One of the visitor's tracks as a room has it. The track itself stays its owner's: it is stopped elsewhere. */
export interface SentTrack {
  /** How loud it is, 0 to 1. */
  level(): number;
  setMuted(muted: boolean): Promise<void>;
  replace(track: MediaStreamTrack, isMuted: boolean): Promise<void>;
  unpublish(): Promise<void>;
}

export interface RoomLink {
  /**
   * What is sent into a broken connection is lost without a word.
   *
   * @returns whether the agent will say that it heard this; not every agent does.
   */
  sendMessage(text: string, id: string): Promise<boolean>;
  /** @returns whether the agent still waited for it. */
  sendAnswer(payload: string): Promise<boolean>;
  publish(kind: SourceKind, track: MediaStreamTrack, isMuted: boolean): Promise<SentTrack>;
  /** Whether the agent is to be heard. */
  setListening(listening: boolean): void;
  startAudio(): void;
  useSpeaker(deviceId: string): Promise<void>;
  agentLevel(): number;
  leave(): Promise<void>;
}

export interface RoomModule {
  connectRoom(url: string, token: string, handlers: RoomHandlers): Promise<RoomLink>;
}
