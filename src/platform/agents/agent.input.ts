import { ArgsType, Field, InputType, Int } from "type-graphql";
import { PageArgs } from "../graphql/relay-connection.js";
import { keywords, oneOf, textKeywords } from "../graphql/keywords.js";
import {
  DateTimeScalar,
  JSONObjectScalar,
  UUIDScalar,
  VersionRefScalar,
} from "../graphql/scalars.js";
import { AGENT_TEXTS } from "./agent-texts.js";

export type VersionRef = number | "latest";

@InputType({ description: "A new agent." })
export class CreateAgentInput {
  @Field(() => String, { description: "1 to 200 characters." })
  @keywords(textKeywords(AGENT_TEXTS.name))
  name: string;

  @Field(() => String, { nullable: true, description: "At most 5000 characters." })
  @keywords(textKeywords(AGENT_TEXTS.description))
  description?: string | null;

  @Field(() => Boolean, { nullable: true, description: "Default: true." })
  active?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: "Default: false." })
  isDemo?: boolean | null;

  @Field(() => JSONObjectScalar, { nullable: true, description: "At most 16 KB of JSON." })
  metadata?: object | null;
}

@InputType({ description: "A change to an agent: absent fields stay as they are." })
export class UpdateAgentInput {
  @Field(() => UUIDScalar, { description: "The agent's id." })
  id: string;

  @Field(() => String, { nullable: true, description: "1 to 200 characters; cannot be null." })
  @keywords({ ...textKeywords(AGENT_TEXTS.name), notNull: true })
  name?: string | null;

  @Field(() => String, { nullable: true, description: "At most 5000 characters; null clears it." })
  @keywords(textKeywords(AGENT_TEXTS.description))
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

@InputType({ description: "The agent to delete." })
export class DeleteAgentInput {
  @Field(() => UUIDScalar, { description: "Its id." })
  id: string;
}

@oneOf()
@InputType({ description: "What a draft is made from: a config, or another version." })
export class AgentVersionSourceInput {
  @Field(() => JSONObjectScalar, { nullable: true, description: "The draft's config." })
  config?: object | null;

  @Field(() => Int, { nullable: true, description: "The number of the version to copy." })
  @keywords({ minimum: 1, maximum: 999_999_999 })
  baseVersion?: number | null;
}

@InputType({ description: "A new draft." })
export class CreateAgentVersionInput {
  @Field(() => UUIDScalar, { description: "The agent." })
  agentId: string;

  @Field(() => AgentVersionSourceInput, { description: "What it is made from." })
  from: AgentVersionSourceInput;
}

@InputType({ description: "A change to a draft." })
export class UpdateAgentVersionInput {
  @Field(() => UUIDScalar, { description: "The agent." })
  agentId: string;

  @Field(() => VersionRefScalar, { description: "A number or `latest`." })
  version: VersionRef;

  @Field(() => JSONObjectScalar, {
    nullable: true,
    description: "Replaces the whole config; null leaves it.",
  })
  config?: object | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "The `updatedAt` that was read: CONFLICT if it was saved since. Null: not asked.",
  })
  ifUnchangedSince?: Date | null;
}

@InputType({ description: "The version to publish." })
export class PublishAgentVersionInput {
  @Field(() => UUIDScalar, { description: "The agent." })
  agentId: string;

  @Field(() => VersionRefScalar, { description: "A number or `latest`." })
  version: VersionRef;
}

@ArgsType()
class TimeArgs extends PageArgs {
  @Field(() => DateTimeScalar, { nullable: true, description: "Created after this time." })
  createdAfter?: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Created before this time." })
  createdBefore?: Date | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Last changed after this time.",
  })
  updatedAfter?: Date | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Last changed before this time.",
  })
  updatedBefore?: Date | null;
}

@ArgsType()
export class AgentsArgs extends TimeArgs {
  @Field(() => String, { nullable: true, description: "Part of the name, in any case." })
  name?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "Only those in use (true), or only those not in use (false).",
  })
  active?: boolean | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "Only demonstrations (true), or only others (false).",
  })
  isDemo?: boolean | null;

  @Field(() => JSONObjectScalar, {
    nullable: true,
    description: "Only those whose metadata contains this.",
  })
  metadata?: object | null;
}

@ArgsType()
export class AgentVersionsArgs extends TimeArgs {
  @Field(() => Int, { nullable: true, description: "Only the version with this number." })
  version?: number | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "Only published ones (true), or only drafts (false).",
  })
  published?: boolean | null;
}
