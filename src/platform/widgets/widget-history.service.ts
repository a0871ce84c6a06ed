import { authorOf } from "../audit/author.js";
import { DELETED, readChanges } from "../audit/changes.js";
import { recordAudit } from "../audit/record-audit.js";
import type { AuditActor } from "../audit/audit.type.js";
import type { RequestContext } from "../auth/context.js";
import { requireScope } from "../auth/require-scope.js";
import { MANAGE_WIDGETS, READ_WIDGETS } from "../auth/scopes.js";
import type { Database, Transaction } from "../database/client.js";
import type {
  WidgetDraft as DraftRow,
  WidgetRevision as RevisionRow,
} from "../database/generated/client.js";
import { jsonColumn, jsonObject } from "../database/json-column.js";
import type { Page, PageRequest } from "../database/paging.js";
import { isUnchanged } from "../database/unchanged.js";
import { invalid, notFound } from "../errors.js";
import { checkText } from "../input/check-text.js";
import { MAX_DOMAINS } from "./origins.js";
import { checkWidgetConfigSize } from "./widget-config.js";
import type { RollBackWidgetInput, SaveWidgetDraftInput } from "./widget-history.input.js";
import type { WidgetDraft, WidgetRevision, Written } from "./widget-history.type.js";
import type { WidgetRow, WidgetService } from "./widget.service.js";

const MAX_DOMAIN_LENGTH = 2_000;

/** What widgets were, and what somebody makes of them (contract section 4). */
export class WidgetHistoryService {
  constructor(
    private readonly db: Database,
    private readonly widgets: WidgetService,
    private readonly now: () => Date,
  ) {}

  /** A page of a widget's revisions, batched over all widgets of the request, as the next two. */
  async revisionsOf(
    ctx: RequestContext,
    widget: { id: string },
    page: PageRequest,
  ): Promise<Page<WidgetRevision>> {
    await requireScope(ctx, READ_WIDGETS);
    const { first, after } = page;
    const rows = await ctx.loaders.revisionsOfWidget.load({
      parentId: widget.id,
      first,
      after: after ?? undefined,
    });
    return { ...rows, items: rows.items.map(toRevision) };
  }

  async draftOf(ctx: RequestContext, widget: { id: string }): Promise<WidgetDraft | undefined> {
    await requireScope(ctx, READ_WIDGETS);
    const row = await ctx.loaders.draftOfWidget.load(widget.id);
    return row && toDraft(row);
  }

  /** @returns undefined for what was there before saves were kept. */
  async actorOf(ctx: RequestContext, written: Written): Promise<AuditActor | undefined> {
    await requireScope(ctx, READ_WIDGETS);
    const { actorKind, actorId, credentialId } = written;
    if (actorKind === null) return undefined;
    const name = await ctx.loaders.actorName.load({ actorKind, actorId });
    return { kind: actorKind, id: actorId, credentialId, name: name ?? null };
  }

  /**
   * Saves what a revision has, which is checked as every save. `published` stays as it is: nobody who wants old looks
   * back closes the doors by it, or opens them.
   *
   * @throws AppError `not_found`; `invalid` where it would not do today.
   */
  async rollBack(ctx: RequestContext, input: RollBackWidgetInput): Promise<WidgetRow> {
    const { organizationId } = await requireScope(ctx, MANAGE_WIDGETS);
    const { id, revision: number } = input;
    const widget = { id, organizationId, deletedAt: null };
    const kept = await this.db.widgetRevision.findFirst({ where: { number, widget } });
    if (!kept) throw notFound("Widget revision");
    const { agentId, agentVersionId, domains } = kept;
    const config = jsonObject(kept.config);
    const fields = { agentId, agentVersionId, domains, config };
    return this.widgets.update(ctx, id, fields, "widget.roll_back");
  }

  /** Checks no more than what it takes to keep it: a draft is what is not finished. */
  async saveDraft(ctx: RequestContext, input: SaveWidgetDraftInput): Promise<WidgetDraft> {
    const actor = await requireScope(ctx, MANAGE_WIDGETS);
    const { id, basedOn = null, ...given } = input;
    checkDraft(input);
    const author = authorOf(ctx, actor);
    return this.db.$transaction(async (tx) => {
      await lockWidgetRow(tx, actor.organizationId, id);
      const before = await tx.widgetDraft.findUnique({ where: { widgetId: id } });
      const changes = { fields: jsonColumn(withoutAbsent(given)), basedOn };
      if (before && isUnchanged(before, changes)) return toDraft(before);
      const now = this.now();
      // Each keystroke's draft would drown what is done to widgets.
      if (!before) {
        const action = "widget_draft.begin";
        await recordAudit(tx, author, { action, subjectId: id, changes: [], at: now });
      }
      const { actorKind, actorId, credentialId } = author;
      const data = { ...changes, actorKind, actorId, credentialId, updatedAt: now };
      const row = await tx.widgetDraft.upsert({
        where: { widgetId: id },
        create: { widgetId: id, ...data },
        update: data,
      });
      return toDraft(row);
    });
  }

  /** Where there is none, that is fine. */
  async discardDraft(ctx: RequestContext, id: string): Promise<string> {
    const actor = await requireScope(ctx, MANAGE_WIDGETS);
    await this.db.$transaction(async (tx) => {
      await lockWidgetRow(tx, actor.organizationId, id);
      const { count } = await tx.widgetDraft.deleteMany({ where: { widgetId: id } });
      if (count === 0) return;
      await recordAudit(tx, authorOf(ctx, actor), {
        action: "widget_draft.discard",
        subjectId: id,
        changes: DELETED,
        at: this.now(),
      });
    });
    return id;
  }
}

/** Visits go on: a draft is nothing to them. */
async function lockWidgetRow(tx: Transaction, organizationId: string, id: string): Promise<void> {
  const rows = await tx.$queryRaw<unknown[]>`
    SELECT 1 FROM widgets
    WHERE id = ${id}::uuid AND organization_id = ${organizationId} AND deleted_at IS NULL FOR NO KEY UPDATE`;
  if (rows.length === 0) throw notFound("Widget");
}

function checkDraft({ config, domains, basedOn }: SaveWidgetDraftInput): void {
  if (config) checkWidgetConfigSize(config);
  if (domains && domains.length > MAX_DOMAINS) {
    throw invalid({
      path: "domains",
      message: `At most ${MAX_DOMAINS} entries.`,
      rule: "count",
      max: MAX_DOMAINS,
    });
  }
  for (const [index, domain] of (domains ?? []).entries()) {
    checkText(`domains.${index}`, domain, { max: MAX_DOMAIN_LENGTH });
  }
  if (typeof basedOn === "number" && basedOn < 1) {
    throw invalid({ path: "basedOn", message: "Must be the number of a revision." });
  }
}

function withoutAbsent(given: object): object {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
}

function toRevision(row: RevisionRow): WidgetRevision {
  return { ...row, at: row.createdAt, changes: readChanges(row.changes) };
}

function toDraft({ widgetId, fields, ...row }: DraftRow): WidgetDraft {
  const absent = {
    agentId: null,
    agentVersionId: null,
    domains: null,
    published: null,
    config: null,
  };
  return { ...row, ...absent, ...jsonObject(fields), id: widgetId };
}
