import { ArgsType, Field, InputType, Int } from "type-graphql";
import { Channel, ConversationStatus, Direction } from "../database/enums.js";
import { PageArgs } from "../graphql/relay-connection.js";
import { keywords } from "../graphql/keywords.js";
import { ChannelEnum, ConversationStatusEnum, DirectionEnum } from "../graphql/enum-literals.js";
import { DateTimeScalar, JSONObjectScalar, UUIDScalar } from "../graphql/scalars.js";
import { USER_ID } from "./user-id.js";

@InputType({
  description:
    "The website's page that the visitor is on. For the agent, as data that anybody may make up.",
})
export class HostPageInput {
  @Field(() => String, { description: "An http or https address; query and fragment are dropped." })
  url: string;

  @Field(() => String, { nullable: true, description: "Its title." })
  title?: string | null;

  @Field(() => String, { nullable: true, description: "Its language: a BCP 47 tag." })
  language?: string | null;
}

@InputType({ description: "What the visitor has agreed to." })
export class ConsentInput {
  @Field(() => String, { description: "The version of the words, as `widgetConsent` tells it." })
  version: string;

  @Field(() => String, {
    nullable: true,
    description: "The language they were shown in: a BCP 47 tag. Absent: the widget's own.",
  })
  language?: string | null;
}

@InputType({ description: "A start; with `conversationId`, a resume." })
export class StartConversationInput {
  @Field(() => UUIDScalar, { description: "The widget." })
  widgetId: string;

  @Field(() => String, {
    description:
      "Names the visitor: 1 to 255 characters without control characters; `guest_<uuid>` for anonymous ones.",
  })
  @keywords(USER_ID)
  userId: string;

  @Field(() => JSONObjectScalar, {
    nullable: true,
    description:
      "At most 16 KB; on resume merged key by key. `feedback_form` is reserved and dropped.",
  })
  customMetadata?: object | null;

  @Field(() => UUIDScalar, { nullable: true, description: "The conversation to resume." })
  conversationId?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "A JWT in which the website's own server names the visitor (`sub`), signed with the widget's identity secret. Looked at unless `security.identity` is off.",
  })
  identityToken?: string | null;

  @Field(() => HostPageInput, { nullable: true, description: "At most 2 KB." })
  page?: HostPageInput | null;

  @Field(() => ConsentInput, {
    nullable: true,
    description:
      "Needed where the widget asks for consent, unless the conversation that is resumed has it for today's version.",
  })
  consent?: ConsentInput | null;
}

@InputType({ description: "What a visitor thinks of a conversation." })
export class SubmitFeedbackInput {
  @Field(() => UUIDScalar, { description: "The widget." })
  widgetId: string;

  @Field(() => UUIDScalar, { description: "The conversation." })
  conversationId: string;

  @Field(() => JSONObjectScalar, { description: "Values by field id; at most 16 KB." })
  data: object;
}

@InputType({ description: "The widget that a visitor leaves." })
export class LogoutVisitorInput {
  @Field(() => UUIDScalar, { description: "The widget." })
  widgetId: string;
}

@InputType({ description: "A conversation of the visitor's own." })
export abstract class OwnConversationInput {
  @Field(() => UUIDScalar, { description: "The widget." })
  widgetId: string;

  @Field(() => UUIDScalar, { description: "The conversation." })
  conversationId: string;
}

@InputType({ description: "The conversation whose consent is withdrawn." })
export class WithdrawConsentInput extends OwnConversationInput {}

@InputType({ description: "The conversation to remove." })
export class EraseConversationInput extends OwnConversationInput {}

@InputType({ description: "The conversation to end." })
export class EndConversationInput {
  @Field(() => UUIDScalar, { description: "The conversation." })
  id: string;

  @Field(() => ChannelEnum, {
    nullable: true,
    description:
      "Ends it only if it runs on this channel: CONFLICT otherwise. Absent: whatever it runs on.",
  })
  channel?: Channel | null;
}

@InputType({ description: "The conversation to listen to." })
export class CreateListenerTokenInput {
  @Field(() => UUIDScalar, { description: "The conversation." })
  id: string;
}

@ArgsType()
export class ConversationsArgs extends PageArgs {
  @Field(() => DirectionEnum, { nullable: true, description: "Who began." })
  direction?: Direction | null;

  @Field(() => ChannelEnum, { nullable: true, description: "The channel it ran on." })
  channel?: Channel | null;

  @Field(() => ConversationStatusEnum, { nullable: true, description: "Its status." })
  status?: ConversationStatus | null;

  @Field(() => String, { nullable: true, description: "Part of the visitor's name, in any case." })
  userId?: string | null;

  @Field(() => String, { nullable: true, description: "Exactly this visitor's." })
  ofUserId?: string | null;

  @Field(() => UUIDScalar, { nullable: true, description: "Only those of this agent." })
  agentId?: string | null;

  @Field(() => UUIDScalar, { nullable: true, description: "Only those of this version." })
  agentVersionId?: string | null;

  @Field(() => UUIDScalar, { nullable: true, description: "Only those of this widget." })
  webWidgetId?: string | null;

  @Field(() => Int, { nullable: true, description: "At least this many seconds." })
  durationAbove?: number | null;

  @Field(() => Int, { nullable: true, description: "At most this many seconds." })
  durationBelow?: number | null;

  @Field(() => Int, { nullable: true, description: "At least this many turns of the visitor." })
  userTurnCountAbove?: number | null;

  @Field(() => Int, { nullable: true, description: "At most this many turns of the visitor." })
  userTurnCountBelow?: number | null;

  @Field(() => JSONObjectScalar, {
    nullable: true,
    description: "Only those whose metadata contains this; needs `conversations:read_sensitive`.",
  })
  customMetadata?: object | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Created after this time." })
  createdAfter?: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Created before this time." })
  createdBefore?: Date | null;
}

@ArgsType()
export class PublicConversationsArgs extends PageArgs {
  @Field(() => ChannelEnum, {
    nullable: true,
    description: "The channel it ran on. Default: webrtc.",
  })
  channel?: Channel | null;

  @Field(() => ConversationStatusEnum, { nullable: true, description: "Its status." })
  status?: ConversationStatus | null;

  @Field(() => String, { nullable: true, description: "Exactly this visitor." })
  userId?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      "Only those that the visitor token (`X-Visitor-Token`) opens, each with its visitor and first words.",
  })
  own?: boolean | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Created after this time." })
  createdAfter?: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Created before this time." })
  createdBefore?: Date | null;
}
