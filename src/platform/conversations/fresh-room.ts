import { randomUUID } from "node:crypto";
import type { ConversationStatus } from "../database/enums.js";
import { JOIN_TOKEN_SECONDS } from "../livekit/room-token.js";
import { isFinal } from "./status.js";

/** A room that waits for its visitor. */
export interface JoinableRoom {
  readonly name: string;
  readonly visitorIdentity: string;
}

export function freshRoom(): JoinableRoom {
  return {
    name: `parley_${randomUUID()}`,
    visitorIdentity: `visitor_${randomUUID()}`,
  };
}

/** When the token of a room that is made `now` can be used no more. */
export function tokenEnd(now: Date): Date {
  return new Date(now.getTime() + JOIN_TOKEN_SECONDS * 1000);
}

/** Where a resumed conversation returns to when nobody joins: the final status it had. */
export function fallbackStatus(
  status: ConversationStatus,
  earlier: ConversationStatus | undefined,
): ConversationStatus {
  if (isFinal(status)) return status;
  // Nobody joined yet: the room before already knew what to return to. Otherwise somebody was in it.
  return status === "token_created" && earlier ? earlier : "completed";
}
