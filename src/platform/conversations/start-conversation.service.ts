import { randomUUID } from "node:crypto";
import { readAgentConfig } from "../agents/agent-config.js";
import type { SignedIdentity } from "../auth/identity-token.js";
import type { RateLimits } from "../auth/rate-limits.js";
import type { VisitorClaims, VisitorTokens } from "../auth/visitor-token.js";
import { hashVisitorKey, newVisitorKey } from "../auth/visitor-token.js";
import type { LiveKitAccess } from "../../process/environment.js";
import type { RequestContext } from "../auth/context.js";
import type { Database, Transaction } from "../database/client.js";
import type {
  AgentVersion,
  Conversation as ConversationRow,
  ConversationStatus,
} from "../database/generated/client.js";
import { jsonColumn, jsonObject } from "../database/json-column.js";
import { isUniqueViolation } from "../database/prisma-errors.js";
import { AppError, invalid } from "../errors.js";
import { jsonBytes } from "../../protocol/json-bytes.js";
import { createRoomToken, JOIN_TOKEN_SECONDS } from "../livekit/room-token.js";
import type { Rooms } from "../livekit/rooms.js";
import type { PublicWidgetService } from "../widgets/public-widget.service.js";
import { startsPerMinute } from "../widgets/widget-limits.js";
import type { WidgetRow } from "../widgets/widget.service.js";
import type { AgentPresence } from "../agents/agent-presence.js";
import type { StartConversationInput } from "./conversation.input.js";
import type { StartConversationPayload } from "./conversation.payload.js";
import { lockConversation } from "./lock-conversation.js";
import { UsedBeforeError, type StartOnceService } from "./start-once.service.js";
import { isFinal } from "./status.js";
import { USER_ID } from "./user-id.js";
import {
  findOfWidget,
  holdsKey,
  tokenNeeded,
  type Visitor,
  type VisitorService,
} from "./visitor.service.js";

const METADATA_BYTES = 16 * 1024;
/** Reserved inside `custom_metadata` [documented]. */
const FEEDBACK_KEY = "feedback_form";
const WITHOUT_CONTROL_CHARACTERS = new RegExp(USER_ID.pattern);

export interface StartConversationDependencies {
  readonly db: Database;
  readonly gate: PublicWidgetService;
  readonly visitors: VisitorService;
  readonly visitorTokens: VisitorTokens;
  readonly once: StartOnceService;
  readonly limits: RateLimits;
  readonly rooms: Rooms;
  readonly agents: AgentPresence;
  readonly livekit: LiveKitAccess;
  readonly agentName: string;
  readonly now: () => Date;
}

/** What the visitor asks for. */
interface Request {
  readonly widgetId: string;
  readonly userId: string;
  readonly metadata: Record<string, unknown>;
  readonly conversationId: string | undefined;
  readonly identityToken: string | undefined;
}

/** Who they turned out to be, in the transaction that writes it down. */
interface Admission {
  readonly widget: WidgetRow;
  readonly visitor: Visitor | undefined;
  readonly identity: SignedIdentity | undefined;
  /** Names the start, if it may come again. */
  readonly startHash: Uint8Array<ArrayBuffer> | undefined;
}

interface JoinableRoom {
  readonly name: string;
  readonly visitorIdentity: string;
}

/** A conversation with the room that waits for its visitor, and what their next token says. */
interface Opened {
  readonly widget: WidgetRow;
  readonly version: AgentVersion;
  readonly row: ConversationRow;
  readonly room: JoinableRoom;
  /** The room that a resume has replaced. */
  readonly oldRoom?: string;
  readonly token: Pick<VisitorClaims, "key" | "proof"> & { readonly since: number | undefined };
}

/** Starts conversations and resumes them (contract section 5). */
export class StartConversationService {
  constructor(private readonly deps: StartConversationDependencies) {}

  /**
   * Starts a conversation, or resumes one in a fresh room. Works while LiveKit is unreachable.
   *
   * @throws AppError `conflict` while the agent version is not published; `unauthenticated` for a
   * ticket or an identity token that is not good, or that works once and did; for a resume
   * `not_found` (unknown, another organization's), `forbidden` (another widget's, another visitor's),
   * `unauthenticated` (bound, and the visitor has neither its key nor its proven identity).
   */
  async start(
    ctx: RequestContext,
    input: StartConversationInput,
  ): Promise<StartConversationPayload> {
    await this.deps.limits.consume("start", ctx.clientIp, ctx);
    const widget = await this.deps.gate.open(ctx, input.widgetId);
    // Counted after the address's own limit: who is refused there must not use up everybody's share.
    const allowed = startsPerMinute(widget.limits);
    if (allowed !== undefined) await this.deps.limits.consumeStart(widget.id, allowed, ctx);
    checkUserId(input.userId);
    const request = {
      widgetId: input.widgetId,
      userId: input.userId,
      metadata: readMetadata(input.customMetadata),
      conversationId: input.conversationId ?? undefined,
      identityToken: input.identityToken ?? undefined,
    };
    const opened = await this.once(ctx, () =>
      this.deps.db.$transaction((tx) => this.open(tx, ctx, request)),
    );
    if (opened.oldRoom !== undefined) this.deps.rooms.deleteInBackground([opened.oldRoom]);
    return this.answer(opened);
  }

  /** Of the same start twice at once, the second waits for the first one's row, and then finds it. */
  private async once<T>(ctx: RequestContext, open: () => Promise<T>): Promise<T> {
    try {
      return await open();
    } catch (error) {
      if (ctx.idempotencyKey === undefined || !(error instanceof UsedBeforeError)) throw error;
      return await open();
    }
  }

  private async open(tx: Transaction, ctx: RequestContext, request: Request): Promise<Opened> {
    const { widget, visitor } = await this.deps.visitors.enter(tx, ctx, request.widgetId);
    if (widget.strict && widget.domains.length === 0) {
      throw new AppError(
        "conflict",
        "This widget is not ready: strict security needs at least one domain.",
        { reason: "strict_without_domains" },
      );
    }
    const { userId, conversationId, identityToken } = request;
    const ticketId =
      conversationId === undefined ? await this.deps.gate.readTicket(ctx, widget) : undefined;
    if (conversationId === undefined && widget.strict && ticketId === undefined) {
      throw new AppError("unauthenticated", "Starting this widget needs an embed ticket.");
    }
    const identity = await this.deps.visitors.prove(widget, userId, { identityToken, visitor });
    const startHash = this.deps.once.hashOf(ctx, widget, {
      userId,
      conversationId,
      visitor,
      isVerified: identity !== undefined,
    });
    const admission = { widget, visitor, identity, startHash };
    if (conversationId !== undefined) return this.resume(tx, request, admission, conversationId);
    const made = startHash && (await this.deps.once.find(tx, startHash));
    return made ? this.rejoin(tx, admission, made) : this.create(tx, request, admission, ticketId);
  }

  private async create(
    tx: Transaction,
    { userId, metadata }: Request,
    { widget, visitor, identity, startHash }: Admission,
    ticketId: string | undefined,
  ): Promise<Opened> {
    const version = await publishedVersion(tx, widget.agentVersionId);
    const { key, since } = await this.deps.visitors.keyFor(tx, visitor, userId);
    const room = freshRoom();
    const isVerified = identity !== undefined;
    const now = this.deps.now();
    const row = await tx.conversation
      .create({
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
          // What is said to be verified must not be open to whoever knows the name.
          bound: ticketId !== undefined || isVerified,
          visitorKeyHash: hashVisitorKey(key),
          userVerified: isVerified,
          ...(identity?.metadata ? { identityMetadata: jsonColumn(identity.metadata) } : {}),
          embedTicketId: ticketId ?? null,
          currentRoom: room.name,
          createdAt: now,
          updatedAt: now,
          rooms: {
            create: {
              ...room,
              tokenExpiresAt: this.tokenEnd(),
              fallbackStatus: "cancelled",
              userVerified: isVerified,
              createdAt: now,
            },
          },
        },
      })
      .catch((error: unknown) => {
        if (isUniqueViolation(error, "embed_ticket_id")) {
          throw new UsedBeforeError("embed ticket", { cause: error });
        }
        throw error;
      });
    if (identity) await this.deps.once.useUp(tx, widget.id, identity, startHash);
    if (startHash) await this.deps.once.keep(tx, startHash, { conversationId: row.id, key });
    return { widget, version, row, room, token: { key, since, proof: identity } };
  }

  /** The same start again: the same conversation and its room, which has not been answered or not been heard of. */
  private async rejoin(
    tx: Transaction,
    { widget, visitor, identity }: Admission,
    { conversationId, key }: { conversationId: string; key: string },
  ): Promise<Opened> {
    const row = await lockConversation(tx, conversationId);
    const version = await publishedVersion(tx, row.agentVersionId);
    const room = await tx.conversationRoom.update({
      where: { name: row.currentRoom },
      data: { tokenExpiresAt: this.tokenEnd() },
    });
    const since = visitor?.claims.key === key ? visitor.claims.since : undefined;
    return { widget, version, row, room, token: { key, since, proof: identity } };
  }

  private async resume(
    tx: Transaction,
    { userId, metadata }: Request,
    { widget, visitor, identity, startHash }: Admission,
    conversationId: string,
  ): Promise<Opened> {
    await findOfWidget(tx, widget, conversationId);
    const before = await lockConversation(tx, conversationId);
    const hasKey = visitor !== undefined && holdsKey(visitor, before);
    const isTheirs = before.userId === userId;
    const hasRight = hasKey || (identity !== undefined && before.userVerified && isTheirs);
    // Refused before the name is compared: without a right nobody learns whether it is the right one.
    if ((before.bound || widget.strict) && !hasRight) throw tokenNeeded();
    if (!isTheirs) throw new AppError("forbidden", "The conversation belongs to another visitor.");
    const version = await publishedVersion(tx, before.agentVersionId);
    if (identity) await this.deps.once.useUp(tx, widget.id, identity, startHash);
    const old = jsonObject(before.customMetadata);
    // A name alone adds to what is known, and changes nothing of it.
    const merged = hasRight ? { ...old, ...metadata } : { ...metadata, ...old };
    checkMetadataSize(merged);
    const isVerified = identity !== undefined && hasRight;
    const previous = await tx.conversationRoom.findUnique({ where: { name: before.currentRoom } });
    const room = freshRoom();
    const now = this.deps.now();
    await tx.conversationRoom.create({
      data: {
        ...room,
        conversationId,
        tokenExpiresAt: this.tokenEnd(),
        fallbackStatus: fallbackStatus(before.status, previous?.fallbackStatus),
        opensTranscript: hasRight,
        userVerified: isVerified,
        createdAt: now,
      },
    });
    const row = await tx.conversation.update({
      where: { id: conversationId },
      data: {
        status: "token_created",
        customMetadata: jsonColumn(merged),
        // Begun without a proof, it passes to the proven visitor who has its key too.
        ...(isVerified ? { userVerified: true, bound: true } : {}),
        ...(isVerified && identity.metadata
          ? { identityMetadata: jsonColumn(identity.metadata) }
          : {}),
        currentRoom: room.name,
        updatedAt: now,
      },
    });
    const isSame = hasKey || visitor?.claims.userId === userId;
    const kept = isSame ? visitor?.claims : undefined;
    const token = { key: kept?.key ?? newVisitorKey(), since: kept?.since, proof: identity };
    return { widget, version, row, room, oldRoom: before.currentRoom, token };
  }

  private async answer({
    widget,
    version,
    row,
    room,
    token,
  }: Opened): Promise<StartConversationPayload> {
    const vision = readAgentConfig(version.config).vision ?? {};
    const capabilities = {
      videoInput: vision.video_input === true,
      screenShare: vision.screen_share === true,
    };
    const [roomToken, visitorToken, agentAvailable] = await Promise.all([
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
        generation: widget.tokenGeneration,
        ...token,
      }),
      this.deps.agents.available(),
    ]);
    return {
      conversation: row,
      connectionDetails: { url: this.deps.livekit.url, token: roomToken, room: room.name },
      capabilities: {
        supportsVideoInput: capabilities.videoInput,
        supportsScreenShare: capabilities.screenShare,
        agentAvailable,
      },
      visitorToken,
    };
  }

  private tokenEnd(): Date {
    return new Date(this.deps.now().getTime() + JOIN_TOKEN_SECONDS * 1000);
  }
}

async function publishedVersion(tx: Transaction, id: string): Promise<AgentVersion> {
  const version = await tx.agentVersion.findUniqueOrThrow({ where: { id } });
  if (version.published) return version;
  throw new AppError("conflict", "The widget's agent version is not published.", {
    reason: "version_unpublished",
  });
}

function freshRoom(): JoinableRoom {
  return {
    name: `parley_${randomUUID()}`,
    visitorIdentity: `visitor_${randomUUID()}`,
  };
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
