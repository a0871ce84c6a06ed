import { READ_AGENTS, READ_CONVERSATIONS, READ_SENSITIVE, READ_WIDGETS } from "../auth/scopes.js";
import { hasScope, requireScope } from "../auth/require-scope.js";
import type { ConversationStatistics } from "../agents/agent.type.js";
import type { RequestContext } from "../auth/context.js";
import type { Database } from "../database/client.js";
import { Filters, NO_TEST } from "../database/filters.js";
import type {
  Agent,
  AgentVersion,
  Conversation as ConversationRow,
  Turn,
  Widget as WidgetRow,
} from "../database/generated/client.js";
import { inOrder, pageOf, pageOfIds, type Page, type PageRequest } from "../database/paging.js";
import { AppError, notFound } from "../errors.js";
import type { ConversationsArgs } from "./conversation.input.js";
import type { Conversation, ConversationMessage } from "./conversation.type.js";
import { seenBy } from "./test-talks.js";
import { readTurnLatency, summarizeLatency } from "./turn-latency.js";
import { readToolCall } from "./tool-call.js";

/** Conversations as their owner reads them (contract section 6). */
export class ConversationService {
  constructor(private readonly db: Database) {}

  async get(ctx: RequestContext, id: string): Promise<Conversation> {
    const actor = await requireScope(ctx, READ_CONVERSATIONS);
    const row = await this.db.conversation.findFirst({ where: { id, ...seenBy(actor) } });
    if (!row) throw notFound("Conversation");
    return toConversation(row);
  }

  /** @throws AppError `forbidden` for a filter on metadata without `conversations:read_sensitive`. */
  async list(ctx: RequestContext, args: ConversationsArgs): Promise<Page<Conversation>> {
    const actor = await requireScope(ctx, READ_CONVERSATIONS);
    if (args.customMetadata && !hasScope(actor, READ_SENSITIVE)) {
      throw new AppError(
        "forbidden",
        "Filtering by custom_metadata needs the scope conversations:read_sensitive.",
      );
    }
    const filters = new Filters()
      .equals("organization_id", actor.organizationId)
      .equalsRarely("direction", args.direction, { usual: "inbound", cast: "direction" })
      .equalsRarely("channel", args.channel, { usual: "webrtc", cast: "channel" })
      .equals("status", args.status, "conversation_status")
      .contains("user_id", args.userId)
      .equals("user_id", args.ofUserId)
      .equals("agent_id", args.agentId, "uuid")
      .equals("agent_version_id", args.agentVersionId, "uuid")
      .equals("web_widget_id", args.webWidgetId, "uuid")
      .range("duration", args.durationAbove, args.durationBelow)
      .turnsBetween(args.userTurnCountAbove, args.userTurnCountBelow)
      .containsJson("custom_metadata", args.customMetadata)
      .between("created_at", args.createdAfter, args.createdBefore);
    const ids = await pageOfIds(
      this.db,
      "conversations",
      [...filters.conditions, NO_TEST],
      pageOf(ctx, args),
    );
    return toConversations(
      await inOrder(ids, (items) =>
        this.db.conversation.findMany({ where: { id: { in: items } } }),
      ),
    );
  }

  /** A page of a widget's conversations, batched over all widgets of the request. */
  async ofWidget(
    ctx: RequestContext,
    widgetId: string,
    args: PageRequest,
  ): Promise<Page<Conversation>> {
    await requireScope(ctx, READ_CONVERSATIONS);
    return toConversations(
      await ctx.loaders.conversationsOfWidget.load({
        parentId: widgetId,
        first: args.first,
        after: args.after ?? undefined,
      }),
    );
  }

  /** The agent that answers, as far as who reads conversations sees it; batched. */
  async agentOf(
    ctx: RequestContext,
    conversation: { agentId: string },
  ): Promise<Pick<Agent, "id" | "name"> | undefined> {
    await requireScope(ctx, READ_CONVERSATIONS);
    return ctx.loaders.agent.load(conversation.agentId);
  }

  async versionOf(
    ctx: RequestContext,
    conversation: { agentVersionId: string },
  ): Promise<AgentVersion | undefined> {
    await requireScope(ctx, READ_AGENTS);
    return ctx.loaders.agentVersion.load(conversation.agentVersionId);
  }

  /** Undefined when it was deleted: the conversation keeps its id. */
  async widgetOf(
    ctx: RequestContext,
    conversation: { webWidgetId: string | null },
  ): Promise<WidgetRow | undefined> {
    await requireScope(ctx, READ_WIDGETS);
    return conversation.webWidgetId === null
      ? undefined
      : ctx.loaders.widget.load(conversation.webWidgetId);
  }

  /** Everything that was said, oldest first. Sensitive. */
  async transcript(
    ctx: RequestContext,
    conversation: { id: string },
  ): Promise<ConversationMessage[]> {
    await requireScope(ctx, READ_SENSITIVE);
    return (await ctx.loaders.turns.load(conversation.id)).map(toMessage);
  }

  /** Batched over all agents of the request. */
  async statisticsOf(ctx: RequestContext, agent: { id: string }): Promise<ConversationStatistics> {
    await requireScope(ctx, READ_CONVERSATIONS);
    const byStatus = await ctx.loaders.statusCountsOfAgent.load(agent.id);
    return { total: Object.values(byStatus).reduce((sum, count) => sum + count, 0), byStatus };
  }
}

/** A stored turn as it is read. */
export function toMessage(turn: Turn): ConversationMessage {
  const { inputTokens, outputTokens } = turn;
  return {
    ...turn,
    toolCall: readToolCall(turn.toolCall),
    latency: readTurnLatency(turn.latency),
    usage: inputTokens === null || outputTokens === null ? null : { inputTokens, outputTokens },
  };
}

/** A stored conversation as it is read. */
export function toConversation(row: ConversationRow): Conversation {
  const { inputTokens, outputTokens, answerMs } = row;
  return {
    ...row,
    test: row.testerId !== null,
    // A long talk has a thousand answers to sort: only for who asks.
    get latency() {
      return summarizeLatency(answerMs);
    },
    usage: { inputTokens, outputTokens },
  };
}

function toConversations(page: Page<ConversationRow>): Page<Conversation> {
  return { ...page, items: page.items.map(toConversation) };
}
