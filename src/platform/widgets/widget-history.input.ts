import { Field, InputType, Int } from "type-graphql";
import { keywords } from "../graphql/keywords.js";
import { JSONObjectScalar, UUIDScalar } from "../graphql/scalars.js";
import { MAX_DOMAINS } from "./origins.js";

@InputType({ description: "The widget that goes back, and to what." })
export class RollBackWidgetInput {
  @Field(() => UUIDScalar, { description: "The widget's id." })
  id: string;

  @Field(() => Int, { description: "The number of one of its revisions." })
  revision: number;
}

@InputType({
  description:
    "A draft, which takes the place of the one before as a whole: what is absent or null is as the widget has it.",
})
export class SaveWidgetDraftInput {
  @Field(() => UUIDScalar, { description: "The widget's id." })
  id: string;

  @Field(() => UUIDScalar, { nullable: true, description: "The agent that is to answer." })
  agentId?: string | null;

  @Field(() => UUIDScalar, { nullable: true, description: "The version that is to answer." })
  agentVersionId?: string | null;

  @Field(() => [String], {
    nullable: true,
    description: "As they were typed: at most 100, of at most 2,000 characters.",
  })
  @keywords({ maxItems: MAX_DOMAINS })
  domains?: string[] | null;

  @Field(() => Boolean, { nullable: true, description: "Whether visitors are to use it." })
  published?: boolean | null;

  @Field(() => JSONObjectScalar, {
    nullable: true,
    description: "Any JSON object of at most 64 KB.",
  })
  config?: object | null;

  @Field(() => Int, {
    nullable: true,
    description: "The number of the revision that it was made from.",
  })
  basedOn?: number | null;
}

@InputType({ description: "The widget whose draft goes." })
export class DiscardWidgetDraftInput {
  @Field(() => UUIDScalar, { description: "The widget's id." })
  id: string;
}
