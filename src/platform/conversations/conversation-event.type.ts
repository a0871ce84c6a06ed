import { Field, ObjectType } from "type-graphql";
import { READ_SENSITIVE } from "../auth/scopes.js";
import type { ConversationStatus } from "../database/enums.js";
import { ConversationStatusEnum, literalEnum } from "../graphql/enum-literals.js";
import { RequiresScopes } from "../graphql/requires-scopes.js";
import { ConversationMessage, TurnLatency } from "./conversation.type.js";

export const CONVERSATION_EVENT_KINDS = [
  "status_changed",
  "turn_added",
  "latency_measured",
] as const;
type ConversationEventKind = (typeof CONVERSATION_EVENT_KINDS)[number];

const ConversationEventKindEnum = literalEnum<ConversationEventKind>(
  "ConversationEventKind",
  "What happened in a conversation.",
  CONVERSATION_EVENT_KINDS,
  {
    status_changed: "It has another status. The first event says which it has.",
    turn_added:
      "Something was said or done; needs `conversations:read_sensitive`. One that completes a turn which broke off has its id.",
    latency_measured: "An answer of the agent was measured.",
  },
);

@ObjectType({ description: "One thing that happened in a conversation." })
export class ConversationEvent {
  @Field(() => ConversationEventKindEnum, { description: "What happened." })
  kind: ConversationEventKind;

  @Field(() => ConversationStatusEnum, { description: "The conversation's status then." })
  status: ConversationStatus;

  @RequiresScopes(READ_SENSITIVE)
  @Field(() => ConversationMessage, {
    nullable: true,
    description: "Sensitive: what was said; only with `TURN_ADDED`.",
  })
  turn: ConversationMessage | null;

  @Field(() => TurnLatency, {
    nullable: true,
    description: "How long each stage took; only with `LATENCY_MEASURED`.",
  })
  latency: TurnLatency | null;

  /** Why there is nothing more to come. */
  failure?: unknown;
}
