import { registerEnumType } from "type-graphql";
import { SCOPES, type Scope } from "../auth/scopes.js";
import {
  AuditActorKind,
  AuditVia,
  Channel,
  ConversationStatus,
  Direction,
  IdentityMode,
  Role,
  TurnError,
  TurnMode,
  TurnRole,
} from "../database/enums.js";

/** The literal in upper case with `:` and `-` as `_`: `token_created` → `TOKEN_CREATED` (contract section 3). */
export function enumName(literal: string): string {
  return literal.toUpperCase().replace(/[:-]/g, "_");
}

/**
 * An object that type-graphql takes for an enum: GraphQL name → our literal.
 *
 * @param descriptions of every literal.
 */
export function literalEnum<T extends string>(
  name: string,
  description: string,
  literals: readonly T[],
  descriptions: Readonly<Record<T, string>>,
): Record<string, T> {
  const names = Object.fromEntries(literals.map((literal) => [enumName(literal), literal]));
  registerEnumType(names, {
    name,
    description,
    valuesConfig: Object.fromEntries(
      literals.map((literal) => [enumName(literal), { description: descriptions[literal] }]),
    ),
  });
  return names;
}

export const ScopeEnum = literalEnum<Scope>("Scope", "What a token may do.", SCOPES, {
  "web_widgets:read": "Read widgets.",
  "web_widgets:manage": "Read and change widgets, with their security settings.",
  "agents:read": "Read agents and their versions.",
  "agents:manage": "Read and change agents and their versions.",
  "conversations:read": "Read conversations, without what is sensitive.",
  "conversations:read_sensitive":
    "Read what is sensitive of conversations: what was said, metadata, summary.",
  "conversations:manage":
    "Read conversations, without what is sensitive; listen to them, end them, and erase a visitor's.",
  "organizations:manage": "Read and change the organization, its keys and its members.",
});

export const RoleEnum = literalEnum<Role>(
  "Role",
  "What a member of an organization may do.",
  Object.values(Role),
  { admin: "Everything.", viewer: "Read what is not sensitive." },
);

export const ChannelEnum = literalEnum<Channel>(
  "Channel",
  "The channel that a conversation runs on.",
  Object.values(Channel),
  {
    webrtc: "Text and voice in one LiveKit room: every conversation here.",
    text: "Documented; none here.",
    telephone: "Documented; none here.",
    email: "Documented; none here.",
  },
);

export const DirectionEnum = literalEnum<Direction>(
  "Direction",
  "Who began.",
  Object.values(Direction),
  {
    inbound: "The visitor: every conversation here.",
    outbound: "The agent. Documented; none here.",
  },
);

export const ConversationStatusEnum = literalEnum<ConversationStatus>(
  "ConversationStatus",
  "The status of a conversation. A final one changes only by resuming.",
  Object.values(ConversationStatus),
  {
    token_created: "Created; nobody has joined yet.",
    triggered: "Active: triggered by the platform.",
    ringing: "Active: ringing.",
    in_progress: "The visitor is, or was until a moment ago, in the room.",
    completed: "Final: the room ended after the visitor had joined.",
    failed: "Final: ended by an error.",
    cancelled: "Final: never connected.",
    transferred: "Final: handed over.",
    unanswered: "Final: nobody answered.",
  },
);

export const IdentityModeEnum = literalEnum<IdentityMode>(
  "IdentityMode",
  "Whether a widget's visitors bring an identity token that the website has signed.",
  Object.values(IdentityMode),
  {
    off: "None counts.",
    optional: "Who brings one is verified; anybody else is not.",
    required: "Nobody starts without one.",
  },
);

export const TurnRoleEnum = literalEnum<TurnRole>(
  "TurnRole",
  "Who said it.",
  Object.values(TurnRole),
  {
    user: "The visitor.",
    agent: "The agent.",
    tool: "A tool that the agent called.",
  },
);

export const TurnModeEnum = literalEnum<TurnMode>(
  "TurnMode",
  "Written or spoken.",
  Object.values(TurnMode),
  {
    text: "Written.",
    voice: "Spoken.",
  },
);

export const TurnErrorEnum = literalEnum<TurnError>(
  "TurnError",
  "What went wrong with the model while a turn was made.",
  Object.values(TurnError),
  {
    timeout: "It was silent for too long.",
    rate_limited: "It refused for the number of requests.",
    unauthorized: "It refused the operator's key.",
    server_error: "It failed, or could not be reached.",
    bad_answer: "What it answered was not to be understood.",
    cut_off: "Its answer broke off, and was said again.",
    tool_loop: "It called tools without end.",
    fallback: "It failed, and the operator's other model answered.",
  },
);

export const AuditActorKindEnum = literalEnum<AuditActorKind>(
  "AuditActorKind",
  "What somebody who changed something was known by.",
  Object.values(AuditActorKind),
  {
    api_key: "A key of the organization's.",
    personal_token: "A person, by a token of theirs.",
    console_session: "A person who is signed in to the console.",
    command_line: "Whoever has the server's command line.",
  },
);

export const AuditViaEnum = literalEnum<AuditVia>(
  "AuditVia",
  "The way that a change came.",
  Object.values(AuditVia),
  {
    console: "The console.",
    graphql: "GraphQL.",
    rest: "REST.",
    command_line: "The server's command line.",
  },
);
