import type { ConversationStatus } from "../database/enums.js";

const FINAL: ReadonlySet<ConversationStatus> = new Set([
  "completed",
  "failed",
  "cancelled",
  "transferred",
  "unanswered",
]);

/** A final status changes only by resuming [documented]. */
export function isFinal(status: ConversationStatus): boolean {
  return FINAL.has(status);
}
