import { randomBytes, randomUUID } from "node:crypto";
import { readAgentConfig } from "../agents/agent-config.js";
import { authorOf } from "../audit/author.js";
import { recordAudit } from "../audit/record-audit.js";
import type { RequestContext } from "../auth/context.js";
import type { RateLimits } from "../auth/rate-limits.js";
import { requireScope } from "../auth/require-scope.js";
import { MANAGE_AGENTS, READ_WIDGETS } from "../auth/scopes.js";
import type { SessionService } from "../auth/sessions.service.js";
import { hashSecret } from "../auth/token-secret.js";
import { newVisitorKey } from "../auth/visitor-token.js";
import type { Database, Transaction } from "../database/client.js";
import type { DraftPreview } from "../database/generated/client.js";
import { jsonColumn, jsonObject } from "../database/json-column.js";
import { statementsOf } from "../database/statements-of.js";
import { AppError, notFound } from "../errors.js";
import type { StartConversationPayload } from "./conversation.payload.js";
import type { CreateDraftPreviewInput } from "./draft-preview.input.js";
import type { CreateDraftPreviewPayload } from "./draft-preview.payload.js";
import { freshRoom, tokenEnd } from "./fresh-room.js";
import { answerStart, type Opened, type StartAnswerDependencies } from "./start-answer.js";
import { readMetadata } from "./start-input.js";
import type { TalkSharesService } from "./talk-shares.service.js";

/** How long a token may be used, once. */
const TOKEN_SECONDS = 10 * 60;
/** Of one person, not used and not over: each keeps a snapshot. */
const MOST_OPEN = 20;

export interface DraftPreviewDependencies extends StartAnswerDependencies {
  readonly db: Database;
  readonly sessions: SessionService;
  readonly shares: TalkSharesService;
  readonly limits: RateLimits;
  readonly now: () => Date;
}

/** What the panel starts a test with. */
export interface TestStart {
  readonly token: string;
  readonly customMetadata?: object | null;
}

/** Lets people of an organization try a version before anybody else meets it (contract section 7). */
export class DraftPreviewService {
  constructor(private readonly deps: DraftPreviewDependencies) {}

  /**
   * Takes down what version and look are now, and makes the token that a test begins with.
   *
   * @throws AppError `forbidden` for whoever is not signed in to the console; `not_found` for agent, version and
   * widget; `conflict` when the person has as many that they have not used.
   */
  async create(
    ctx: RequestContext,
    input: CreateDraftPreviewInput,
  ): Promise<CreateDraftPreviewPayload> {
    const actor = await requireScope(ctx, MANAGE_AGENTS);
    const { agentId, version, widgetId } = input;
    if (widgetId) await requireScope(ctx, READ_WIDGETS);
    const { kind, id: sessionId, userId, organizationId } = actor;
    if (kind !== "console_session" || userId === undefined) {
      throw new AppError("forbidden", "Only who is signed in to the console tries a version.");
    }
    const { db, agents, hasVoice } = this.deps;
    const token = `dp_${randomBytes(32).toString("base64url")}`;
    const now = this.deps.now();
    const expiresAt = new Date(now.getTime() + TOKEN_SECONDS * 1000);
    const kept = await db.$transaction(async (tx) => {
      const found = await tx.agentVersion.findFirst({
        where: { agentId, version, agent: { organizationId, deletedAt: null } },
      });
      if (!found) throw notFound("Agent version");
      const widgetConfig = widgetId ? await lookOf(tx, organizationId, widgetId) : {};
      await requireFewOpen(tx, userId, now);
      await recordAudit(tx, authorOf(ctx, actor), {
        action: "agent_version.try",
        subjectId: found.id,
        changes: [],
        at: now,
      });
      return tx.draftPreview.create({
        data: {
          id: randomUUID(),
          tokenHash: hashSecret(token),
          userId,
          sessionId,
          organizationId,
          agentVersionId: found.id,
          agentConfig: jsonColumn(jsonObject(found.config)),
          widgetConfig: jsonColumn(widgetConfig),
          expiresAt,
        },
      });
    });
    const { vision, quick_actions: quickActions } = readAgentConfig(kept.agentConfig);
    return {
      token,
      expiresAt,
      widgetConfig: jsonObject(kept.widgetConfig),
      quickActions: [...(quickActions ?? [])],
      capabilities: {
        supportsVideoInput: vision?.video_input === true,
        supportsScreenShare: vision?.screen_share === true,
        supportsVoice: hasVoice,
        agentAvailable: await agents.available(),
      },
    };
  }

  /**
   * Begins the test that a token stands for, as a start does for a visitor. One that is refused has not used it.
   *
   * @param read what is asked for, once the call is counted.
   * @throws AppError `unauthenticated` for a token that is unknown, used or over, or whose person may not make it any
   * more; what `read` throws; `not_found` when the agent was deleted; `rate_limited` as a start, by the organization's limits alone.
   */
  async start(ctx: RequestContext, read: () => TestStart): Promise<StartConversationPayload> {
    await this.deps.limits.consume("start", ctx.clientIp, ctx);
    const input = read();
    const customMetadata = readMetadata(input.customMetadata);
    const { db, shares } = this.deps;
    const tokenHash = hashSecret(input.token);
    const found = await db.draftPreview.findUnique({ where: { tokenHash } });
    if (!found) throw tokenOver();
    const { organizationId } = found;
    const opened = await shares.noting(() =>
      shares.inLine(organizationId, () =>
        db.$transaction((tx) => this.open(tx, found, customMetadata)),
      ),
    );
    return answerStart(this.deps, ctx, opened);
  }

  /** Removes what was not used in time. What was used goes with its conversation. */
  async sweep(): Promise<void> {
    await this.deps.db.draftPreview.deleteMany({
      where: { conversationId: null, expiresAt: { lte: this.deps.now() } },
    });
  }

  private async open(
    tx: Transaction,
    { id, userId, sessionId, organizationId }: DraftPreview,
    customMetadata: object,
  ): Promise<Opened> {
    const { shares, sessions } = this.deps;
    const statements = statementsOf(tx);
    await shares.lock(statements, organizationId);
    // Under the lock nobody else uses it.
    const preview = await tx.draftPreview.findUnique({
      where: { id },
      include: { agentVersion: { include: { agent: true } } },
    });
    const now = this.deps.now();
    if (!preview || preview.conversationId !== null || preview.expiresAt <= now) throw tokenOver();
    const scopes = await sessions.scopesOf(tx, { id: sessionId, userId }, organizationId);
    if (!scopes.includes("agents:manage")) throw tokenOver();
    const { agent, id: agentVersionId } = preview.agentVersion;
    if (agent.deletedAt !== null) throw notFound("Agent");
    const share = await shares.divideForTest(statements, organizationId);
    const room = freshRoom();
    const row = await tx.conversation.create({
      data: {
        id: randomUUID(),
        organizationId,
        direction: "inbound",
        channel: "webrtc",
        status: "token_created",
        userId: `guest_${randomUUID()}`,
        testerId: userId,
        agentId: agent.id,
        agentVersionId,
        customMetadata: jsonColumn(customMetadata),
        // Nothing opens it to a visitor: it is no widget's.
        bound: true,
        currentRoom: room.name,
        createdAt: now,
        updatedAt: now,
        rooms: {
          create: {
            ...room,
            fallbackStatus: "cancelled",
            tokenExpiresAt: tokenEnd(now),
            createdAt: now,
          },
        },
      },
    });
    await shares.keep(statements, share, { conversationId: row.id, room: room.name });
    await tx.draftPreview.update({ where: { id }, data: { conversationId: row.id } });
    return {
      widget: { id, tokenGeneration: 0 },
      vision: readAgentConfig(preview.agentConfig).vision,
      row,
      room,
      token: { key: newVisitorKey(), since: undefined, proof: undefined },
    };
  }
}

/** What a widget looks like, or will when its draft is saved. @throws AppError `not_found`. */
async function lookOf(tx: Transaction, organizationId: string, id: string): Promise<object> {
  const widget = await tx.widget.findFirst({
    where: { id, organizationId, deletedAt: null },
    include: { draft: true },
  });
  if (!widget) throw notFound("Widget");
  const drafted: unknown = Reflect.get(jsonObject(widget.draft?.fields ?? {}), "config");
  return typeof drafted === "object" && drafted !== null ? drafted : jsonObject(widget.config);
}

async function requireFewOpen(tx: Transaction, userId: string, now: Date): Promise<void> {
  const open = { userId, conversationId: null, expiresAt: { gt: now } };
  if ((await tx.draftPreview.count({ where: open })) < MOST_OPEN) return;
  throw new AppError("conflict", "You have too many tests that have not begun; wait ten minutes.");
}

function tokenOver(): AppError {
  return new AppError("unauthenticated", "This test cannot begin any more; make a new one.");
}
