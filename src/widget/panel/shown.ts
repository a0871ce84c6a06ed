import type { AgentState } from "../../protocol/room-words.js";
import type { Phase } from "./connection.js";
import type { SharedSession } from "./conversation.js";
import type { PlainEntry } from "./transcript.js";

/** What one window shows, for the others to show too. */
export interface Shown {
  /** The ids of the entries. */
  order: readonly string[];
  /** Those that changed since the last time. */
  entries: readonly PlainEntry[];
  phase: Phase;
  hasAgent: boolean;
  agentState: AgentState | undefined;
  isInCall: boolean;
  session: SharedSession | undefined;
}
