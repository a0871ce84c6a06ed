import { ArgsType, Field, InputType, Int } from "type-graphql";
import { PageArgs } from "../graphql/connection.js";
import { DateTimeScalar, JSONObjectScalar } from "../graphql/scalars.js";

@InputType({ description: "A new agent." })
export class CreateAgentInput {
  @Field(() => String, { description: "1 to 200 characters." })
  name: string;

  @Field(() => String, { nullable: true, description: "At most 5000 characters." })
  description?: string | null;

  @Field(() => Boolean, { nullable: true, description: "True unless said otherwise." })
  active?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: "False unless said otherwise." })
  isDemo?: boolean | null;

  @Field(() => JSONObjectScalar, { nullable: true, description: "At most 16 KB of JSON." })
  metadata?: object | null;
}

@InputType({ description: "What changes of an agent: absent fields stay." })
export class UpdateAgentInput {
  @Field(() => String, { nullable: true, description: "1 to 200 characters; cannot be null." })
  name?: string | null;

  @Field(() => String, { nullable: true, description: "At most 5000 characters; null clears it." })
  description?: string | null;

  @Field(() => Boolean, { nullable: true, description: "Whether it is in use; null leaves it." })
  active?: boolean | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "Whether it is a demonstration; null leaves it.",
  })
  isDemo?: boolean | null;

  @Field(() => JSONObjectScalar, {
    nullable: true,
    description: "Replaces the whole object; null leaves it. At most 16 KB of JSON.",
  })
  metadata?: object | null;
}

@InputType({ description: "A new draft: exactly one of the two." })
export class CreateAgentVersionInput {
  @Field(() => JSONObjectScalar, { nullable: true, description: "The draft's config." })
  config?: object | null;

  @Field(() => Int, { nullable: true, description: "The number of the version to copy." })
  baseVersion?: number | null;
}

@InputType({ description: "What changes of a draft." })
export class UpdateAgentVersionInput {
  @Field(() => JSONObjectScalar, {
    nullable: true,
    description: "Replaces the whole config; null leaves it.",
  })
  config?: object | null;
}

@InputType({
  description:
    "Telephone numbers to publish with [documented]; accepted when empty, for there is no telephony here.",
})
export class PublishAgentVersionInput {
  @Field(() => [String], { nullable: true, description: "Must be empty." })
  phoneNumbers?: string[] | null;

  @Field(() => [String], { nullable: true, description: "Must be empty." })
  phoneNumberIds?: string[] | null;

  @Field(() => String, { nullable: true, description: "Must be empty." })
  phoneNumber?: string | null;
}

@ArgsType()
export class TimeArgs extends PageArgs {
  @Field(() => DateTimeScalar, { nullable: true, description: "Only those made after this time." })
  createdAfter?: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Only those made before this time." })
  createdBefore?: Date | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Only those changed after this time.",
  })
  updatedAfter?: Date | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Only those changed before this time.",
  })
  updatedBefore?: Date | null;
}

@ArgsType()
export class AgentsArgs extends TimeArgs {
  @Field(() => String, { nullable: true, description: "Part of the name, in any case." })
  name?: string | null;

  @Field(() => Boolean, { nullable: true, description: "Only those in use, or only those not." })
  active?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: "Only demonstrations, or only others." })
  isDemo?: boolean | null;

  @Field(() => JSONObjectScalar, {
    nullable: true,
    description: "Only those whose metadata contains this.",
  })
  metadata?: object | null;
}

@ArgsType()
export class AgentVersionsArgs extends TimeArgs {
  @Field(() => Int, { nullable: true, description: "Only this number." })
  version?: number | null;

  @Field(() => Boolean, { nullable: true, description: "Only published ones, or only drafts." })
  published?: boolean | null;
}
