import { ConversationStatus } from "../database/enums.js";

const FINAL: ReadonlySet<ConversationStatus> = new Set([
  "completed",
  "failed",
  "cancelled",
  "transferred",
  "unanswered",
]);

/** A room can only be alive while its conversation has one of these. */
export const LIVE_STATUSES = Object.values(ConversationStatus).filter((status) => !isFinal(status));

/** A final status changes only by resuming [documented]. */
export function isFinal(status: ConversationStatus): boolean {
  return FINAL.has(status);
}
