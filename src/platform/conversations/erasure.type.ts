import { Field, InputType, Int, ObjectType } from "type-graphql";

@InputType({ description: "The visitor to erase." })
export class EraseVisitorInput {
  @Field(() => String, { description: "The visitor, exactly." })
  userId: string;
}

@ObjectType({ description: "What `eraseVisitor` answers." })
export class EraseVisitorPayload {
  @Field(() => Int, { description: "How many conversations there were." })
  erasedConversations: number;
}
