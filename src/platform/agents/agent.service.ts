import { randomUUID } from "node:crypto";
import type { z } from "zod";
import { authorOf, type OrganizationAuthor } from "../audit/author.js";
import { changesBetween, DELETED } from "../audit/changes.js";
import { recordAudit } from "../audit/record-audit.js";
import { MANAGE_AGENTS, READ_AGENTS } from "../auth/scopes.js";
import { requireScope } from "../auth/require-scope.js";
import type { RequestContext } from "../auth/context.js";
import type { Database, Transaction } from "../database/client.js";
import { Filters, NOT_DELETED } from "../database/filters.js";
import { jsonColumn, jsonObject } from "../database/json-column.js";
import { inOrder, pageOf, pageOfIds, type Page, type PageRequest } from "../database/paging.js";
import { isUnchanged } from "../database/unchanged.js";
import type { ModelSettings } from "../../process/model-settings.js";
import { AppError, invalid, notFound } from "../errors.js";
import { checkText, requireNotNull } from "../input/check-text.js";
import { jsonBytes } from "../../protocol/json-bytes.js";
import { warningsOf } from "./config-warnings.js";
import { agentConfigJsonSchema, checkAgentConfig } from "./agent-config.js";
import type {
  AgentsArgs,
  AgentVersionsArgs,
  CreateAgentInput,
  CreateAgentVersionInput,
  PublishAgentVersionInput,
  UpdateAgentInput,
  UpdateAgentVersionInput,
  VersionRef,
} from "./agent.input.js";
import { AGENT_TEXTS } from "./agent-texts.js";
import { lockAgent } from "./lock-agent.js";
import type { Agent, AgentVersion, ConfigWarning } from "./agent.type.js";

const METADATA_BYTES = 16 * 1024;
/** The refusal to delete an agent names at most so many of the widgets that use it. */
const MAX_NAMED_WIDGETS = 20;

/** Agents and their versions (contract section 7). */
export class AgentService {
  private jsonSchema: object | undefined;

  constructor(
    private readonly db: Database,
    /** What a version's config must be at this operator's. */
    private readonly configRules: z.ZodType,
    /** The operator's; undefined: the demo answers. */
    private readonly models: ModelSettings | undefined,
    /** Told of each agent, and each version, that says something else than before. */
    private readonly onChange: () => void,
    private readonly now: () => Date,
  ) {}

  async get(ctx: RequestContext, id: string): Promise<Agent> {
    const actor = await requireScope(ctx, READ_AGENTS);
    return this.find(this.db, actor.organizationId, id);
  }

  async list(ctx: RequestContext, args: AgentsArgs): Promise<Page<Agent>> {
    const actor = await requireScope(ctx, READ_AGENTS);
    const filters = new Filters()
      .equals("organization_id", actor.organizationId)
      .contains("name", args.name)
      .equals("active", args.active)
      .equals("is_demo", args.isDemo)
      .containsJson("metadata", args.metadata)
      .between("created_at", args.createdAfter, args.createdBefore)
      .between("updated_at", args.updatedAfter, args.updatedBefore);
    const ids = await pageOfIds(
      this.db,
      "agents",
      [...filters.conditions, NOT_DELETED],
      pageOf(ctx, args),
    );
    return inOrder(ids, (items) => this.db.agent.findMany({ where: { id: { in: items } } }));
  }

  async create(ctx: RequestContext, input: CreateAgentInput): Promise<Agent> {
    const actor = await requireScope(ctx, MANAGE_AGENTS);
    checkAgentFields(input);
    const { organizationId } = actor;
    const [id, now] = [randomUUID(), this.now()];
    const fields = {
      name: input.name.trim(),
      description: input.description ?? null,
      active: input.active ?? true,
      isDemo: input.isDemo ?? false,
      metadata: jsonColumn(input.metadata ?? {}),
    };
    return this.db.$transaction(async (tx) => {
      await recordAudit(tx, authorOf(ctx, actor), {
        action: "agent.create",
        subjectId: id,
        changes: changesBetween({}, fields),
        at: now,
      });
      const times = { createdAt: now, updatedAt: now };
      return tx.agent.create({ data: { id, organizationId, ...fields, ...times } });
    });
  }

  async update(ctx: RequestContext, id: string, input: UpdateAgentInput): Promise<Agent> {
    const actor = await requireScope(ctx, MANAGE_AGENTS);
    requireNotNull(input, ["name"]);
    checkAgentFields(input);
    const changes = {
      name: input.name?.trim(),
      description: input.description,
      active: input.active ?? undefined,
      isDemo: input.isDemo ?? undefined,
      metadata: input.metadata ? jsonColumn(input.metadata) : undefined,
    };
    const written = await this.db.$transaction(async (tx) => {
      await requireAgentLock(tx, actor.organizationId, id);
      const before = await this.find(tx, actor.organizationId, id);
      if (isUnchanged(before, changes)) return before;
      const now = this.now();
      await recordAudit(tx, authorOf(ctx, actor), {
        action: "agent.update",
        subjectId: id,
        changes: changesBetween(before, changes),
        at: now,
      });
      return tx.agent.update({ where: { id }, data: { ...changes, updatedAt: now } });
    });
    this.onChange();
    return written;
  }

  /** @throws AppError `conflict` naming the widgets that use it. */
  async delete(ctx: RequestContext, id: string): Promise<boolean> {
    const actor = await requireScope(ctx, MANAGE_AGENTS);
    await this.db.$transaction(async (tx) => {
      await requireAgentLock(tx, actor.organizationId, id);
      const widgets = await tx.widget.findMany({
        where: { agentId: id, deletedAt: null },
        select: { id: true },
        orderBy: { createdAt: "asc" },
        take: MAX_NAMED_WIDGETS + 1,
      });
      if (widgets.length > 0) {
        const names = widgets.slice(0, MAX_NAMED_WIDGETS).map((widget) => widget.id);
        if (widgets.length > MAX_NAMED_WIDGETS) names.push("and others");
        throw new AppError("conflict", `The agent is used by these widgets: ${names.join(", ")}.`);
      }
      const now = this.now();
      await tx.agent.update({ where: { id }, data: { deletedAt: now } });
      await recordAudit(tx, authorOf(ctx, actor), {
        action: "agent.delete",
        subjectId: id,
        changes: DELETED,
        at: now,
      });
    });
    return true;
  }

  async getVersion(ctx: RequestContext, agentId: string, ref: VersionRef): Promise<AgentVersion> {
    const actor = await requireScope(ctx, READ_AGENTS);
    await this.find(this.db, actor.organizationId, agentId);
    if (ref !== "latest") return this.findVersion(this.db, agentId, ref);
    const draft = await this.newestDraft(this.db, agentId);
    if (draft) return draft;
    return this.db.$transaction(async (tx) => {
      await requireAgentLock(tx, actor.organizationId, agentId);
      return this.latestDraft(tx, authorOf(ctx, actor), agentId);
    });
  }

  async listVersions(
    ctx: RequestContext,
    agentId: string,
    args: AgentVersionsArgs,
  ): Promise<Page<AgentVersion>> {
    const actor = await requireScope(ctx, READ_AGENTS);
    await this.find(this.db, actor.organizationId, agentId);
    const filters = new Filters()
      .equals("agent_id", agentId, "uuid")
      .equals("version", args.version)
      .equals("published", args.published)
      .between("created_at", args.createdAfter, args.createdBefore)
      .between("updated_at", args.updatedAfter, args.updatedBefore);
    const ids = await pageOfIds(this.db, "agent_versions", filters.conditions, pageOf(ctx, args));
    return inOrder(ids, (items) => this.db.agentVersion.findMany({ where: { id: { in: items } } }));
  }

  async createVersion(ctx: RequestContext, input: CreateAgentVersionInput): Promise<AgentVersion> {
    const actor = await requireScope(ctx, MANAGE_AGENTS);
    const { agentId } = input;
    const { config, baseVersion } = input.from;
    if (config) checkAgentConfig(this.configRules, config, "from.config");
    return this.db.$transaction(async (tx) => {
      await requireAgentLock(tx, actor.organizationId, agentId);
      const copied = config ?? (await this.baseConfig(tx, agentId, baseVersion ?? 0));
      return this.insertVersion(tx, authorOf(ctx, actor), agentId, copied);
    });
  }

  /**
   * @throws AppError `bad_request` when the version is published: it is immutable then [documented]; `conflict` when it was
   * saved after `ifUnchangedSince`.
   */
  async updateVersion(ctx: RequestContext, input: UpdateAgentVersionInput): Promise<AgentVersion> {
    const actor = await requireScope(ctx, MANAGE_AGENTS);
    const { agentId, version: ref } = input;
    if (input.config) checkAgentConfig(this.configRules, input.config);
    const author = authorOf(ctx, actor);
    const written = await this.db.$transaction(async (tx) => {
      await requireAgentLock(tx, actor.organizationId, agentId);
      const version =
        ref === "latest"
          ? await this.latestDraft(tx, author, agentId)
          : await this.findVersion(tx, agentId, ref);
      if (version.published) {
        throw new AppError(
          "bad_request",
          "A published version cannot be changed; make a new draft from it.",
        );
      }
      const since = input.ifUnchangedSince;
      if (since && version.updatedAt > since) {
        throw new AppError("conflict", "The draft was saved by somebody else since.");
      }
      const changes = { config: input.config ? jsonColumn(input.config) : undefined };
      if (isUnchanged(version, changes)) return version;
      const [{ id }, now] = [version, this.now()];
      await recordAudit(tx, author, {
        action: "agent_version.update",
        subjectId: id,
        changes: changesBetween(version, changes),
        at: now,
      });
      return tx.agentVersion.update({ where: { id }, data: { ...changes, updatedAt: now } });
    });
    this.onChange();
    return written;
  }

  /** Publishing twice answers the same [documented]. */
  async publishVersion(
    ctx: RequestContext,
    input: PublishAgentVersionInput,
  ): Promise<AgentVersion> {
    const actor = await requireScope(ctx, MANAGE_AGENTS);
    const { agentId, version: ref } = input;
    const written = await this.db.$transaction(async (tx) => {
      await requireAgentLock(tx, actor.organizationId, agentId);
      const version =
        ref === "latest"
          ? await this.newestVersion(tx, agentId)
          : await this.findVersion(tx, agentId, ref);
      if (version.published) return version;
      const [{ id }, now] = [version, this.now()];
      await recordAudit(tx, authorOf(ctx, actor), {
        action: "agent_version.publish",
        subjectId: id,
        changes: changesBetween(version, { published: true }),
        at: now,
      });
      return tx.agentVersion.update({
        where: { id },
        data: { published: true, publishedAt: now, updatedAt: now },
      });
    });
    this.onChange();
    return written;
  }

  async configSchema(ctx: RequestContext): Promise<object> {
    await requireScope(ctx, READ_AGENTS);
    this.jsonSchema ??= agentConfigJsonSchema(this.configRules);
    return this.jsonSchema;
  }

  /** A page of an agent's versions, batched over all agents of the request. */
  async versionsOf(
    ctx: RequestContext,
    agent: { id: string },
    page: PageRequest,
  ): Promise<Page<AgentVersion>> {
    await requireScope(ctx, READ_AGENTS);
    return ctx.loaders.versionsOfAgent.load({
      parentId: agent.id,
      first: page.first,
      after: page.after ?? undefined,
    });
  }

  /** Batched, too. Null: there is none. */
  async newestVersionOf(
    ctx: RequestContext,
    agent: { id: string },
    published: boolean,
  ): Promise<AgentVersion | null> {
    await requireScope(ctx, READ_AGENTS);
    return (await ctx.loaders.newestVersion.load({ agentId: agent.id, published })) ?? null;
  }

  /** What of a version's config has no effect here. */
  async warningsOf(ctx: RequestContext, version: { config: unknown }): Promise<ConfigWarning[]> {
    await requireScope(ctx, READ_AGENTS);
    return warningsOf(version.config, this.models);
  }

  async agentOf(ctx: RequestContext, version: { agentId: string }): Promise<Agent | undefined> {
    await requireScope(ctx, READ_AGENTS);
    return ctx.loaders.agent.load(version.agentId);
  }

  private async find(db: Transaction, organizationId: string, id: string): Promise<Agent> {
    const agent = await db.agent.findFirst({ where: { id, organizationId, deletedAt: null } });
    if (!agent) throw notFound("Agent");
    return agent;
  }

  private async findVersion(
    db: Transaction,
    agentId: string,
    version: number,
  ): Promise<AgentVersion> {
    const row = await db.agentVersion.findUnique({
      where: { agentId_version: { agentId, version } },
    });
    if (!row) throw notFound("Agent version");
    return row;
  }

  private async baseConfig(tx: Transaction, agentId: string, version: number): Promise<object> {
    const row = await tx.agentVersion.findUnique({
      where: { agentId_version: { agentId, version } },
    });
    if (!row)
      throw invalid({
        path: "from.baseVersion",
        message: "The agent has no such version.",
        rule: "unknown_id",
      });
    return jsonObject(row.config);
  }

  private newestDraft(db: Transaction, agentId: string): Promise<AgentVersion | null> {
    return db.agentVersion.findFirst({
      where: { agentId, published: false },
      orderBy: { version: "desc" },
    });
  }

  private async newestVersion(tx: Transaction, agentId: string): Promise<AgentVersion> {
    const draft = await this.newestDraft(tx, agentId);
    const newest =
      draft ??
      (await tx.agentVersion.findFirst({ where: { agentId }, orderBy: { version: "desc" } }));
    if (!newest) throw notFound("Agent version");
    return newest;
  }

  /** `latest` [documented]: the draft, made from the newest version if there is none. The caller holds the agent's lock. */
  private async latestDraft(
    tx: Transaction,
    author: OrganizationAuthor,
    agentId: string,
  ): Promise<AgentVersion> {
    const newest = await this.newestVersion(tx, agentId);
    if (!newest.published) return newest;
    return this.insertVersion(tx, author, agentId, jsonObject(newest.config));
  }

  /** The caller holds the agent's row lock, so that no number is given twice. */
  private async insertVersion(
    tx: Transaction,
    author: OrganizationAuthor,
    agentId: string,
    config: object,
  ): Promise<AgentVersion> {
    const newest = await tx.agentVersion.aggregate({ where: { agentId }, _max: { version: true } });
    const { organizationId } = author;
    const [id, now] = [randomUUID(), this.now()];
    const fields = {
      agentId,
      version: (newest._max.version ?? 0) + 1,
      published: false,
      config: jsonColumn(config),
    };
    await recordAudit(tx, author, {
      action: "agent_version.create",
      subjectId: id,
      changes: changesBetween({}, fields),
      at: now,
    });
    const times = { createdAt: now, updatedAt: now };
    return tx.agentVersion.create({ data: { id, organizationId, ...fields, ...times } });
  }
}

async function requireAgentLock(
  tx: Transaction,
  organizationId: string,
  id: string,
): Promise<void> {
  if (!(await lockAgent(tx, organizationId, id))) throw notFound("Agent");
}

function checkAgentFields(input: CreateAgentInput | UpdateAgentInput): void {
  checkText("name", input.name, AGENT_TEXTS.name);
  checkText("description", input.description, AGENT_TEXTS.description);
  if (input.metadata && jsonBytes(input.metadata) > METADATA_BYTES) {
    throw invalid({
      path: "metadata",
      message: `Must be at most ${METADATA_BYTES} bytes of JSON.`,
      rule: "bytes",
      max: METADATA_BYTES,
    });
  }
}
