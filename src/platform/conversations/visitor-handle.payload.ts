import { Field, ObjectType } from "type-graphql";
import { DateTimeScalar, JSONObjectScalar, UUIDScalar } from "../graphql/scalars.js";

@ObjectType({ description: "What `createHandle` answers." })
export class CreateHandlePayload {
  @Field(() => String, { description: "For the page to keep. Good for one exchange." })
  handle: string;

  @Field(() => DateTimeScalar, { description: "When it ends, exchanged or not." })
  expiresAt: Date;
}

@ObjectType({ description: "What `exchangeHandle` answers." })
export class ExchangeHandlePayload {
  @Field(() => String, { description: "The next handle: the one that was brought is spent." })
  handle: string;

  @Field(() => DateTimeScalar, { description: "When it ends, exchanged or not." })
  expiresAt: Date;

  @Field(() => String, { description: "Of the same key as the one that made the first handle." })
  visitorToken: string;

  @Field(() => UUIDScalar, { description: "The conversation." })
  conversationId: string;

  @Field(() => Boolean, { description: "Whether the visitor has left it for good." })
  isOver: boolean;

  @Field(() => String, { description: "The name that it belongs to." })
  userId: string;

  @Field(() => String, {
    nullable: true,
    description: "The name that the page had given the visitor; null for a guest.",
  })
  visitor: string | null;

  @Field(() => JSONObjectScalar, {
    description: "The conversation's, without feedback: what the visitor wrote into the form.",
  })
  customMetadata: object;
}
