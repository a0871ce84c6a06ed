import { z } from "zod";
import type { ConversationLatency, TurnLatency } from "./conversation.type.js";

const stage = z.number().int().nullable().default(null);
const turnLatency = z.object({
  endOfTurn: stage,
  transcription: stage,
  modelFirstToken: stage,
  speechFirstSound: stage,
  total: stage,
});

/** @param stored a turn's column, as `worker-input.ts` prepares it; null where nothing was measured. */
export function readTurnLatency(stored: unknown): TurnLatency | null {
  return stored === null ? null : turnLatency.parse(stored);
}

/** @returns null where nothing was measured. */
export function summarizeLatency(answerMs: readonly number[]): ConversationLatency | null {
  const [first, ...others] = answerMs.toSorted((a, b) => a - b);
  if (first === undefined) return null;
  const within = (share: number): number =>
    [first, ...others][Math.ceil(share * answerMs.length) - 1] ?? first;
  return { p50: within(0.5), p95: within(0.95) };
}
