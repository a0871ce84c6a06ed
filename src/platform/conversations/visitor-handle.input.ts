import { Field, InputType } from "type-graphql";
import { UUIDScalar } from "../graphql/scalars.js";

@InputType({ description: "What a visitor's browser is to find again." })
export class CreateHandleInput {
  @Field(() => UUIDScalar, { description: "The widget." })
  widgetId: string;

  @Field(() => UUIDScalar, { description: "The conversation to come back to." })
  conversationId: string;

  @Field(() => String, {
    nullable: true,
    description: "The name that the page has given the visitor; absent for a guest.",
  })
  visitor?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      "Whether the visitor has left it for good: the next start is another. Default: no.",
  })
  isOver?: boolean | null;
}

@InputType({ description: "A handle that a page has kept." })
export class ExchangeHandleInput {
  @Field(() => UUIDScalar, { description: "The widget." })
  widgetId: string;

  @Field(() => String, { description: "The handle." })
  handle: string;

  @Field(() => String, {
    description:
      "Random, kept beside the handle until there is an answer: the same attempt again has the same one.",
  })
  attempt: string;
}
