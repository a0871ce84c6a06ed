import { Field, InputType, Int } from "type-graphql";
import { keywords } from "../graphql/keywords.js";
import { UUIDScalar } from "../graphql/scalars.js";

@InputType({ description: "What is to be tried before it is published." })
export class CreateDraftPreviewInput {
  @Field(() => UUIDScalar, { description: "The agent." })
  agentId: string;

  @Field(() => Int, { description: "The number of its version, published or not." })
  @keywords({ minimum: 1, maximum: 999_999_999 })
  version: number;

  @Field(() => UUIDScalar, {
    nullable: true,
    description:
      "Whose look it has, with what its draft says; of any agent's. Absent: the default look.",
  })
  widgetId?: string | null;
}
