import { Args, Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import { Agent, ConversationStatistics } from "../agents/agent.type.js";
import type { RequestContext } from "../auth/context.js";
import { READ_CONVERSATIONS, READ_WIDGETS } from "../auth/scopes.js";
import {
  listComplexity,
  PageArgs,
  toConnection,
  type ConnectionOf,
} from "../graphql/relay-connection.js";
import { RequiresScopes } from "../graphql/requires-scopes.js";
import { Widget } from "../widgets/widget.type.js";
import { ConversationService } from "./conversation.service.js";
import { Conversation, ConversationConnection } from "./conversation.type.js";

/** What an agent has of conversations. */
@Resolver(() => Agent)
export class AgentConversationsResolver {
  constructor(private readonly service: ConversationService) {}

  @RequiresScopes(READ_CONVERSATIONS)
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

/** What a widget has of conversations. */
@Resolver(() => Widget)
export class WidgetConversationsResolver {
  constructor(private readonly service: ConversationService) {}

  @RequiresScopes(READ_CONVERSATIONS)
  @FieldResolver(() => ConversationConnection, {
    nullable: true,
    description: "Its conversations, newest first.",
    complexity: listComplexity,
  })
  async conversations(
    @Root() widget: Widget,
    @Ctx() ctx: RequestContext,
    @Args(() => PageArgs) args: PageArgs,
  ): Promise<ConnectionOf<Conversation>> {
    return toConnection(await this.service.ofWidget(ctx, widget.id, args));
  }
}

/** The widget of a conversation. */
@Resolver(() => Conversation)
export class ConversationWidgetResolver {
  constructor(private readonly service: ConversationService) {}

  @RequiresScopes(READ_WIDGETS)
  @FieldResolver(() => Widget, {
    nullable: true,
    description: "The widget it came through; null when that was deleted.",
  })
  widget(
    @Root() conversation: Conversation,
    @Ctx() ctx: RequestContext,
  ): Promise<Widget | undefined> {
    return this.service.widgetOf(ctx, conversation);
  }
}
