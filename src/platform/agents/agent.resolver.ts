import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from "type-graphql";
import { MANAGE_AGENTS, READ_AGENTS } from "../auth/scopes.js";
import type { RequestContext } from "../auth/context.js";
import {
  listComplexity,
  PageArgs,
  toConnection,
  type ConnectionOf,
} from "../graphql/relay-connection.js";
import { JSONObjectScalar, UUIDScalar, VersionRefScalar } from "../graphql/scalars.js";
import {
  Agent,
  AgentConnection,
  AgentVersion,
  AgentVersionConnection,
  ConfigWarning,
} from "./agent.type.js";
import {
  AgentsArgs,
  AgentVersionsArgs,
  CreateAgentInput,
  CreateAgentVersionInput,
  DeleteAgentInput,
  PublishAgentVersionInput,
  UpdateAgentInput,
  UpdateAgentVersionInput,
  type VersionRef,
} from "./agent.input.js";
import {
  CreateAgentPayload,
  CreateAgentVersionPayload,
  DeleteAgentPayload,
  PublishAgentVersionPayload,
  UpdateAgentPayload,
  UpdateAgentVersionPayload,
} from "./agent.payload.js";
import { AgentService } from "./agent.service.js";
import { RequiresScopes } from "../graphql/requires-scopes.js";

@Resolver(() => Agent)
export class AgentResolver {
  constructor(private readonly service: AgentService) {}

  @RequiresScopes(READ_AGENTS)
  @Query(() => Agent, { nullable: true, description: "One agent." })
  agent(
    @Ctx() ctx: RequestContext,
    @Arg("id", () => UUIDScalar, { description: "Its id." }) id: string,
  ): Promise<Agent> {
    return this.service.get(ctx, id);
  }

  @RequiresScopes(READ_AGENTS)
  @Query(() => AgentConnection, {
    nullable: true,
    description: "Agents, newest first.",
    complexity: listComplexity,
  })
  async agents(
    @Ctx() ctx: RequestContext,
    @Args(() => AgentsArgs) args: AgentsArgs,
  ): Promise<ConnectionOf<Agent>> {
    return toConnection(await this.service.list(ctx, args));
  }

  @RequiresScopes(MANAGE_AGENTS)
  @Mutation(() => CreateAgentPayload, {
    nullable: true,
    description: "Creates an agent.",
  })
  async createAgent(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => CreateAgentInput, {
      description: "Its fields, and the ids that it concerns.",
    })
    input: CreateAgentInput,
  ): Promise<CreateAgentPayload> {
    return { agent: await this.service.create(ctx, input) };
  }

  @RequiresScopes(MANAGE_AGENTS)
  @Mutation(() => UpdateAgentPayload, {
    nullable: true,
    description: "Changes the fields given.",
  })
  async updateAgent(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => UpdateAgentInput, {
      description: "Its fields, and the ids that it concerns.",
    })
    input: UpdateAgentInput,
  ): Promise<UpdateAgentPayload> {
    return { agent: await this.service.update(ctx, input.id, input) };
  }

  @RequiresScopes(MANAGE_AGENTS)
  @Mutation(() => DeleteAgentPayload, {
    nullable: true,
    description:
      "Deletes an agent (kept, but hidden). CONFLICT, naming the widgets, while any widget uses it.",
  })
  async deleteAgent(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => DeleteAgentInput, {
      description: "Its fields, and the ids that it concerns.",
    })
    input: DeleteAgentInput,
  ): Promise<DeleteAgentPayload> {
    await this.service.delete(ctx, input.id);
    return { deletedAgentId: input.id };
  }

  @RequiresScopes(READ_AGENTS)
  @Query(() => AgentVersion, {
    nullable: true,
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

  @RequiresScopes(READ_AGENTS)
  @Query(() => AgentVersionConnection, {
    nullable: true,
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

  @RequiresScopes(MANAGE_AGENTS)
  @Mutation(() => CreateAgentVersionPayload, {
    nullable: true,
    description: "Creates a draft from a config or from another version.",
  })
  async createAgentVersion(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => CreateAgentVersionInput, {
      description: "Its fields, and the ids that it concerns.",
    })
    input: CreateAgentVersionInput,
  ): Promise<CreateAgentVersionPayload> {
    return { agentVersion: await this.service.createVersion(ctx, input) };
  }

  @RequiresScopes(MANAGE_AGENTS)
  @Mutation(() => UpdateAgentVersionPayload, {
    nullable: true,
    description:
      "Changes a draft. BAD_REQUEST for a published version, CONFLICT if it was saved since.",
  })
  async updateAgentVersion(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => UpdateAgentVersionInput, {
      description: "Its fields, and the ids that it concerns.",
    })
    input: UpdateAgentVersionInput,
  ): Promise<UpdateAgentVersionPayload> {
    return { agentVersion: await this.service.updateVersion(ctx, input) };
  }

  @RequiresScopes(MANAGE_AGENTS)
  @Mutation(() => PublishAgentVersionPayload, {
    nullable: true,
    description: "Publishes a version. Publishing it again changes nothing.",
  })
  async publishAgentVersion(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => PublishAgentVersionInput, {
      description: "Its fields, and the ids that it concerns.",
    })
    input: PublishAgentVersionInput,
  ): Promise<PublishAgentVersionPayload> {
    return { agentVersion: await this.service.publishVersion(ctx, input) };
  }

  @RequiresScopes(READ_AGENTS)
  @Query(() => JSONObjectScalar, {
    nullable: true,
    description: "JSON Schema of a version's `config` and of every card type.",
    // The answer has some 10 KB.
    complexity: 200,
  })
  agentConfigSchema(@Ctx() ctx: RequestContext): Promise<object> {
    return this.service.configSchema(ctx);
  }

  @RequiresScopes(READ_AGENTS)
  @FieldResolver(() => AgentVersionConnection, {
    nullable: true,
    description: "Its versions, newest first.",
    complexity: listComplexity,
  })
  async versions(
    @Root() agent: Agent,
    @Ctx() ctx: RequestContext,
    @Args(() => PageArgs) args: PageArgs,
  ): Promise<ConnectionOf<AgentVersion>> {
    return toConnection(await this.service.versionsOf(ctx, agent, args));
  }

  @RequiresScopes(READ_AGENTS)
  @FieldResolver(() => AgentVersion, {
    nullable: true,
    description: "Its newest published version; null when none is published.",
  })
  publishedVersion(@Root() agent: Agent, @Ctx() ctx: RequestContext): Promise<AgentVersion | null> {
    return this.service.newestVersionOf(ctx, agent, true);
  }

  @RequiresScopes(READ_AGENTS)
  @FieldResolver(() => AgentVersion, {
    nullable: true,
    description: "Its newest draft; null when there is none.",
  })
  draft(@Root() agent: Agent, @Ctx() ctx: RequestContext): Promise<AgentVersion | null> {
    return this.service.newestVersionOf(ctx, agent, false);
  }
}

@Resolver(() => AgentVersion)
export class AgentVersionResolver {
  constructor(private readonly service: AgentService) {}

  @RequiresScopes(READ_AGENTS)
  @FieldResolver(() => Agent, { nullable: true, description: "The agent it belongs to." })
  agent(@Root() version: AgentVersion, @Ctx() ctx: RequestContext): Promise<Agent | undefined> {
    return this.service.agentOf(ctx, version);
  }

  @RequiresScopes(READ_AGENTS)
  @FieldResolver(() => [ConfigWarning], {
    nullable: true,
    description: "What is stored in its config and has no effect here; at most 50.",
    complexity: ({ childComplexity }) => 1 + 5 * childComplexity,
  })
  warnings(@Root() version: AgentVersion, @Ctx() ctx: RequestContext): Promise<ConfigWarning[]> {
    return this.service.warningsOf(ctx, version);
  }
}
