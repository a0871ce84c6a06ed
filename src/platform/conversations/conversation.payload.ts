import { Field, ObjectType } from "type-graphql";
import {
  Capabilities,
  ConnectionDetails,
  Conversation,
  ListenerToken,
  PublicConversation,
} from "./conversation.type.js";
import { UUIDScalar } from "../graphql/scalars.js";

@ObjectType({ description: "What `startConversation` answers: a started or resumed conversation." })
export class StartConversationPayload {
  @Field(() => PublicConversation, { description: "The conversation." })
  conversation: PublicConversation;

  @Field(() => ConnectionDetails, { description: "How to join its room." })
  connectionDetails: ConnectionDetails;

  @Field(() => Capabilities, { description: "What it can do." })
  capabilities: Capabilities;

  @Field(() => String, {
    description:
      "Opens the conversations of its key, and of the visitor's proven identity, for 24 hours, as the header `X-Visitor-Token`; renewed by every answer, for at most 30 days.",
  })
  visitorToken: string;
}

@ObjectType({ description: "What `submitFeedback` answers." })
export class SubmitFeedbackPayload {
  @Field(() => String, { description: "Always `ok`." })
  status: string;
}

@ObjectType({ description: "What `logoutVisitor` answers." })
export class LogoutVisitorPayload {
  @Field(() => String, { description: "Always `ok`." })
  status: string;
}

@ObjectType({ description: "What `withdrawConsent` answers." })
export class WithdrawConsentPayload {
  @Field(() => String, { description: "Always `ok`." })
  status: string;
}

@ObjectType({ description: "What `eraseConversation` answers." })
export class EraseConversationPayload {
  @Field(() => UUIDScalar, { description: "The conversation that is gone." })
  erasedConversationId: string;
}

@ObjectType({ description: "What `endConversation` answers." })
export class EndConversationPayload {
  @Field(() => Conversation, {
    description: "The conversation, over; its duration follows when its visitor has left the room.",
  })
  conversation: Conversation;
}

@ObjectType({ description: "What `createListenerToken` answers." })
export class CreateListenerTokenPayload {
  @Field(() => ListenerToken, { description: "How to listen." })
  listenerToken: ListenerToken;
}
