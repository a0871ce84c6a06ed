import { Field, Int, ObjectType } from "type-graphql";
import { connectionType } from "../graphql/relay-connection.js";
import { DateTimeScalar, JSONObjectScalar, UUIDScalar } from "../graphql/scalars.js";

@ObjectType({ description: "Something of a version's config that has no effect here." })
export class ConfigWarning {
  @Field(() => String, { description: "Stable, in upper case: `TOOL_UNSUPPORTED`." })
  code: string;

  @Field(() => String, { description: "Where it stands: `config.built_in_tools.web_search`." })
  path: string;

  @Field(() => String, { description: "Why, in one sentence." })
  message: string;
}

@ObjectType({
  description: "A numbered behaviour of an agent: a draft until published, immutable afterwards.",
})
export class AgentVersion {
  @Field(() => UUIDScalar, { description: "What a widget points at." })
  id: string;

  @Field(() => UUIDScalar, { description: "The agent it belongs to." })
  agentId: string;

  @Field(() => Int, { description: "1, 2, … within the agent; version routes use it." })
  version: number;

  @Field(() => Boolean, { description: "Whether it is published, and so immutable." })
  published: boolean;

  @Field(() => DateTimeScalar, { nullable: true, description: "When it was published." })
  publishedAt: Date | null;

  @Field(() => JSONObjectScalar, {
    description: "Instructions, starting message, tools; `agentConfigSchema` describes it.",
  })
  config: unknown;

  @Field(() => DateTimeScalar, { description: "When it was created." })
  createdAt: Date;

  @Field(() => DateTimeScalar, { description: "When it last changed." })
  updatedAt: Date;
}

@ObjectType({
  description: "An agent. Its behaviour is in its versions.",
  simpleResolvers: true,
})
export class Agent {
  @Field(() => UUIDScalar, { description: "Its id." })
  id: string;

  @Field(() => String, { description: "The organization that owns it." })
  organizationId: string;

  @Field(() => String, { description: "1 to 200 characters." })
  name: string;

  @Field(() => String, { nullable: true, description: "For the owner's own use." })
  description: string | null;

  @Field(() => Boolean, { description: "Whether it is in use." })
  active: boolean;

  @Field(() => Boolean, { description: "Whether it is a demonstration." })
  isDemo: boolean;

  @Field(() => JSONObjectScalar, {
    description: "The owner's own keys.",
    complexity: 16,
  })
  metadata: unknown;

  @Field(() => DateTimeScalar, { description: "When it was created." })
  createdAt: Date;

  @Field(() => DateTimeScalar, { description: "When it last changed." })
  updatedAt: Date;
}

@ObjectType({
  description: "The agent of a conversation, as far as a reader of conversations sees it.",
})
export class AgentSummary {
  @Field(() => UUIDScalar, { description: "Its id." })
  id: string;

  @Field(() => String, { description: "Its name." })
  name: string;
}

@ObjectType({ description: "How many conversations an agent has had." })
export class ConversationStatistics {
  @Field(() => Int, { description: "All conversations." })
  total: number;

  @Field(() => JSONObjectScalar, {
    description:
      "The count per status literal (`completed`, …); statuses without any are left out.",
    complexity: 1,
  })
  byStatus: unknown;
}

export const AgentConnection = connectionType("Agent", Agent);
export const AgentVersionConnection = connectionType("AgentVersion", AgentVersion);
