import { Field, Int, ObjectType } from "type-graphql";
import { READ_SENSITIVE } from "../auth/scopes.js";
import {
  Channel,
  ConversationStatus,
  Direction,
  TurnError,
  TurnMode,
  TurnRole,
} from "../database/enums.js";
import { connectionType } from "../graphql/relay-connection.js";
import {
  ChannelEnum,
  ConversationStatusEnum,
  DirectionEnum,
  TurnErrorEnum,
  TurnModeEnum,
  TurnRoleEnum,
} from "../graphql/enum-literals.js";
import { DateTimeScalar, JSONObjectScalar, JSONScalar, UUIDScalar } from "../graphql/scalars.js";
import { RequiresScopes } from "../graphql/requires-scopes.js";

@ObjectType({ description: "A tool that the agent called." })
export class ToolCall {
  @Field(() => String, { description: "The model's id of the call." })
  callId: string;

  @Field(() => String, { description: "The tool's name." })
  name: string;

  @Field(() => JSONScalar, {
    nullable: true,
    description: "What it was called with.",
    complexity: 16,
  })
  arguments: unknown;

  @Field(() => JSONScalar, {
    nullable: true,
    description: "What it answered.",
    complexity: 16,
  })
  result: unknown;

  @Field(() => String, { nullable: true, description: "Why it failed, if it did." })
  error: string | null;
}

@ObjectType({
  description: "How long each stage of an answer took, in milliseconds; null: it took no part.",
})
export class TurnLatency {
  @Field(() => Int, {
    nullable: true,
    description: "After the transcription, until what was heard was taken for a whole turn.",
  })
  endOfTurn: number | null;

  @Field(() => Int, {
    nullable: true,
    description: "From the visitor's last word until it was written down.",
  })
  transcription: number | null;

  @Field(() => Int, {
    nullable: true,
    description: "From the request to the model until its first token.",
  })
  modelFirstToken: number | null;

  @Field(() => Int, {
    nullable: true,
    description: "From the first text that was to be spoken until its first sound.",
  })
  speechFirstSound: number | null;

  @Field(() => Int, {
    nullable: true,
    description: "From the visitor's last word or message to the agent's first.",
  })
  total: number | null;
}

@ObjectType({ description: "How long the answers of a conversation took, in milliseconds." })
export class ConversationLatency {
  @Field(() => Int, { description: "Half of the answers came within it." })
  p50: number;

  @Field(() => Int, { description: "95 of 100 answers came within it." })
  p95: number;
}

@ObjectType({ description: "What models were given and what they wrote." })
export class TokenUsage {
  @Field(() => Int, { description: "Tokens that they read." })
  inputTokens: number;

  @Field(() => Int, { description: "Tokens that they wrote." })
  outputTokens: number;
}

@ObjectType({ description: "What every reader of a turn sees." })
abstract class TurnBase {
  @Field(() => String, { description: "Unique within the conversation." })
  id: string;

  @Field(() => TurnRoleEnum, { description: "Who said it." })
  role: TurnRole;

  @Field(() => String, { description: "The words." })
  text: string;

  @Field(() => TurnModeEnum, { description: "Written or spoken." })
  mode: TurnMode;

  @Field(() => DateTimeScalar, { description: "When it was said." })
  createdAt: Date;
}

@ObjectType({ description: "One thing that was said or done in a conversation." })
export class ConversationMessage extends TurnBase {
  @Field(() => ToolCall, { nullable: true, description: "Only with the role `tool`." })
  toolCall: ToolCall | null;

  @Field(() => TurnLatency, { nullable: true, description: "Only of the agent's answers." })
  latency: TurnLatency | null;

  @Field(() => TokenUsage, { nullable: true, description: "Null where no model was asked." })
  usage: TokenUsage | null;

  @Field(() => TurnErrorEnum, {
    nullable: true,
    description: "What went wrong with the model; null for nothing.",
  })
  error: TurnError | null;
}

@ObjectType({ description: "Everything that was said, oldest first." })
export class ConversationTranscript {
  @Field(() => [ConversationMessage], { description: "The turns." })
  messages: ConversationMessage[];
}

@ObjectType({ description: "What every reader of a conversation sees." })
abstract class ConversationBase {
  @Field(() => UUIDScalar, { description: "Its id; a resume keeps it." })
  id: string;

  @Field(() => String, { description: "The organization that owns it." })
  organizationId: string;

  @Field(() => DirectionEnum, { description: "Who began." })
  direction: Direction;

  @Field(() => ChannelEnum, { description: "The channel it runs on." })
  channel: Channel;

  @Field(() => ConversationStatusEnum, { description: "Its status." })
  status: ConversationStatus;

  @Field(() => UUIDScalar, { description: "The agent that answers." })
  agentId: string;

  @Field(() => UUIDScalar, { description: "The version that answers; a resume keeps it." })
  agentVersionId: string;

  @Field(() => UUIDScalar, { nullable: true, description: "The widget it came through." })
  webWidgetId: string | null;

  @Field(() => Int, {
    nullable: true,
    description:
      "Seconds in which the visitor was in a room, over all its rooms; null before the first leave.",
  })
  duration: number | null;

  @Field(() => Int, { description: "How many turns the visitor has taken, spoken or written." })
  userTurnCount: number;

  @Field(() => Boolean, {
    description: "Whether the website has signed for the visitor's name, in an identity token.",
  })
  userVerified: boolean;

  @Field(() => DateTimeScalar, { description: "When it was created." })
  createdAt: Date;

  @Field(() => DateTimeScalar, { description: "When it last changed." })
  updatedAt: Date;
}

@ObjectType({ description: "A conversation as its owner reads it." })
export class Conversation extends ConversationBase {
  @Field(() => Boolean, {
    description:
      "Whether it is a test of a version, which its maker alone reads, by its id: it is in no list.",
  })
  test: boolean;

  @Field(() => String, {
    description: "The visitor, as the website names them; `guest_<uuid>` when anonymous.",
  })
  userId: string;

  @Field(() => ConversationLatency, {
    nullable: true,
    description: "Of the `total` of its last thousand answers; null while none was measured.",
  })
  latency: ConversationLatency | null;

  @Field(() => TokenUsage, { description: "Of all its turns." })
  usage: TokenUsage;

  @RequiresScopes(READ_SENSITIVE)
  @Field(() => JSONObjectScalar, {
    nullable: true,
    description: "Sensitive: what the agent began with.",
  })
  initialContext: unknown;

  @RequiresScopes(READ_SENSITIVE)
  @Field(() => String, { nullable: true, description: "Sensitive: a summary." })
  summary: string | null;

  @RequiresScopes(READ_SENSITIVE)
  @Field(() => JSONObjectScalar, {
    nullable: true,
    description: "Sensitive: the website's own keys, form values, feedback.",
  })
  customMetadata: unknown;

  @RequiresScopes(READ_SENSITIVE)
  @Field(() => JSONObjectScalar, {
    nullable: true,
    description:
      "Sensitive: what the website has signed about the visitor (`metadata` of the identity token).",
  })
  identityMetadata: unknown;

  @RequiresScopes(READ_SENSITIVE)
  @Field(() => JSONObjectScalar, {
    nullable: true,
    description:
      "Sensitive: what the visitor agreed to (`version, language, text_sha256, at`, `withdrawn_at` once it is withdrawn); null where nobody asked.",
    // A few short words, unlike other documents.
    complexity: 8,
  })
  consent: unknown;
}

@ObjectType({
  description: "A conversation as a visitor may see it: never metadata, summary or transcript.",
})
export class PublicConversation extends ConversationBase {
  @Field(() => String, {
    nullable: true,
    description:
      "The visitor; shown only to a caller who named it or asked for `own`, null otherwise.",
  })
  userId: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "The beginning of what the visitor said first, at most 120 characters; where `own` was asked for, null otherwise.",
    // It is looked up for each.
    complexity: 10,
  })
  firstWords?: string | null;
}

@ObjectType({ description: "How to join the conversation's room." })
export class ConnectionDetails {
  @Field(() => String, { description: "LiveKit's WebSocket URL." })
  url: string;

  @Field(() => String, {
    description: "A LiveKit token for this room and one random identity, valid 15 minutes to join.",
  })
  token: string;

  @Field(() => String, { description: "The room; a fresh one at every start and resume." })
  room: string;
}

@ObjectType({ description: "How to listen to a conversation's room, unseen." })
export class ListenerToken {
  @Field(() => String, { description: "LiveKit's WebSocket URL." })
  url: string;

  @Field(() => String, {
    description:
      "A LiveKit token that subscribes and nothing else; whoever joins with it is in nobody's list.",
  })
  token: string;

  @Field(() => String, { description: "The room; a resume goes on in another." })
  roomName: string;

  @Field(() => DateTimeScalar, { description: "Until when one may join with it: 15 minutes." })
  expiresAt: Date;
}

@ObjectType({ description: "What this conversation can do." })
export class Capabilities {
  @Field(() => Boolean, { description: "Whether the agent sees the visitor's camera." })
  supportsVideoInput: boolean;

  @Field(() => Boolean, { description: "Whether the agent sees the visitor's screen." })
  supportsScreenShare: boolean;

  @Field(() => Boolean, {
    description: "False when a language model is configured without speech models.",
  })
  supportsVoice: boolean;

  @Field(() => Boolean, { description: "False only when the agent is known to be down." })
  agentAvailable: boolean;
}

@ObjectType({ description: "One turn, as its visitor reads it." })
export class VisitorMessage extends TurnBase {}

@ObjectType({ description: "What the visitor and the agent said, oldest first." })
export class VisitorMessages {
  @Field(() => [VisitorMessage], { description: "The turns." })
  messages: VisitorMessage[];

  @Field(() => String, { description: "The visitor token, renewed." })
  visitorToken: string;
}

@ObjectType({ description: "All that is kept of a conversation for its visitor to take along." })
export class ConversationExport {
  @Field(() => PublicConversation, { description: "The conversation." })
  conversation: PublicConversation;

  @Field(() => JSONObjectScalar, {
    description: "What the form, the page and the visitor's feedback told.",
  })
  customMetadata: unknown;

  @Field(() => JSONObjectScalar, { nullable: true, description: "What the visitor agreed to." })
  consent: unknown;

  @Field(() => String, { nullable: true, description: "The summary that was made of it." })
  summary: string | null;

  @Field(() => [VisitorMessage], { description: "The turns, oldest first." })
  messages: VisitorMessage[];
}

export const ConversationConnection = connectionType("Conversation", Conversation);
export const PublicConversationConnection = connectionType(
  "PublicConversation",
  PublicConversation,
);
