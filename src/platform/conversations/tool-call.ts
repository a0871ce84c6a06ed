import { z } from "zod";
import type { ToolCall } from "./conversation.type.js";

const toolCall = z.object({
  callId: z.string(),
  name: z.string(),
  arguments: z.unknown(),
  result: z.unknown(),
  error: z.string().nullable(),
});

/** @param stored a turn's column, as `worker-input.ts` prepares it; null when the turn is no call. */
export function readToolCall(stored: unknown): ToolCall | null {
  return stored === null ? null : toolCall.parse(stored);
}
