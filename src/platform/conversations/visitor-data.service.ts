import type { RateLimits } from "../auth/rate-limits.js";
import type { RequestContext } from "../auth/context.js";
import type { Database, Transaction } from "../database/client.js";
import type { Conversation } from "../database/generated/client.js";
import { jsonColumn } from "../database/json-column.js";
import { AppError } from "../errors.js";
import type { Rooms } from "../livekit/rooms.js";
import type { PublicWidgetService } from "../widgets/public-widget.service.js";
import { shareVisits } from "../widgets/visit-lock.js";
import { readConsent } from "./given-consent.js";
import { closeTalk } from "./close-talk.js";
import type { OwnConversationInput } from "./conversation.input.js";
import { lockConversation } from "./lock-conversation.js";
import { isFinal } from "./status.js";
import type { SummaryService } from "./summary.service.js";
import { requireOpen, tokenNeeded, type VisitorService } from "./visitor.service.js";

export interface VisitorDataDependencies {
  readonly db: Database;
  readonly gate: PublicWidgetService;
  readonly visitors: VisitorService;
  readonly summaries: SummaryService;
  readonly limits: RateLimits;
  readonly rooms: Rooms;
  readonly now: () => Date;
}

/** What visitors take back of a conversation, by their token alone (contract section 5). */
export class VisitorDataService {
  constructor(private readonly deps: VisitorDataDependencies) {}

  /**
   * Ends the conversation, and keeps that its visitor agrees no more: no summary is made of it, and a resume needs
   * agreement anew. Repeating it has no effect.
   *
   * @throws AppError `conflict` where nothing was agreed to; else as `erase`.
   */
  async withdrawConsent(ctx: RequestContext, input: OwnConversationInput): Promise<void> {
    await this.change(ctx, input, async (tx, row) => {
      const consent = readConsent(row.consent);
      if (!consent) throw new AppError("conflict", "The conversation has no consent.");
      if (consent.withdrawn_at !== undefined) return;
      const at = this.deps.now();
      const withdrawn = jsonColumn({ ...consent, withdrawn_at: at.toISOString() });
      const data = { consent: withdrawn, updatedAt: at };
      const kept = await tx.conversation.update({ where: { id: row.id }, data });
      await tx.dueSummary.deleteMany({ where: { conversationId: row.id } });
      if (!isFinal(row.status)) await closeTalk(tx, kept, this.deps);
    });
  }

  /**
   * Removes the conversation for good, with its turns, metadata, feedback, summary and consent; its room is closed.
   *
   * @throws AppError `unauthenticated` without a visitor token that opens it; `not_found`, `forbidden` (another widget's).
   */
  async erase(ctx: RequestContext, input: OwnConversationInput): Promise<void> {
    await this.change(ctx, input, async (tx, { id }) => {
      await tx.conversation.delete({ where: { id } });
    });
  }

  private async change(
    ctx: RequestContext,
    { widgetId, conversationId }: OwnConversationInput,
    work: (tx: Transaction, row: Conversation) => Promise<void>,
  ): Promise<void> {
    const { db, gate, limits, rooms, visitors } = this.deps;
    await limits.consume("logout", ctx.clientIp, ctx);
    const row = await gate.decide(ctx, widgetId, ({ row: widget }) => {
      const visitor = visitors.presume(ctx.visitorToken, widget);
      if (!visitor) throw tokenNeeded();
      return db.$transaction(async (tx) => {
        if (!(await shareVisits(tx, widget))) return undefined;
        const { keyHash } = visitor;
        if (await tx.endedVisitorKey.findUnique({ where: { keyHash } })) throw tokenNeeded();
        const where = { id: conversationId, organizationId: widget.organizationId };
        requireOpen(widget, visitor, await tx.conversation.findFirst({ where }));
        const locked = await lockConversation(tx, conversationId);
        await work(tx, locked);
        return locked;
      });
    });
    if (!isFinal(row.status)) rooms.deleteInBackground([row.currentRoom]);
  }
}
