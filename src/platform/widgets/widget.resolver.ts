import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from "type-graphql";
import { Agent, AgentVersion } from "../agents/agent.type.js";
import { MANAGE_WIDGETS, READ_AGENTS, READ_WIDGETS } from "../auth/scopes.js";
import type { RequestContext } from "../auth/context.js";
import { listComplexity, toConnection, type ConnectionOf } from "../graphql/relay-connection.js";
import { JSONObjectScalar, UUIDScalar } from "../graphql/scalars.js";
import { PublicWidgetService } from "./public-widget.service.js";
import { WidgetService, type WidgetRow } from "./widget.service.js";
import {
  AutoBrandWidgetInput,
  CreateWidgetInput,
  DeleteWidgetInput,
  RevokeVisitorTokensInput,
  RotateWidgetIdentitySecretInput,
  UpdateWidgetInput,
  UpdateWidgetSecurityInput,
  WidgetsArgs,
} from "./widget.input.js";
import {
  AutoBrandWidgetPayload,
  CreateWidgetPayload,
  DeleteWidgetPayload,
  RevokeVisitorTokensPayload,
  RotateWidgetIdentitySecretPayload,
  UpdateWidgetPayload,
  UpdateWidgetSecurityPayload,
} from "./widget.payload.js";
import {
  PublicWidget,
  Widget,
  WidgetConnection,
  WidgetConsent,
  WidgetReadiness,
  WidgetSecurity,
} from "./widget.type.js";
import { RequiresScopes } from "../graphql/requires-scopes.js";

@Resolver(() => Widget)
export class WidgetResolver {
  constructor(
    private readonly service: WidgetService,
    private readonly gate: PublicWidgetService,
  ) {}

  @RequiresScopes(READ_WIDGETS)
  @Query(() => Widget, { nullable: true, description: "One widget." })
  widget(
    @Ctx() ctx: RequestContext,
    @Arg("id", () => UUIDScalar, { description: "Its id." }) id: string,
  ): Promise<Widget> {
    return this.service.get(ctx, id);
  }

  @RequiresScopes(READ_WIDGETS)
  @Query(() => WidgetConnection, {
    nullable: true,
    description: "Widgets, newest first.",
    complexity: listComplexity,
  })
  async widgets(
    @Ctx() ctx: RequestContext,
    @Args(() => WidgetsArgs) args: WidgetsArgs,
  ): Promise<ConnectionOf<Widget>> {
    return toConnection(await this.service.list(ctx, args));
  }

  @RequiresScopes(READ_WIDGETS)
  @Query(() => JSONObjectScalar, {
    nullable: true,
    description: "JSON Schema of a widget's `config`.",
    // Some 10 KB.
    complexity: 200,
  })
  widgetConfigSchema(@Ctx() ctx: RequestContext): Promise<object> {
    return this.service.configSchema(ctx);
  }

  @Query(() => PublicWidget, {
    nullable: true,
    description:
      "A live widget as a visitor's browser reads it, without credentials: the same object. NOT_FOUND when unknown, unpublished or deleted; FORBIDDEN for an `Origin` outside `domains`.",
  })
  publicWidget(
    @Ctx() ctx: RequestContext,
    @Arg("id", () => UUIDScalar, { description: "Its id." }) id: string,
  ): Promise<PublicWidget> {
    return this.gate.read(ctx, id);
  }

  @Query(() => WidgetConsent, {
    nullable: true,
    description: "What visitors of a live widget are asked to agree to, without credentials.",
  })
  widgetConsent(
    @Ctx() ctx: RequestContext,
    @Arg("id", () => UUIDScalar, { description: "The widget." }) id: string,
    @Arg("language", () => String, {
      nullable: true,
      description: "The language wanted (BCP 47); the nearest that there are words in is answered.",
    })
    language?: string | null,
  ): Promise<WidgetConsent> {
    return this.gate.consent(ctx, id, language ?? undefined);
  }

  @RequiresScopes(MANAGE_WIDGETS)
  @Mutation(() => CreateWidgetPayload, {
    nullable: true,
    description: "Creates a widget.",
  })
  async createWidget(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => CreateWidgetInput, {
      description: "Its fields, and the ids that it concerns.",
    })
    input: CreateWidgetInput,
  ): Promise<CreateWidgetPayload> {
    return { widget: await this.service.create(ctx, input) };
  }

  @RequiresScopes(MANAGE_WIDGETS)
  @Mutation(() => UpdateWidgetPayload, {
    nullable: true,
    description: "Changes the fields given; each replaces the stored value.",
  })
  async updateWidget(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => UpdateWidgetInput, {
      description: "Its fields, and the ids that it concerns.",
    })
    input: UpdateWidgetInput,
  ): Promise<UpdateWidgetPayload> {
    return { widget: await this.service.update(ctx, input.id, input) };
  }

  @RequiresScopes(MANAGE_WIDGETS)
  @Mutation(() => DeleteWidgetPayload, {
    nullable: true,
    description:
      "Deletes a widget (kept, but hidden) and closes its rooms. Its conversations keep its id.",
  })
  async deleteWidget(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => DeleteWidgetInput, {
      description: "Its fields, and the ids that it concerns.",
    })
    input: DeleteWidgetInput,
  ): Promise<DeleteWidgetPayload> {
    await this.service.delete(ctx, input.id);
    return { deletedWidgetId: input.id };
  }

  @RequiresScopes(MANAGE_WIDGETS)
  @Query(() => WidgetSecurity, { nullable: true, description: "A widget's security settings." })
  widgetSecurity(
    @Ctx() ctx: RequestContext,
    @Arg("id", () => UUIDScalar, { description: "The widget's id." }) id: string,
  ): Promise<WidgetSecurity> {
    return this.service.security(ctx, id);
  }

  @RequiresScopes(MANAGE_WIDGETS)
  @Mutation(() => UpdateWidgetSecurityPayload, {
    nullable: true,
    description: "Changes a widget's security settings.",
  })
  async updateWidgetSecurity(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => UpdateWidgetSecurityInput, {
      description: "Its fields, and the ids that it concerns.",
    })
    input: UpdateWidgetSecurityInput,
  ): Promise<UpdateWidgetSecurityPayload> {
    return { security: await this.service.updateSecurity(ctx, input.id, input) };
  }

  @RequiresScopes(MANAGE_WIDGETS)
  @Mutation(() => RotateWidgetIdentitySecretPayload, {
    nullable: true,
    description:
      "Makes a new secret for signing visitors' identities, and shows it once. The one before stays good for an hour.",
  })
  rotateWidgetIdentitySecret(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => RotateWidgetIdentitySecretInput, {
      description: "Its fields, and the ids that it concerns.",
    })
    input: RotateWidgetIdentitySecretInput,
  ): Promise<RotateWidgetIdentitySecretPayload> {
    return this.service.rotateIdentitySecret(ctx, input.id);
  }

  @RequiresScopes(MANAGE_WIDGETS)
  @Mutation(() => RevokeVisitorTokensPayload, {
    nullable: true,
    description: "Revokes every visitor token of a widget and closes its live rooms, immediately.",
  })
  async revokeVisitorTokens(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => RevokeVisitorTokensInput, {
      description: "Its fields, and the ids that it concerns.",
    })
    input: RevokeVisitorTokensInput,
  ): Promise<RevokeVisitorTokensPayload> {
    return { widget: await this.service.revokeVisitorTokens(ctx, input.id) };
  }

  @RequiresScopes(MANAGE_WIDGETS)
  @Mutation(() => AutoBrandWidgetPayload, {
    nullable: true,
    description:
      "Reads a website's name, colours and logos, and suggests a config. NOT_FOUND when there was nothing or no answer; stores nothing.",
  })
  async autoBrandWidget(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => AutoBrandWidgetInput, {
      description: "Its fields, and the ids that it concerns.",
    })
    input: AutoBrandWidgetInput,
  ): Promise<AutoBrandWidgetPayload> {
    return { brand: await this.service.autoBrand(ctx, input.id, input.domain) };
  }

  @RequiresScopes(READ_AGENTS)
  @FieldResolver(() => Agent, { nullable: true, description: "The agent that answers." })
  agent(@Root() widget: Widget, @Ctx() ctx: RequestContext): Promise<Agent | undefined> {
    return this.service.agentOf(ctx, widget);
  }

  @RequiresScopes(READ_AGENTS)
  @FieldResolver(() => AgentVersion, { nullable: true, description: "The version that answers." })
  agentVersion(
    @Root() widget: Widget,
    @Ctx() ctx: RequestContext,
  ): Promise<AgentVersion | undefined> {
    return this.service.versionOf(ctx, widget);
  }

  @FieldResolver(() => String, { description: "The one line that a website pastes." })
  embedSnippet(@Root() widget: Widget): string {
    return this.service.embedSnippet(widget);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      "The same with one released loader and its hash, which is served for ever; null where the embed was not built.",
  })
  pinnedEmbedSnippet(@Root() widget: Widget): string | undefined {
    return this.service.pinnedEmbedSnippet(widget);
  }

  @RequiresScopes(MANAGE_WIDGETS)
  @FieldResolver(() => WidgetSecurity, {
    nullable: true,
    description: "Its security settings.",
  })
  security(@Root() widget: WidgetRow, @Ctx() ctx: RequestContext): Promise<WidgetSecurity> {
    return this.service.securityOf(ctx, widget);
  }

  @RequiresScopes(READ_WIDGETS)
  @FieldResolver(() => WidgetReadiness, {
    nullable: true,
    description: "Whether visitors can talk now, and if not, why.",
  })
  readiness(@Root() widget: WidgetRow, @Ctx() ctx: RequestContext): Promise<WidgetReadiness> {
    return this.service.readiness(ctx, widget);
  }
}
