import { randomUUID } from "node:crypto";
import { authorOf, type OrganizationAuthor } from "../audit/author.js";
import { changesBetween, DELETED } from "../audit/changes.js";
import { recordAudit } from "../audit/record-audit.js";
import type { EmbedManifest } from "../../protocol/widget-manifest.js";
import type { ModelSettings } from "../../process/model-settings.js";
import { BrandNotFoundError, InvalidDomainError } from "../brand/brand-errors.js";
import type { BrandReader } from "../brand/brand-reader.js";
import type { RateLimits } from "../auth/rate-limits.js";
import { MANAGE_WIDGETS, READ_AGENTS, READ_WIDGETS } from "../auth/scopes.js";
import { requireScope } from "../auth/require-scope.js";
import { requireConfirmation } from "../auth/require-session.js";
import type { RequestContext } from "../auth/context.js";
import type { Database, Transaction } from "../database/client.js";
import { Filters, NOT_DELETED } from "../database/filters.js";
import type { HotReads } from "../database/hot-reads.js";
import type { Agent, AgentVersion, Widget as WidgetRow } from "../database/generated/client.js";
import { jsonColumn } from "../database/json-column.js";
import { inOrder, pageOf, pageOfIds, type Page, type PageRequest } from "../database/paging.js";
import { isUnchanged } from "../database/unchanged.js";
import { AppError, invalid, notFound } from "../errors.js";
import { requireNotNull } from "../input/check-text.js";
import { warningsOf } from "../agents/config-warnings.js";
import { lockAgent } from "../agents/lock-agent.js";
import { PREVIOUS_SECRET_SECONDS, type IdentityTokens } from "../auth/identity-token.js";
import type { AgentAvailability } from "../agents/agent-availability.js";
import { checkBasedOn } from "./check-based-on.js";
import { normalizeDomains } from "./origins.js";
import { recordRevision } from "./record-revision.js";
import { stopVisits } from "./visit-lock.js";
import { checkWidgetLimits } from "./widget-limits.js";
import { checkWidgetConfig, WIDGET_CONFIG_JSON_SCHEMA } from "./widget-config.js";
import type {
  CreateWidgetInput,
  UpdateWidgetInput,
  UpdateWidgetSecurityInput,
  WidgetsArgs,
} from "./widget.input.js";
import type { Brand, ReadinessItem, WidgetReadiness, WidgetSecurity } from "./widget.type.js";
import type { RotateWidgetIdentitySecretPayload } from "./widget.payload.js";

export type { WidgetRow };

export interface WidgetDependencies {
  readonly db: Database;
  readonly reads: HotReads;
  /** What visitors are shown from memory: each change is told. */
  readonly live: { forget(id: string): void };
  /** Ends the live conversations of a widget whose visitors have lost their right. */
  readonly closeRooms: (widgetId: string) => Promise<void>;
  readonly agents: AgentAvailability;
  /** The operator's; undefined: the demo answers. */
  readonly models: ModelSettings | undefined;
  readonly brands: Pick<BrandReader, "read">;
  readonly limits: RateLimits;
  readonly identityTokens: IdentityTokens;
  readonly publicUrl: string;
  /** The loader that websites may pin, if the embed was built. */
  readonly pinnedLoader: EmbedManifest["released"];
  readonly now: () => Date;
}

/** Widgets as their owner sees them (contract section 4). */
export class WidgetService {
  constructor(private readonly deps: WidgetDependencies) {}

  async get(ctx: RequestContext, id: string): Promise<WidgetRow> {
    const { organizationId } = await requireScope(ctx, READ_WIDGETS);
    const widget = await this.deps.reads.widget({ id, organizationId });
    if (!widget) throw notFound("Widget");
    return widget;
  }

  async list(ctx: RequestContext, args: WidgetsArgs): Promise<Page<WidgetRow>> {
    const actor = await requireScope(ctx, READ_WIDGETS);
    const filters = new Filters()
      .equals("organization_id", actor.organizationId)
      .equals("agent_id", args.agentId, "uuid")
      .equals("published", args.published)
      .add(NOT_DELETED);
    const request = pageOf(ctx, args);
    if (!request.withTies) return this.deps.reads.widgets(filters.conditions, request);
    const ids = await pageOfIds(this.deps.db, "widgets", filters.conditions, request);
    return inOrder(ids, (items) => this.deps.db.widget.findMany({ where: { id: { in: items } } }));
  }

  async configSchema(ctx: RequestContext): Promise<object> {
    await requireScope(ctx, READ_WIDGETS);
    return WIDGET_CONFIG_JSON_SCHEMA;
  }

  async create(ctx: RequestContext, input: CreateWidgetInput): Promise<WidgetRow> {
    const actor = await requireScope(ctx, MANAGE_WIDGETS);
    const domains = normalizeDomains(input.domains ?? []);
    checkWidgetConfig(input.config ?? {});
    const { organizationId } = actor;
    const [id, now] = [randomUUID(), this.deps.now()];
    const fields = {
      agentId: input.agentId,
      agentVersionId: input.agentVersionId,
      domains,
      published: input.published ?? false,
      config: jsonColumn(input.config ?? {}),
    };
    return this.deps.db.$transaction(async (tx) => {
      await checkVersion(tx, organizationId, input.agentId, input.agentVersionId);
      const [author, changes] = [authorOf(ctx, actor), changesBetween({}, fields)];
      await recordAudit(tx, author, { action: "widget.create", subjectId: id, changes, at: now });
      const times = { createdAt: now, updatedAt: now };
      const row = await tx.widget.create({ data: { id, organizationId, ...fields, ...times } });
      await recordRevision(tx, author, { after: row, changes });
      return row;
    });
  }

  /** Only the fields given change, and each replaces the stored value [documented]. */
  async update(
    ctx: RequestContext,
    id: string,
    input: Omit<UpdateWidgetInput, "id">,
    action: "widget.update" | "widget.roll_back" = "widget.update",
  ): Promise<WidgetRow> {
    const actor = await requireScope(ctx, MANAGE_WIDGETS);
    requireNotNull(input, ["agentId", "agentVersionId"]);
    const domains = input.domains ? normalizeDomains(input.domains) : undefined;
    if (input.config) checkWidgetConfig(input.config);
    const updated = await this.deps.db.$transaction(async (tx) => {
      const before = await lockWidget(tx, actor.organizationId, id);
      if (input.agentId || input.agentVersionId) {
        const agentId = input.agentId ?? before.agentId;
        await checkVersion(
          tx,
          actor.organizationId,
          agentId,
          input.agentVersionId ?? before.agentVersionId,
        );
      }
      const changes = {
        agentId: input.agentId ?? undefined,
        agentVersionId: input.agentVersionId ?? undefined,
        domains,
        published: input.published ?? undefined,
        config: input.config ? jsonColumn(input.config) : undefined,
      };
      if (isUnchanged(before, changes)) return { row: before, unpublishes: false };
      if (typeof input.basedOn === "number") await checkBasedOn(tx, before, changes, input.basedOn);
      const unpublishes = before.published && input.published === false;
      const now = this.deps.now();
      const [author, changed] = [authorOf(ctx, actor), changesBetween(before, changes)];
      await recordAudit(tx, author, { action, subjectId: id, changes: changed, at: now });
      const row = await tx.widget.update({
        where: { id },
        data: {
          ...changes,
          tokenGeneration: unpublishes ? { increment: 1 } : undefined,
          updatedAt: now,
        },
      });
      await recordRevision(tx, author, { before, after: row, changes: changed });
      return { row, unpublishes };
    });
    this.deps.live.forget(id);
    if (updated.unpublishes) await this.deps.closeRooms(id);
    return updated.row;
  }

  /** Hidden, not removed: its conversations keep its id. */
  async delete(ctx: RequestContext, id: string): Promise<boolean> {
    const actor = await requireScope(ctx, MANAGE_WIDGETS);
    await this.endTokens(authorOf(ctx, actor), id, "widget.delete");
    return true;
  }

  async security(ctx: RequestContext, id: string): Promise<WidgetSecurity> {
    const actor = await requireScope(ctx, MANAGE_WIDGETS);
    return this.find(this.deps.db, actor.organizationId, id);
  }

  async updateSecurity(
    ctx: RequestContext,
    id: string,
    input: UpdateWidgetSecurityInput,
  ): Promise<WidgetSecurity> {
    const actor = await requireScope(ctx, MANAGE_WIDGETS);
    if (input.limits) checkWidgetLimits(input.limits);
    const changes = {
      strict: input.strict ?? undefined,
      identity: input.identity ?? undefined,
      limits: input.limits ? jsonColumn(input.limits) : undefined,
    };
    const updated = await this.deps.db.$transaction(async (tx) => {
      const before = await lockWidget(tx, actor.organizationId, id);
      if (isUnchanged(before, changes)) return before;
      const now = this.deps.now();
      await recordAudit(tx, authorOf(ctx, actor), {
        action: "widget.update_security",
        subjectId: id,
        changes: changesBetween(before, changes),
        at: now,
      });
      return tx.widget.update({ where: { id }, data: { ...changes, updatedAt: now } });
    });
    this.deps.live.forget(id);
    return updated;
  }

  /**
   * Makes a new secret for signing visitors' identities, shown this once. The one before stays good
   * for an hour, so that a website can change over; the one before that ends now.
   */
  async rotateIdentitySecret(
    ctx: RequestContext,
    id: string,
  ): Promise<RotateWidgetIdentitySecretPayload> {
    const actor = await requireScope(ctx, MANAGE_WIDGETS);
    await requireConfirmation(ctx);
    const { text, sealed } = this.deps.identityTokens.newSecret(id);
    const now = this.deps.now();
    const previousUntil = new Date(now.getTime() + PREVIOUS_SECRET_SECONDS * 1000);
    const rotated = await this.deps.db.$transaction(async (tx) => {
      const { identitySecret } = await lockWidget(tx, actor.organizationId, id);
      await tx.widget.update({
        where: { id },
        data: {
          identitySecret: sealed,
          identitySecretPrevious: identitySecret,
          identitySecretPreviousUntil: identitySecret && previousUntil,
          updatedAt: now,
        },
      });
      await recordAudit(tx, authorOf(ctx, actor), {
        action: "widget.rotate_identity_secret",
        subjectId: id,
        changes: changesBetween({ identitySecret }, { identitySecret: sealed }),
        at: now,
      });
      return { secret: text, previousUntil: identitySecret && previousUntil };
    });
    this.deps.live.forget(id);
    return rotated;
  }

  /** The kill switch: every visitor token of the widget ends at once, and its live rooms with them. */
  async revokeVisitorTokens(ctx: RequestContext, id: string): Promise<WidgetRow> {
    const actor = await requireScope(ctx, MANAGE_WIDGETS);
    await this.endTokens(authorOf(ctx, actor), id, "widget.revoke_visitor_tokens");
    return this.find(this.deps.db, actor.organizationId, id);
  }

  /**
   * What a website says of itself [documented]; nothing is stored.
   *
   * @throws AppError `invalid` when `domain` is no public host name, `not_found` when nothing was
   * found or the site did not answer, `rate_limited` when the organization asks too often.
   */
  async autoBrand(ctx: RequestContext, id: string, domain: string): Promise<Brand> {
    const actor = await requireScope(ctx, MANAGE_WIDGETS);
    await this.find(this.deps.db, actor.organizationId, id);
    await this.deps.limits.consume("auto_brand", actor.organizationId, ctx);
    try {
      return await this.deps.brands.read(domain);
    } catch (error) {
      if (error instanceof InvalidDomainError)
        throw invalid({ path: "domain", message: "Must be a public host name.", rule: "host" });
      if (error instanceof BrandNotFoundError) {
        throw new AppError(
          "not_found",
          "Nothing was found on this website, or it did not answer.",
          { cause: error },
        );
      }
      throw error;
    }
  }

  /** Batched over all agents of the request. */
  async ofAgent(
    ctx: RequestContext,
    agent: { id: string },
    page: PageRequest,
  ): Promise<Page<WidgetRow>> {
    await requireScope(ctx, READ_WIDGETS);
    return ctx.loaders.widgetsOfAgent.load({
      parentId: agent.id,
      first: page.first,
      after: page.after ?? undefined,
    });
  }

  /** Batched over all widgets of the request, as the next. */
  async agentOf(ctx: RequestContext, widget: { agentId: string }): Promise<Agent | undefined> {
    await requireScope(ctx, READ_AGENTS);
    return ctx.loaders.agent.load(widget.agentId);
  }

  async versionOf(
    ctx: RequestContext,
    widget: { agentVersionId: string },
  ): Promise<AgentVersion | undefined> {
    await requireScope(ctx, READ_AGENTS);
    return ctx.loaders.agentVersion.load(widget.agentVersionId);
  }

  /** The security settings of a widget that was read before. */
  async securityOf(ctx: RequestContext, widget: WidgetRow): Promise<WidgetSecurity> {
    await requireScope(ctx, MANAGE_WIDGETS);
    return widget;
  }

  /** Why visitors can or cannot talk now, in words. */
  async readiness(ctx: RequestContext, widget: WidgetRow): Promise<WidgetReadiness> {
    await requireScope(ctx, READ_WIDGETS);
    const [version, agent, agentAvailable] = await Promise.all([
      ctx.loaders.agentVersion.load(widget.agentVersionId),
      ctx.loaders.agent.load(widget.agentId),
      this.deps.agents.available(),
    ]);
    const blockers: ReadinessItem[] = [];
    if (!widget.published) {
      blockers.push({ code: "WIDGET_NOT_PUBLISHED", message: "The widget is not published." });
    }
    if (!version?.published) {
      blockers.push({
        code: "VERSION_NOT_PUBLISHED",
        message: "The agent version is not published.",
      });
    }
    if (widget.strict && widget.domains.length === 0) {
      blockers.push({
        code: "STRICT_WITHOUT_DOMAINS",
        message: "Strict security needs at least one domain to issue embed tickets for.",
      });
    }
    if (widget.identity === "required" && !widget.identitySecret) {
      blockers.push({
        code: "IDENTITY_WITHOUT_SECRET",
        message: "Identity tokens are required, but there is no secret to sign them with yet.",
      });
    }
    const warnings: ReadinessItem[] = warningsOf(version?.config, this.deps.models).map(
      ({ code, path, message }) => ({ code, message: `${path}: ${message}` }),
    );
    if (widget.domains.length === 0) {
      warnings.push({
        code: "ANY_DOMAIN",
        message: "No domains are listed, so any website may embed this widget.",
      });
    }
    if (agent && !agent.active) {
      warnings.push({ code: "AGENT_INACTIVE", message: "The agent is marked as not in use." });
    }
    if (!agentAvailable) {
      warnings.push({
        code: "AGENT_DOWN",
        message:
          "No agent worker is connected, or all are full: conversations would start unanswered.",
      });
    }
    return { live: blockers.length === 0, blockers, warnings };
  }

  /** The one line that a website pastes. */
  embedSnippet(widget: { id: string }): string {
    return `<script async src="${this.deps.publicUrl}/public/embed/${widget.id}"></script>`;
  }

  /** The same for a page that runs nothing but what it has seen: one loader, for ever, and only with its hash. */
  pinnedEmbedSnippet(widget: { id: string }): string | undefined {
    const { pinnedLoader, publicUrl } = this.deps;
    if (pinnedLoader === undefined) return undefined;
    const { file, integrity } = pinnedLoader;
    return `<script async src="${publicUrl}/public/embed/${file}" integrity="${integrity}" crossorigin="anonymous" data-widget="${widget.id}"></script>`;
  }

  private async endTokens(
    author: OrganizationAuthor,
    id: string,
    action: "widget.delete" | "widget.revoke_visitor_tokens",
  ): Promise<void> {
    const { organizationId } = author;
    const deletes = action === "widget.delete";
    await this.deps.db.$transaction(async (tx) => {
      await stopVisits(tx, id);
      const now = this.deps.now();
      const { count } = await tx.widget.updateMany({
        where: { id, organizationId, deletedAt: null },
        data: { ...(deletes ? { deletedAt: now } : {}), tokenGeneration: { increment: 1 } },
      });
      if (count === 0) throw notFound("Widget");
      const changes = deletes ? DELETED : [];
      await recordAudit(tx, author, { action, subjectId: id, changes, at: now });
    });
    this.deps.live.forget(id);
    await this.deps.closeRooms(id);
  }

  private async find(db: Transaction, organizationId: string, id: string): Promise<WidgetRow> {
    const widget = await db.widget.findFirst({ where: { id, organizationId, deletedAt: null } });
    if (!widget) throw notFound("Widget");
    return widget;
  }
}

/** Visits wait too: one that has read the widget decides by what it reads, or finds it changed. */
async function lockWidget(tx: Transaction, organizationId: string, id: string): Promise<WidgetRow> {
  await stopVisits(tx, id);
  await tx.$queryRaw`
    SELECT 1 FROM widgets WHERE id = ${id}::uuid AND organization_id = ${organizationId} FOR NO KEY UPDATE`;
  const widget = await tx.widget.findFirst({ where: { id, organizationId, deletedAt: null } });
  if (!widget) throw notFound("Widget");
  return widget;
}

/** The version must belong to the agent, and both to the organization: else 422 naming the field. */
async function checkVersion(
  tx: Transaction,
  organizationId: string,
  agentId: string,
  agentVersionId: string,
): Promise<void> {
  if (!(await lockAgent(tx, organizationId, agentId))) {
    throw invalid({ path: "agentId", message: "There is no such agent.", rule: "unknown_id" });
  }
  const version = await tx.agentVersion.findFirst({ where: { id: agentVersionId, agentId } });
  if (!version)
    throw invalid({
      path: "agentVersionId",
      message: "The agent has no such version.",
      rule: "unknown_id",
    });
}
