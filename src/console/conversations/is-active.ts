import type { ConversationStatus } from "../generated/operations.js";

const ACTIVE: ReadonlySet<ConversationStatus> = new Set([
  "IN_PROGRESS",
  "TOKEN_CREATED",
  "TRIGGERED",
  "RINGING",
]);

/** Whether it may still go on by itself; a final status changes only by resuming. */
export function isActive(status: ConversationStatus): boolean {
  return ACTIVE.has(status);
}
