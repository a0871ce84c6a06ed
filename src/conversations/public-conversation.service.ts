import { randomUUID } from "node:crypto";
import { readAgentConfig } from "../agents/agent-config.js";
import type { RateLimits } from "../auth/rate-limits.js";
import type { VisitorClaims, VisitorTokens } from "../auth/visitor-token.js";
import type { LiveKitAccess } from "../config.js";
import type { RequestContext } from "../context.js";
import type { Database } from "../database/client.js";
import { Filters } from "../database/filters.js";
import {
  Prisma,
  type Agent,
  type Conversation as ConversationRow,
  type ConversationStatus,
} from "../database/generated/client.js";
import { jsonColumn, jsonObject } from "../database/json-column.js";
import { inOrder, pageOfIds, type Page } from "../database/paging.js";
import { isUniqueViolation } from "../database/prisma-errors.js";
import { AppError, invalid, notFound } from "../errors.js";
import { jsonBytes } from "../input-text.js";
import { createRoomToken, JOIN_TOKEN_SECONDS } from "../livekit/room-token.js";
import type { Rooms } from "../livekit/rooms.js";
import type { PublicWidgetService } from "../widgets/public-widget.service.js";
import { feedbackFieldIds } from "../widgets/widget-config.js";
import { startsPerMinute } from "../widgets/widget-limits.js";
import type { WidgetRow } from "../widgets/widget.service.js";
import type { AgentPresence } from "../workers/agent-presence.js";
import type { PublicConversationsArgs, StartConversationInput } from "./conversation.input.js";
import type {
  PublicConversation,
  StartedConversation,
  VisitorMessages,
} from "./conversation.type.js";
import { lockConversation } from "./lock-conversation.js";
import { isFinal } from "./status.js";
import { USER_ID } from "./user-id.js";

const METADATA_BYTES = 16 * 1024;
const FEEDBACK_BYTES = 16 * 1024;
/** Reserved inside `custom_metadata` [documented]. */
const FEEDBACK_KEY = "feedback_form";
const WITHOUT_CONTROL_CHARACTERS = new RegExp(USER_ID.pattern);

export interface PublicConversationDependencies {
  readonly db: Database;
  readonly gate: PublicWidgetService;
  readonly visitorTokens: VisitorTokens;
  readonly limits: RateLimits;
  readonly rooms: Rooms;
  readonly agents: AgentPresence;
  readonly livekit: LiveKitAccess;
  readonly agentName: string;
  readonly now: () => Date;
}

interface FreshRoom {
  readonly name: string;
  readonly visitorIdentity: string;
  readonly tokenExpiresAt: Date;
}

/** Who comes, through which widget, and the room that waits for them. */
interface Visit {
  readonly widget: WidgetRow;
  readonly room: FreshRoom;
  readonly userId: string;
  readonly metadata: Record<string, unknown>;
  /** Of the visitor token that they brought. */
  readonly claims: VisitorClaims | undefined;
}

/** A conversation with its room, and what its next visitor token says. */
interface Opened {
  readonly row: ConversationRow;
  readonly token: Pick<VisitorClaims, "opensMessages"> & { readonly since: number | undefined };
}

/** What a visitor does with conversations (contract section 5). */
export class PublicConversationService {
  constructor(private readonly deps: PublicConversationDependencies) {}

  /**
   * Starts a conversation, or resumes one in a fresh room. Works while LiveKit is unreachable.
   *
   * @throws AppError `conflict` while the agent version is not published; for a resume `not_found`
   * (unknown, another organization's), `forbidden` (another widget's, another visitor's),
   * `unauthenticated` (bound, without its visitor's token).
   */
  async start(
    ctx: RequestContext,
    widgetId: string,
    input: StartConversationInput,
  ): Promise<StartedConversation> {
    await this.deps.limits.consume("start", ctx.clientIp, ctx);
    const widget = await this.deps.gate.open(ctx, widgetId);
    // After the address's own, so that who is refused there does not use up everybody's share.
    const allowed = startsPerMinute(widget.limits);
    if (allowed !== undefined) await this.deps.limits.consumeStart(widget.id, allowed, ctx);
    checkUserId(input.userId);
    const metadata = readMetadata(input.customMetadata);
    const resumes = input.conversationId ?? undefined;
    if (widget.strict && widget.domains.length === 0) {
      throw new AppError(
        "conflict",
        "This widget is not ready: strict security needs at least one domain.",
      );
    }
    const claims = await this.deps.visitorTokens.read(ctx.visitorToken, widget);
    const visit = { widget, room: this.freshRoom(), userId: input.userId, metadata, claims };
    const opened =
      resumes === undefined
        ? await this.create(ctx, visit)
        : await this.resume(ctx, visit, resumes);
    return this.answer(ctx, visit, opened);
  }

  async list(
    ctx: RequestContext,
    widgetId: string,
    args: PublicConversationsArgs,
  ): Promise<Page<PublicConversation>> {
    await this.deps.limits.consume("public_list", ctx.clientIp, ctx);
    const widget = await this.deps.gate.open(ctx, widgetId);
    const claims = await this.deps.visitorTokens.read(ctx.visitorToken, widget);
    if (widget.strict && !claims) throw tokenNeeded();
    const visible = claims
      ? Prisma.sql`(NOT bound OR user_id = ${claims.userId})`
      : Prisma.sql`NOT bound`;
    const filters = new Filters()
      .equals("web_widget_id", widget.id, "uuid")
      .equals("channel", args.channel ?? "webrtc", "channel")
      .equals("status", args.status, "conversation_status")
      .equals("user_id", args.userId)
      .between("created_at", args.createdAfter, args.createdBefore)
      .add(visible);
    const ids = await pageOfIds(this.deps.db, "conversations", filters.conditions, args);
    const page = await inOrder(ids, (items) =>
      this.deps.db.conversation.findMany({ where: { id: { in: items } } }),
    );
    const named = new Set([args.userId, claims?.userId]);
    return { ...page, items: page.items.map((row) => toPublic(row, named.has(row.userId))) };
  }

  /**
   * Checks in the documented order: 413, 404, 403, 400 no form, 400 nothing valid, 409.
   *
   * @throws AppError `conflict` for a second submission, also when several arrive at once.
   */
  async submitFeedback(
    ctx: RequestContext,
    widgetId: string,
    conversationId: string,
    data: object,
  ): Promise<void> {
    await this.deps.limits.consume("feedback", ctx.clientIp, ctx);
    if (jsonBytes(data) > FEEDBACK_BYTES) {
      throw new AppError(
        "payload_too_large",
        `Feedback may have at most ${FEEDBACK_BYTES} bytes of JSON.`,
      );
    }
    const widget = await this.deps.gate.open(ctx, widgetId);
    const conversation = await this.findOfWidget(widget, conversationId);
    await this.requireOwnToken(ctx, widget, conversation);
    const fieldIds = feedbackFieldIds(widget.config);
    if (!fieldIds)
      throw new AppError("bad_request", "No feedback form is configured for this widget.");
    const kept = Object.entries(data).filter(
      ([id, value]) => fieldIds.has(id) && isFeedbackValue(value),
    );
    if (kept.length === 0)
      throw new AppError("bad_request", "None of the values belongs to the feedback form.");
    const feedback = JSON.stringify(Object.fromEntries(kept));
    // One statement decides, so that of several submissions at once exactly one is kept.
    const count = await this.deps.db.$executeRaw`
      UPDATE conversations
      SET custom_metadata = jsonb_set(custom_metadata, '{feedback_form}', ${feedback}::jsonb), updated_at = ${this.deps.now()}
      WHERE id = ${conversationId}::uuid AND custom_metadata -> 'feedback_form' IS NULL`;
    if (count === 0)
      throw new AppError("conflict", "Feedback was already given for this conversation.");
  }

  /** The visitor's own turns and the agent's answers; only the token of this very conversation opens them. */
  async messages(
    ctx: RequestContext,
    widgetId: string,
    conversationId: string,
  ): Promise<VisitorMessages> {
    await this.deps.limits.consume("public_messages", ctx.clientIp, ctx);
    const widget = await this.deps.gate.open(ctx, widgetId);
    const claims = await this.deps.visitorTokens.read(ctx.visitorToken, widget);
    if (!claims) throw tokenNeeded();
    const conversation = await this.findOfWidget(widget, conversationId);
    if (!opens(claims, conversation.id)) {
      throw new AppError(
        "unauthenticated",
        "The visitor token does not open this conversation's messages.",
      );
    }
    const messages = await this.deps.db.turn.findMany({
      where: {
        conversationId: conversation.id,
        role: { in: ["user", "agent"] },
        // An agent that comes says it anew, and whole.
        cutOff: false,
      },
      orderBy: [{ createdAt: "asc" }, { id: "asc" }],
    });
    return { messages, visitorToken: await this.deps.visitorTokens.issue(claims) };
  }

  /** The agent's name is on the panel anyway. Batched. */
  agentOf(
    ctx: RequestContext,
    conversation: { agentId: string },
  ): Promise<Pick<Agent, "id" | "name"> | undefined> {
    return ctx.loaders.agent.load(conversation.agentId);
  }

  private async create(
    ctx: RequestContext,
    { widget, room, userId, metadata }: Visit,
  ): Promise<Opened> {
    const ticketId = await this.deps.gate.readTicket(ctx, widget);
    if (widget.strict && ticketId === undefined) {
      throw new AppError("unauthenticated", "Starting this widget needs an embed ticket.");
    }
    await this.requirePublished(ctx, widget.agentVersionId);
    const now = this.deps.now();
    try {
      const row = await this.deps.db.conversation.create({
        data: {
          id: randomUUID(),
          organizationId: widget.organizationId,
          direction: "inbound",
          channel: "webrtc",
          status: "token_created",
          userId,
          agentId: widget.agentId,
          agentVersionId: widget.agentVersionId,
          webWidgetId: widget.id,
          customMetadata: jsonColumn(metadata),
          bound: ticketId !== undefined,
          embedTicketId: ticketId ?? null,
          currentRoom: room.name,
          createdAt: now,
          updatedAt: now,
          rooms: { create: { ...room, fallbackStatus: "cancelled", createdAt: now } },
        },
      });
      return { row, token: { opensMessages: true, since: undefined } };
    } catch (error) {
      if (isUniqueViolation(error, "embed_ticket_id")) {
        throw new AppError("unauthenticated", "The embed ticket was used before.", {
          cause: error,
        });
      }
      throw error;
    }
  }

  private async resume(
    ctx: RequestContext,
    { widget, room, userId, metadata, claims }: Visit,
    conversationId: string,
  ): Promise<Opened> {
    const found = await this.findOfWidget(widget, conversationId);
    const needsToken = found.bound || widget.strict;
    // Before the name is compared: without a token nobody learns whether it is the right one.
    if (needsToken && !claims) throw tokenNeeded();
    if (found.userId !== userId) {
      throw new AppError("forbidden", "The conversation belongs to another visitor.");
    }
    if (needsToken && claims?.userId !== userId) throw tokenNeeded();
    await this.requirePublished(ctx, found.agentVersionId);
    const token = { opensMessages: opens(claims, conversationId), since: claims?.since };
    const now = this.deps.now();
    const { row, oldRoom } = await this.deps.db.$transaction(async (tx) => {
      const before = await lockConversation(tx, conversationId);
      const merged = { ...jsonObject(before.customMetadata), ...metadata };
      checkMetadataSize(merged);
      const previous = await tx.conversationRoom.findUnique({
        where: { name: before.currentRoom },
      });
      await tx.conversationRoom.create({
        data: {
          ...room,
          conversationId,
          fallbackStatus: fallbackStatus(before.status, previous?.fallbackStatus),
          opensTranscript: token.opensMessages,
          createdAt: now,
        },
      });
      const updated = await tx.conversation.update({
        where: { id: conversationId },
        data: {
          status: "token_created",
          customMetadata: jsonColumn(merged),
          currentRoom: room.name,
          updatedAt: now,
        },
      });
      return { row: updated, oldRoom: before.currentRoom };
    });
    this.deps.rooms.deleteInBackground([oldRoom]);
    return { row, token };
  }

  private async answer(
    ctx: RequestContext,
    { widget, room }: Visit,
    opened: Opened,
  ): Promise<StartedConversation> {
    const { row } = opened;
    const version = await ctx.loaders.agentVersion.load(row.agentVersionId);
    const vision = readAgentConfig(version?.config).vision ?? {};
    const capabilities = {
      videoInput: vision.video_input === true,
      screenShare: vision.screen_share === true,
    };
    const [token, visitorToken, agentAvailable] = await Promise.all([
      createRoomToken(this.deps.livekit, {
        room: room.name,
        identity: room.visitorIdentity,
        agentName: this.deps.agentName,
        agentMetadata: {
          conversation_id: row.id,
          widget_id: widget.id,
          agent_version_id: row.agentVersionId,
        },
        capabilities,
      }),
      this.deps.visitorTokens.issue({
        widgetId: widget.id,
        userId: row.userId,
        conversationId: row.id,
        generation: widget.tokenGeneration,
        ...opened.token,
      }),
      this.deps.agents.available(),
    ]);
    return {
      conversation: toPublic(row, true),
      connectionDetails: { url: this.deps.livekit.url, token, room: room.name },
      capabilities: {
        supportsVideoInput: capabilities.videoInput,
        supportsScreenShare: capabilities.screenShare,
        agentAvailable,
      },
      visitorToken,
    };
  }

  private async findOfWidget(widget: WidgetRow, conversationId: string): Promise<ConversationRow> {
    const row = await this.deps.db.conversation.findFirst({
      where: { id: conversationId, organizationId: widget.organizationId },
    });
    if (!row) throw notFound("Conversation");
    if (row.webWidgetId !== widget.id) {
      throw new AppError("forbidden", "The conversation belongs to another widget.");
    }
    return row;
  }

  /** For a bound conversation, only a token of that very one, and none that was got by naming its visitor. */
  private async requireOwnToken(
    ctx: RequestContext,
    widget: WidgetRow,
    row: ConversationRow,
  ): Promise<void> {
    if (!row.bound && !widget.strict) return;
    const claims = await this.deps.visitorTokens.read(ctx.visitorToken, widget);
    if (!opens(claims, row.id)) throw tokenNeeded();
  }

  private async requirePublished(ctx: RequestContext, versionId: string): Promise<void> {
    const version = await ctx.loaders.agentVersion.load(versionId);
    if (!version?.published)
      throw new AppError("conflict", "The widget's agent version is not published.");
  }

  private freshRoom(): FreshRoom {
    return {
      name: `parley_${randomUUID()}`,
      visitorIdentity: `visitor_${randomUUID()}`,
      tokenExpiresAt: new Date(this.deps.now().getTime() + JOIN_TOKEN_SECONDS * 1000),
    };
  }
}

/** Where a resumed conversation returns to when nobody joins: the final status it had. */
function fallbackStatus(
  status: ConversationStatus,
  earlier: ConversationStatus | undefined,
): ConversationStatus {
  if (isFinal(status)) return status;
  // Nobody joined yet: the room before already knew what to return to. Otherwise somebody was in it.
  return status === "token_created" && earlier ? earlier : "completed";
}

/** Whether a visitor token opens what was said in this very conversation. */
function opens(claims: VisitorClaims | undefined, conversationId: string): boolean {
  return claims !== undefined && claims.opensMessages && claims.conversationId === conversationId;
}

function toPublic(row: ConversationRow, named: boolean): PublicConversation {
  return { ...row, userId: named ? row.userId : null };
}

function checkUserId(userId: string): void {
  const length = [...userId].length;
  const { minLength, maxLength } = USER_ID;
  if (length < minLength || length > maxLength)
    throw invalid({ path: "userId", message: `Must be ${minLength} to ${maxLength} characters.` });
  if (!WITHOUT_CONTROL_CHARACTERS.test(userId)) {
    throw invalid({ path: "userId", message: "Control characters are not allowed." });
  }
}

function readMetadata(input: object | null | undefined): Record<string, unknown> {
  const { [FEEDBACK_KEY]: _reserved, ...metadata } = { ...input } as Record<string, unknown>;
  checkMetadataSize(metadata);
  return metadata;
}

function checkMetadataSize(metadata: Record<string, unknown>): void {
  const { [FEEDBACK_KEY]: _feedback, ...own } = metadata;
  if (jsonBytes(own) > METADATA_BYTES) {
    throw invalid({
      path: "customMetadata",
      message: `Must be at most ${METADATA_BYTES} bytes of JSON.`,
    });
  }
}

/** A scalar or a list of scalars. */
function isFeedbackValue(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isScalar);
  return isScalar(value);
}

function isScalar(value: unknown): boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

function tokenNeeded(): AppError {
  return new AppError("unauthenticated", "This needs the conversation's visitor token.");
}
