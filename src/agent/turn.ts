import { cutText } from "../protocol/cut-text.js";
import { randomUUID } from "node:crypto";
import { jsonBytes } from "../protocol/json-bytes.js";
import { MAX_TOOL_CALL_BYTES, MAX_TURN_CHARACTERS } from "../protocol/limits.js";
import type { ToolCall, TurnError, TurnLatency, TurnUsage } from "../protocol/worker-api.js";

export type TurnMode = Turn["mode"];

/** One thing that was said or done, with an id of its own so that it can be sent twice. */
export interface Turn {
  readonly id: string;
  readonly role: "user" | "agent" | "tool";
  readonly text: string;
  readonly mode: "text" | "voice";
  readonly createdAt: Date;
  readonly toolCall?: ToolCall;
  /** Begun, and broken off by no visitor: what completes it has the same id. */
  readonly cutOff?: boolean;
  /** Of the agent's answers. */
  readonly latency?: TurnLatency;
  /** What the model read and wrote for it. */
  readonly usage?: TurnUsage;
  /** What went wrong with the model. */
  readonly error?: TurnError;
}

/** What a turn is made of. The visitor's panel chooses the id of what they write. */
export type NewTurn = Omit<Turn, "id"> & { readonly id?: string | undefined };

/** Makes turns whose times follow each other, so that a transcript keeps its order. */
export class TurnClock {
  private lastMs = 0;

  next(): Date {
    this.lastMs = Math.max(this.lastMs + 1, Date.now());
    return new Date(this.lastMs);
  }
}

/** @returns undefined when nothing is left that could be stored. */
export function makeTurn({ id, toolCall, ...turn }: NewTurn): Turn | undefined {
  const text = storable(turn.text);
  if (text.trim() === "") return undefined;
  const call = toolCall && { toolCall: storableCall(toolCall) };
  return { ...turn, id: id ?? randomUUID(), text, ...call };
}

/** What the platform takes of a call: storable texts, and arguments and result only within its size. */
function storableCall(call: ToolCall): ToolCall {
  const clean = JSON.parse(JSON.stringify(call), (_key, value: unknown) =>
    typeof value === "string" ? storable(value) : value,
  ) as ToolCall;
  if (jsonBytes(clean) <= MAX_TOOL_CALL_BYTES) return clean;
  return { ...clean, arguments: null, result: null };
}

/** What a database takes: no NUL, no half characters, not too long. */
function storable(text: string): string {
  return cutText(text.replaceAll("\0", ""), MAX_TURN_CHARACTERS).toWellFormed();
}
