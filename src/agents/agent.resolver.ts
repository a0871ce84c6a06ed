import {
  Arg,
  Args,
  Authorized,
  Ctx,
  FieldResolver,
  Mutation,
  Query,
  Resolver,
  Root,
} from "type-graphql";
import { MANAGE_AGENTS, READ_AGENTS, READ_CONVERSATIONS, READ_WIDGETS } from "../auth/scopes.js";
import type { RequestContext } from "../context.js";
import { listComplexity, toConnection, type ConnectionOf } from "../graphql/connection.js";
import { JSONObjectScalar, UUIDScalar, VersionRefScalar } from "../graphql/scalars.js";
import { Widget } from "../widgets/widget.type.js";
import {
  AgentsArgs,
  AgentVersionsArgs,
  CreateAgentInput,
  CreateAgentVersionInput,
  PublishAgentVersionInput,
  UpdateAgentInput,
  UpdateAgentVersionInput,
} from "./agent.input.js";
import { AgentService, type VersionRef } from "./agent.service.js";
import {
  Agent,
  AgentConnection,
  AgentVersion,
  AgentVersionConnection,
  ConversationStatistics,
} from "./agent.type.js";

const NESTED_COST = {
  complexity: ({ childComplexity }: { childComplexity: number }) => 1 + 100 * childComplexity,
};

@Resolver(() => Agent)
export class AgentResolver {
  constructor(private readonly service: AgentService) {}

  @Authorized(...READ_AGENTS)
  @Query(() => Agent, { description: "One agent." })
  agent(
    @Ctx() ctx: RequestContext,
    @Arg("id", () => UUIDScalar, { description: "Its id." }) id: string,
  ): Promise<Agent> {
    return this.service.get(ctx, id);
  }

  @Authorized(...READ_AGENTS)
  @Query(() => AgentConnection, {
    description: "Agents, newest first.",
    complexity: listComplexity,
  })
  async agents(
    @Ctx() ctx: RequestContext,
    @Args(() => AgentsArgs) args: AgentsArgs,
  ): Promise<ConnectionOf<Agent>> {
    return toConnection(await this.service.list(ctx, args));
  }

  @Authorized(...MANAGE_AGENTS)
  @Mutation(() => Agent, { description: "Creates an agent." })
  createAgent(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => CreateAgentInput, { description: "The agent." }) input: CreateAgentInput,
  ): Promise<Agent> {
    return this.service.create(ctx, input);
  }

  @Authorized(...MANAGE_AGENTS)
  @Mutation(() => Agent, { description: "Changes the fields given." })
  updateAgent(
    @Ctx() ctx: RequestContext,
    @Arg("id", () => UUIDScalar, { description: "Its id." }) id: string,
    @Arg("input", () => UpdateAgentInput, { description: "The change." }) input: UpdateAgentInput,
  ): Promise<Agent> {
    return this.service.update(ctx, id, input);
  }

  @Authorized(...MANAGE_AGENTS)
  @Mutation(() => Boolean, {
    description:
      "Deletes an agent (kept, but hidden). CONFLICT, naming the widgets, while any widget uses it.",
  })
  deleteAgent(
    @Ctx() ctx: RequestContext,
    @Arg("id", () => UUIDScalar, { description: "Its id." }) id: string,
  ): Promise<boolean> {
    return this.service.delete(ctx, id);
  }

  @Authorized(...READ_AGENTS)
  @Query(() => AgentVersion, {
    description: "One version. `latest` is the draft, which is created if there is none.",
  })
  agentVersion(
    @Ctx() ctx: RequestContext,
    @Arg("agentId", () => UUIDScalar, { description: "The agent." }) agentId: string,
    @Arg("version", () => VersionRefScalar, { description: "A number or `latest`." })
    version: VersionRef,
  ): Promise<AgentVersion> {
    return this.service.getVersion(ctx, agentId, version);
  }

  @Authorized(...READ_AGENTS)
  @Query(() => AgentVersionConnection, {
    description: "An agent's versions, newest first.",
    complexity: listComplexity,
  })
  async agentVersions(
    @Ctx() ctx: RequestContext,
    @Arg("agentId", () => UUIDScalar, { description: "The agent." }) agentId: string,
    @Args(() => AgentVersionsArgs) args: AgentVersionsArgs,
  ): Promise<ConnectionOf<AgentVersion>> {
    return toConnection(await this.service.listVersions(ctx, agentId, args));
  }

  @Authorized(...MANAGE_AGENTS)
  @Mutation(() => AgentVersion, {
    description: "Creates a draft from a config or from another version.",
  })
  createAgentVersion(
    @Ctx() ctx: RequestContext,
    @Arg("agentId", () => UUIDScalar, { description: "The agent." }) agentId: string,
    @Arg("input", () => CreateAgentVersionInput, { description: "The draft." })
    input: CreateAgentVersionInput,
  ): Promise<AgentVersion> {
    return this.service.createVersion(ctx, agentId, input);
  }

  @Authorized(...MANAGE_AGENTS)
  @Mutation(() => AgentVersion, {
    description: "Changes a draft. BAD_REQUEST for a published version.",
  })
  updateAgentVersion(
    @Ctx() ctx: RequestContext,
    @Arg("agentId", () => UUIDScalar, { description: "The agent." }) agentId: string,
    @Arg("version", () => VersionRefScalar, { description: "A number or `latest`." })
    version: VersionRef,
    @Arg("input", () => UpdateAgentVersionInput, { description: "The change." })
    input: UpdateAgentVersionInput,
  ): Promise<AgentVersion> {
    return this.service.updateVersion(ctx, agentId, version, input);
  }

  @Authorized(...MANAGE_AGENTS)
  @Mutation(() => AgentVersion, {
    description: "Publishes a version. Publishing it again changes nothing.",
  })
  publishAgentVersion(
    @Ctx() ctx: RequestContext,
    @Arg("agentId", () => UUIDScalar, { description: "The agent." }) agentId: string,
    @Arg("version", () => VersionRefScalar, { description: "A number or `latest`." })
    version: VersionRef,
    @Arg("input", () => PublishAgentVersionInput, {
      nullable: true,
      description: "Documented fields for telephony.",
    })
    input?: PublishAgentVersionInput | null,
  ): Promise<AgentVersion> {
    return this.service.publishVersion(ctx, agentId, version, input);
  }

  @Authorized(...READ_AGENTS)
  @Query(() => JSONObjectScalar, {
    description: "JSON Schema of a version's `config` and of every card type.",
    // The answer has some 10 KB.
    complexity: 200,
  })
  agentConfigSchema(@Ctx() ctx: RequestContext): Promise<object> {
    return this.service.configSchema(ctx);
  }

  @Authorized(...READ_AGENTS)
  @FieldResolver(() => [AgentVersion], {
    description: "Its versions, newest first, at most 100.",
    ...NESTED_COST,
  })
  versions(@Root() agent: Agent, @Ctx() ctx: RequestContext): Promise<readonly AgentVersion[]> {
    return this.service.versionsOf(ctx, agent);
  }

  @Authorized(...READ_WIDGETS)
  @FieldResolver(() => [Widget], {
    nullable: true,
    description: "The widgets that use it, newest first, at most 100.",
    ...NESTED_COST,
  })
  widgets(@Root() agent: Agent, @Ctx() ctx: RequestContext): Promise<readonly Widget[]> {
    return this.service.widgetsOf(ctx, agent);
  }

  @Authorized(...READ_CONVERSATIONS)
  @FieldResolver(() => ConversationStatistics, {
    nullable: true,
    description: "How many conversations it has had.",
  })
  conversationStatistics(
    @Root() agent: Agent,
    @Ctx() ctx: RequestContext,
  ): Promise<ConversationStatistics> {
    return this.service.statisticsOf(ctx, agent);
  }
}
