import type { RateLimits } from "../auth/rate-limits.js";
import type { VisitorTokens } from "../auth/visitor-token.js";
import type { RequestContext } from "../auth/context.js";
import type { Database } from "../database/client.js";
import { Filters } from "../database/filters.js";
import { Prisma, type Agent, type Conversation, type Turn } from "../database/generated/client.js";
import { readVisited } from "../database/hot-resume.js";
import { insertFeedback } from "../database/hot-statements.js";
import { inOrder, pageOf, pageOfIds, type Page } from "../database/paging.js";
import type { Prepared } from "../database/prepared.js";
import { AppError } from "../errors.js";
import { cutText } from "../../protocol/cut-text.js";
import { jsonBytes } from "../../protocol/json-bytes.js";
import type { PublicWidgetService } from "../widgets/public-widget.service.js";
import { feedbackFieldIds } from "../widgets/widget-config.js";
import type { PublicConversationsArgs, SubmitFeedbackInput } from "./conversation.input.js";
import type {
  ConversationExport,
  PublicConversation,
  VisitorMessages,
} from "./conversation.type.js";
import {
  opens,
  openTo,
  requireOfWidget,
  requireOpen,
  tokenNeeded,
  type Visitor,
  type VisitorService,
} from "./visitor.service.js";

const FEEDBACK_BYTES = 16 * 1024;
const FIRST_WORDS = 120;

export interface PublicConversationDependencies {
  readonly db: Database;
  readonly prepared: Prepared;
  readonly gate: PublicWidgetService;
  readonly visitors: VisitorService;
  readonly visitorTokens: VisitorTokens;
  readonly limits: RateLimits;
  readonly now: () => Date;
}

/** What a visitor does with conversations that are there (contract section 5). */
export class PublicConversationService {
  constructor(private readonly deps: PublicConversationDependencies) {}

  async list(
    ctx: RequestContext,
    widgetId: string,
    args: PublicConversationsArgs,
  ): Promise<Page<PublicConversation>> {
    await this.deps.limits.consume("public_list", ctx.clientIp, ctx);
    const { row: widget } = await this.deps.gate.open(ctx, widgetId);
    const visitor = await this.deps.visitors.read(ctx.visitorToken, widget);
    const isOwn = args.own === true;
    if ((widget.strict || isOwn) && !visitor) throw tokenNeeded();
    const filters = new Filters()
      .equals("web_widget_id", widget.id, "uuid")
      .equals("channel", args.channel ?? "webrtc", "channel")
      .equals("status", args.status, "conversation_status")
      .equals("user_id", args.userId)
      .between("created_at", args.createdAfter, args.createdBefore)
      .add(visibleTo(visitor, isOwn));
    const ids = await pageOfIds(
      this.deps.db,
      "conversations",
      filters.conditions,
      pageOf(ctx, args),
    );
    const page = await inOrder(ids, (items) =>
      this.deps.db.conversation.findMany({ where: { id: { in: items } } }),
    );
    const named = new Set([args.userId, visitor?.claims.userId]);
    const firstWords = isOwn ? await this.firstWordsOf(ids.items) : undefined;
    return {
      ...page,
      items: page.items.map((row) => ({
        ...row,
        userId: isOwn || named.has(row.userId) ? row.userId : null,
        firstWords: firstWords?.get(row.id),
      })),
    };
  }

  /**
   * Checks in the documented order: 413, 404, 403, 401, 400 no form, 400 nothing valid, 409.
   *
   * @throws AppError `conflict` for a second submission, also when several arrive at once.
   */
  async submitFeedback(
    ctx: RequestContext,
    { widgetId, conversationId, data }: SubmitFeedbackInput,
  ): Promise<void> {
    await this.deps.limits.consume("feedback", ctx.clientIp, ctx);
    if (jsonBytes(data) > FEEDBACK_BYTES) {
      throw new AppError(
        "payload_too_large",
        `Feedback may have at most ${FEEDBACK_BYTES} bytes of JSON.`,
      );
    }
    const { prepared, visitors, now } = this.deps;
    const isKept = await this.deps.gate.decide(ctx, widgetId, async ({ row: widget }) => {
      const presumed = visitors.presume(ctx.visitorToken, widget);
      const keyHash = presumed?.keyHash ?? null;
      const feedback = keptFeedback(widget.config, data);
      const given = { widget, conversationId, now: now() };
      // Mostly all is well, which one statement finds by itself; why it is not, takes another.
      if (!(feedback instanceof AppError)) {
        const opensTo = widget.strict ? "key" : "key_or_unbound";
        if (await insertFeedback(prepared, { ...given, feedback, keyHash, opensTo })) return true;
      }
      const visited = await readVisited(prepared, { widget, keyHash, conversationId });
      if (!visited.isWidgetUnchanged) return undefined;
      const visitor = visited.isKeyEnded ? undefined : presumed;
      const conversation = requireOfWidget(widget, visited.found?.row);
      const needsKey = conversation.bound || widget.strict;
      if (needsKey && !opens(visitor, conversation)) throw tokenNeeded();
      if (feedback instanceof AppError) throw feedback;
      return insertFeedback(prepared, {
        ...given,
        feedback,
        keyHash: needsKey ? keyHash : null,
        opensTo: "caller",
      });
    });
    if (!isKept) {
      throw new AppError("conflict", "Feedback was already given for this conversation.");
    }
  }

  /** The visitor's own turns and the agent's answers; only the conversation's key or its visitor's proven identity opens them. */
  async messages(
    ctx: RequestContext,
    widgetId: string,
    conversationId: string,
  ): Promise<VisitorMessages> {
    const { visitor, conversation } = await this.opened(ctx, widgetId, conversationId);
    return {
      messages: await this.turnsOf(conversation),
      visitorToken: this.deps.visitorTokens.issue(visitor.claims),
    };
  }

  /** All that is kept for its visitor to take along; opened as `messages` are. */
  async export(
    ctx: RequestContext,
    widgetId: string,
    conversationId: string,
  ): Promise<ConversationExport> {
    const { conversation } = await this.opened(ctx, widgetId, conversationId);
    const { customMetadata, consent, summary } = conversation;
    const messages = await this.turnsOf(conversation);
    return { conversation, customMetadata, consent, summary, messages };
  }

  private async opened(
    ctx: RequestContext,
    widgetId: string,
    id: string,
  ): Promise<{ visitor: Visitor; conversation: Conversation }> {
    await this.deps.limits.consume("public_messages", ctx.clientIp, ctx);
    const { row: widget } = await this.deps.gate.open(ctx, widgetId);
    const visitor = await this.deps.visitors.read(ctx.visitorToken, widget);
    if (!visitor) throw tokenNeeded();
    const where = { id, organizationId: widget.organizationId };
    const conversation = await this.deps.db.conversation.findFirst({ where });
    return { visitor, conversation: requireOpen(widget, visitor, conversation) };
  }

  /** By conversation: how its visitor began, where they have said something. One look-up in an index for each. */
  private async firstWordsOf(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const rows = await this.deps.db.$queryRaw<{ id: string; text: string }[]>`
      SELECT asked.id::text, said.text FROM unnest(${[...ids]}::uuid[]) AS asked(id)
      CROSS JOIN LATERAL (
        SELECT left(turns.text, ${2 * FIRST_WORDS}::int) AS text FROM turns
        WHERE turns.conversation_id = asked.id AND turns.role = 'user' AND NOT turns.cut_off
        ORDER BY turns.created_at, turns.id LIMIT 1
      ) AS said`;
    return new Map(rows.map(({ id, text }) => [id, cutText(text, FIRST_WORDS)]));
  }

  private turnsOf({ id }: Conversation): Promise<Turn[]> {
    return this.deps.db.turn.findMany({
      where: {
        conversationId: id,
        role: { in: ["user", "agent"] },
        // An agent that comes says it anew, and whole.
        cutOff: false,
      },
      orderBy: [{ createdAt: "asc" }, { id: "asc" }],
    });
  }

  /** The agent's name is on the panel anyway. Batched. */
  agentOf(
    ctx: RequestContext,
    conversation: { agentId: string },
  ): Promise<Pick<Agent, "id" | "name"> | undefined> {
    return ctx.loaders.agent.load(conversation.agentId);
  }
}

/** The conversations of a list that a caller sees: those of nobody in particular, and their own; or their own alone. */
function visibleTo(visitor: Visitor | undefined, isOwn: boolean): Prisma.Sql {
  if (!visitor) return Prisma.sql`NOT bound`;
  return isOwn ? openTo(visitor) : Prisma.sql`(NOT bound OR ${openTo(visitor)})`;
}

/** @returns a refusal when nothing of it belongs to the widget's form, or there is none: others come first. */
function keptFeedback(config: unknown, data: object): object | AppError {
  const fieldIds = feedbackFieldIds(config);
  if (!fieldIds)
    return new AppError("bad_request", "No feedback form is configured for this widget.");
  const kept = Object.entries(data).filter(
    ([id, value]) => fieldIds.has(id) && isFeedbackValue(value),
  );
  if (kept.length === 0)
    return new AppError("bad_request", "None of the values belongs to the feedback form.");
  return Object.fromEntries(kept);
}

/** A scalar or a list of scalars. */
function isFeedbackValue(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isScalar);
  return isScalar(value);
}

function isScalar(value: unknown): boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}
