import { Field, ObjectType } from "type-graphql";
import { DateTimeScalar, UUIDScalar } from "../graphql/scalars.js";

@ObjectType({
  description:
    "A conversation that began. What else it is, `conversation` and `conversations` tell.",
})
export class ConversationStart {
  @Field(() => UUIDScalar, { description: "The conversation." })
  id: string;

  @Field(() => UUIDScalar, { nullable: true, description: "The widget it came through." })
  webWidgetId: string | null;

  @Field(() => DateTimeScalar, { description: "When it began." })
  createdAt: Date;
}
