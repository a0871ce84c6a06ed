import { Arg, Args, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import { AuditActor } from "../audit/audit.type.js";
import type { RequestContext } from "../auth/context.js";
import { MANAGE_WIDGETS, READ_WIDGETS } from "../auth/scopes.js";
import {
  listComplexity,
  PageArgs,
  toConnection,
  type ConnectionOf,
} from "../graphql/relay-connection.js";
import { RequiresScopes } from "../graphql/requires-scopes.js";
import {
  DiscardWidgetDraftInput,
  RollBackWidgetInput,
  SaveWidgetDraftInput,
} from "./widget-history.input.js";
import {
  DiscardWidgetDraftPayload,
  RollBackWidgetPayload,
  SaveWidgetDraftPayload,
} from "./widget-history.payload.js";
import { WidgetHistoryService } from "./widget-history.service.js";
import { WidgetDraft, WidgetRevision, WidgetRevisionConnection } from "./widget-history.type.js";
import { Widget } from "./widget.type.js";

@Resolver(() => Widget)
export class WidgetHistoryResolver {
  constructor(private readonly service: WidgetHistoryService) {}

  @RequiresScopes(READ_WIDGETS)
  @FieldResolver(() => WidgetRevisionConnection, {
    nullable: true,
    description: "What it was after each of its saves, newest first.",
    complexity: listComplexity,
  })
  async revisions(
    @Root() widget: Widget,
    @Ctx() ctx: RequestContext,
    @Args(() => PageArgs) args: PageArgs,
  ): Promise<ConnectionOf<WidgetRevision>> {
    return toConnection(await this.service.revisionsOf(ctx, widget, args));
  }

  @RequiresScopes(READ_WIDGETS)
  @FieldResolver(() => WidgetDraft, {
    nullable: true,
    description: "What somebody makes of it and has not saved yet, if anybody does.",
  })
  draft(@Root() widget: Widget, @Ctx() ctx: RequestContext): Promise<WidgetDraft | undefined> {
    return this.service.draftOf(ctx, widget);
  }

  @RequiresScopes(MANAGE_WIDGETS)
  @Mutation(() => RollBackWidgetPayload, {
    nullable: true,
    description:
      "Saves what a revision has, checked again; `published` stays as it is. NOT_FOUND for a number that is not kept.",
  })
  async rollBackWidget(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => RollBackWidgetInput, {
      description: "Its fields, and the ids that it concerns.",
    })
    input: RollBackWidgetInput,
  ): Promise<RollBackWidgetPayload> {
    return { widget: await this.service.rollBack(ctx, input) };
  }

  @RequiresScopes(MANAGE_WIDGETS)
  @Mutation(() => SaveWidgetDraftPayload, {
    nullable: true,
    description: "Keeps a draft of a widget, of which visitors see nothing.",
  })
  async saveWidgetDraft(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => SaveWidgetDraftInput, {
      description: "Its fields, and the ids that it concerns.",
    })
    input: SaveWidgetDraftInput,
  ): Promise<SaveWidgetDraftPayload> {
    return { draft: await this.service.saveDraft(ctx, input) };
  }

  @RequiresScopes(MANAGE_WIDGETS)
  @Mutation(() => DiscardWidgetDraftPayload, {
    nullable: true,
    description: "Removes a widget's draft. Where there is none, nothing happens.",
  })
  async discardWidgetDraft(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => DiscardWidgetDraftInput, {
      description: "Its fields, and the ids that it concerns.",
    })
    input: DiscardWidgetDraftInput,
  ): Promise<DiscardWidgetDraftPayload> {
    return { widgetId: await this.service.discardDraft(ctx, input.id) };
  }
}

@Resolver(() => WidgetRevision)
export class WidgetRevisionResolver {
  constructor(private readonly service: WidgetHistoryService) {}

  @RequiresScopes(READ_WIDGETS)
  @FieldResolver(() => AuditActor, {
    nullable: true,
    description: "Who saved it; null for what was there before saves were kept.",
  })
  actor(
    @Root() revision: WidgetRevision,
    @Ctx() ctx: RequestContext,
  ): Promise<AuditActor | undefined> {
    return this.service.actorOf(ctx, revision);
  }
}

@Resolver(() => WidgetDraft)
export class WidgetDraftResolver {
  constructor(private readonly service: WidgetHistoryService) {}

  @RequiresScopes(READ_WIDGETS)
  @FieldResolver(() => AuditActor, { nullable: true, description: "Who wrote it last." })
  actor(@Root() draft: WidgetDraft, @Ctx() ctx: RequestContext): Promise<AuditActor | undefined> {
    return this.service.actorOf(ctx, draft);
  }
}
