import { registerEnumType } from "type-graphql";
import { SCOPES, type Scope } from "../auth/scopes.js";
import {
  Channel,
  ConversationStatus,
  Direction,
  IdentityMode,
  TurnMode,
  TurnRole,
} from "../database/enums.js";

/** The literal in upper case with `:` and `-` as `_`: `token_created` → `TOKEN_CREATED` (contract section 3). */
export function enumName(literal: string): string {
  return literal.toUpperCase().replace(/[:-]/g, "_");
}

/** An object that type-graphql takes for an enum: GraphQL name → our literal. */
export function fromLiterals<T extends string>(literals: readonly T[]): Record<string, T> {
  return Object.fromEntries(literals.map((literal) => [enumName(literal), literal]));
}

export const ScopeEnum = fromLiterals<Scope>(SCOPES);
export const ChannelEnum = fromLiterals(Object.values(Channel));
export const DirectionEnum = fromLiterals(Object.values(Direction));
export const ConversationStatusEnum = fromLiterals(Object.values(ConversationStatus));
export const IdentityModeEnum = fromLiterals(Object.values(IdentityMode));
export const TurnRoleEnum = fromLiterals(Object.values(TurnRole));
export const TurnModeEnum = fromLiterals(Object.values(TurnMode));

const STATUS_DESCRIPTIONS: Record<string, string> = {
  TOKEN_CREATED: "Created; nobody has joined yet.",
  TRIGGERED: "Active: triggered by the platform.",
  RINGING: "Active: ringing.",
  IN_PROGRESS: "The visitor is, or was until a moment ago, in the room.",
  COMPLETED: "Final: the room ended after the visitor had joined.",
  FAILED: "Final: ended by an error.",
  CANCELLED: "Final: never connected.",
  TRANSFERRED: "Final: handed over.",
  UNANSWERED: "Final: nobody answered.",
};

registerEnumType(ScopeEnum, {
  name: "Scope",
  description: "What a token may do.",
  valuesConfig: {
    WEB_WIDGETS_READ: { description: "Read widgets." },
    WEB_WIDGETS_MANAGE: { description: "Read and change widgets, with their security settings." },
    AGENTS_READ: { description: "Read agents and their versions." },
    AGENTS_MANAGE: { description: "Read and change agents and their versions." },
    CONVERSATIONS_READ: { description: "Read conversations, without what is sensitive." },
    CONVERSATIONS_READ_SENSITIVE: {
      description: "Read what is sensitive of conversations: what was said, metadata, summary.",
    },
    CONVERSATIONS_MANAGE: {
      description: "Read conversations, without what is sensitive, and erase a visitor's.",
    },
    ORGANIZATIONS_MANAGE: { description: "Read and change the organization and its keys." },
  },
});
registerEnumType(ChannelEnum, {
  name: "Channel",
  description: "The channel that a conversation runs on.",
  valuesConfig: {
    WEBRTC: { description: "Text and voice in one LiveKit room: every conversation here." },
    TEXT: { description: "Documented; none here." },
    TELEPHONE: { description: "Documented; none here." },
    EMAIL: { description: "Documented; none here." },
  },
});
registerEnumType(DirectionEnum, {
  name: "Direction",
  description: "Who began.",
  valuesConfig: {
    INBOUND: { description: "The visitor: every conversation here." },
    OUTBOUND: { description: "The agent. Documented; none here." },
  },
});
registerEnumType(ConversationStatusEnum, {
  name: "ConversationStatus",
  description: "The status of a conversation. A final one changes only by resuming.",
  valuesConfig: Object.fromEntries(
    Object.entries(STATUS_DESCRIPTIONS).map(([name, description]) => [name, { description }]),
  ),
});
registerEnumType(IdentityModeEnum, {
  name: "IdentityMode",
  description: "Whether a widget's visitors bring an identity token that the website has signed.",
  valuesConfig: {
    OFF: { description: "None counts." },
    OPTIONAL: { description: "Who brings one is verified; anybody else is not." },
    REQUIRED: { description: "Nobody starts without one." },
  },
});
registerEnumType(TurnRoleEnum, {
  name: "TurnRole",
  description: "Who said it.",
  valuesConfig: {
    USER: { description: "The visitor." },
    AGENT: { description: "The agent." },
    TOOL: { description: "A tool that the agent called." },
  },
});
registerEnumType(TurnModeEnum, {
  name: "TurnMode",
  description: "Written or spoken.",
  valuesConfig: {
    TEXT: { description: "Written." },
    VOICE: { description: "Spoken." },
  },
});
