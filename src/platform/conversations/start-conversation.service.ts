import { randomUUID } from "node:crypto";
import { readAgentConfig } from "../agents/agent-config.js";
import type { SignedIdentity } from "../auth/identity-token.js";
import type { RateLimits } from "../auth/rate-limits.js";
import { hashVisitorKey, newVisitorKey } from "../auth/visitor-token.js";
import type { HostPage } from "../../protocol/worker-api.js";
import type { RequestContext } from "../auth/context.js";
import type { Database } from "../database/client.js";
import {
  insertNextRoom,
  readVisited,
  resumeUnchanged,
  type NextRoom,
  type Visited,
} from "../database/hot-resume.js";
import {
  holdConversation,
  holdVisits,
  insertConversation,
  type StartedRow,
  type StartOutcome,
} from "../database/hot-statements.js";
import { jsonObject, jsonValue } from "../database/json-column.js";
import type { Prepared, Statements } from "../database/prepared.js";
import { isUniqueViolation } from "../database/prisma-errors.js";
import { AppError } from "../errors.js";
import type { Rooms } from "../livekit/rooms.js";
import type { LiveWidget } from "../widgets/live-widgets.service.js";
import type { PublicWidgetService } from "../widgets/public-widget.service.js";
import { shareVisits, visitsOf } from "../widgets/visit-lock.js";
import { startsPerMinute } from "../widgets/widget-limits.js";
import type { WidgetRow } from "../widgets/widget.service.js";
import { checkConsent, consentColumn, requireConsent } from "./given-consent.js";
import type { ConsentInput, StartConversationInput } from "./conversation.input.js";
import type { StartConversationPayload } from "./conversation.payload.js";
import { fallbackStatus, freshRoom, tokenEnd } from "./fresh-room.js";
import { lockConversation } from "./lock-conversation.js";
import { answerStart, type Opened, type StartAnswerDependencies } from "./start-answer.js";
import { usedBefore, type StartOnceService } from "./start-once.service.js";
import { checkMetadataSize, checkUserId, readMetadata, checkHostPage } from "./start-input.js";
import { requireReady, versionUnpublished } from "./start-refusals.js";
import type { TalkSharesService } from "./talk-shares.service.js";
import {
  holdsKey,
  requireOfWidget,
  tokenNeeded,
  type Visitor,
  type VisitorService,
} from "./visitor.service.js";

export interface StartConversationDependencies extends StartAnswerDependencies {
  readonly db: Database;
  readonly prepared: Prepared;
  readonly gate: PublicWidgetService;
  readonly visitors: VisitorService;
  readonly once: StartOnceService;
  readonly shares: TalkSharesService;
  readonly limits: RateLimits;
  readonly rooms: Rooms;
  readonly now: () => Date;
}

/** What the visitor asks for. */
interface Request {
  readonly widgetId: string;
  readonly userId: string;
  readonly metadata: Record<string, unknown>;
  readonly conversationId: string | undefined;
  readonly identityToken: string | undefined;
  readonly page: HostPage | undefined;
  readonly consent: ConsentInput | undefined;
}

/** Who they turned out to be, as far as it was known when the widget was read. */
interface Admission {
  readonly widget: WidgetRow;
  readonly visitor: Visitor | undefined;
  readonly identity: SignedIdentity | undefined;
  /** Names the start, if it may come again. */
  readonly startHash: Uint8Array<ArrayBuffer> | undefined;
}

/** A resume that was decided, and by what. */
interface Resume extends Pick<Admission, "identity" | "startHash"> {
  readonly opened: Opened;
  readonly nextRoom: NextRoom;
  readonly revision: string;
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
   * `unauthenticated` (bound, and the visitor has neither its key nor its proven identity);
   * `rate_limited` for too many starts, and where nothing is left of what talks may use.
   */
  async start(
    ctx: RequestContext,
    input: StartConversationInput,
  ): Promise<StartConversationPayload> {
    await this.deps.limits.consume("start", ctx.clientIp, ctx);
    const { row: widget } = await this.deps.gate.open(ctx, input.widgetId);
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
      page: checkHostPage(input.page),
      consent: checkConsent(input.consent),
    };
    const opened = await this.deps.shares.noting(() =>
      this.deps.gate.decide(ctx, input.widgetId, (live, isFresh) =>
        request.conversationId === undefined
          ? this.begin(ctx, request, live, isFresh)
          : this.resume(ctx, request, live, request.conversationId),
      ),
    );
    if (opened.oldRoom !== undefined) this.deps.rooms.deleteInBackground([opened.oldRoom]);
    return answerStart(this.deps, ctx, opened);
  }

  /** @returns undefined when widget, version or visitor are not what they were taken for. */
  private async begin(
    ctx: RequestContext,
    request: Request,
    live: LiveWidget,
    isFresh: boolean,
  ): Promise<Opened | undefined> {
    const { row: widget, agent, version } = live;
    requireReady(widget);
    const { visitors } = this.deps;
    const visitor = isFresh
      ? await visitors.read(ctx.visitorToken, widget)
      : visitors.presume(ctx.visitorToken, widget);
    const ticketId = (await this.deps.gate.readTicket(ctx, widget))?.id;
    if (widget.strict && ticketId === undefined) {
      throw new AppError("unauthenticated", "Starting this widget needs an embed ticket.");
    }
    const admission = await this.admit(ctx, request, widget, visitor);
    const [outcome, opened] = await this.create(request, admission, { ticketId, live });
    if (outcome === "made") {
      // The answer has the agent's name.
      ctx.loaders.agent.prime(agent.id, agent);
      return { ...opened, vision: version.config.vision };
    }
    if (outcome === "made_before") return this.rejoin(admission, isFresh);
    if (isFresh && !version.published) throw versionUnpublished();
    return undefined;
  }

  private async admit(
    ctx: RequestContext,
    { userId, conversationId, identityToken }: Request,
    widget: WidgetRow,
    visitor: Visitor | undefined,
  ): Promise<Admission> {
    const identity = await this.deps.visitors.prove(widget, userId, { identityToken, visitor });
    const isVerified = identity !== undefined;
    const startHash = this.deps.once.hashOf(ctx, widget, {
      userId,
      conversationId,
      visitor,
      isVerified,
    });
    return { widget, visitor, identity, startHash };
  }

  /** One statement for a visitor who brings nothing; whose key may end meanwhile holds that back first. */
  private create(
    request: Request,
    admission: Admission,
    { ticketId, live }: { ticketId: string | undefined; live: LiveWidget },
  ): Promise<[StartOutcome, Omit<Opened, "vision">]> {
    const { prepared, visitors, once, shares } = this.deps;
    const { widget, visitor, identity, startHash } = admission;
    if (!visitor && !identity && !live.hasUsageLimits) {
      const fresh = { key: newVisitorKey(), since: undefined };
      return this.insert(prepared, request, admission, { ...fresh, ticketId });
    }
    return this.transaction(live, async (tx) => {
      const share = live.hasUsageLimits
        ? await shares.reserve(tx, widget, () => once.wasMade(tx, startHash))
        : undefined;
      await holdVisits(tx, visitsOf(widget.id));
      const { key, since } = await visitors.keyFor(tx, visitor, request.userId);
      const done = await this.insert(tx, request, admission, { key, since, ticketId });
      const [outcome, { row, room }] = done;
      if (outcome !== "made") return done;
      if (identity) await once.useUp(tx, widget.id, identity, startHash);
      if (share) await shares.keep(tx, share, { conversationId: row.id, room: room.name });
      return done;
    });
  }

  private transaction<T>(
    { row, hasUsageLimits }: LiveWidget,
    work: (tx: Statements) => Promise<T>,
  ): Promise<T> {
    const { prepared, shares } = this.deps;
    const run = (): Promise<T> => prepared.transaction(work);
    return hasUsageLimits ? shares.inLine(row.organizationId, run) : run();
  }

  private async insert(
    db: Statements,
    { userId, metadata, page, consent }: Request,
    { widget, identity, startHash }: Admission,
    {
      key,
      since,
      ticketId,
    }: { key: string; since: number | undefined; ticketId: string | undefined },
  ): Promise<[StartOutcome, Omit<Opened, "vision">]> {
    const room = freshRoom();
    const isVerified = identity !== undefined;
    const now = this.deps.now();
    const row: StartedRow = {
      id: randomUUID(),
      organizationId: widget.organizationId,
      direction: "inbound",
      channel: "webrtc",
      status: "token_created",
      userId,
      agentId: widget.agentId,
      agentVersionId: widget.agentVersionId,
      webWidgetId: widget.id,
      duration: null,
      userTurnCount: 0,
      initialContext: null,
      summary: null,
      customMetadata: jsonValue(metadata),
      // What is said to be verified must not be open to whoever knows the name.
      bound: ticketId !== undefined || isVerified,
      visitorKeyHash: hashVisitorKey(key),
      userVerified: isVerified,
      identityMetadata: identity?.metadata ? jsonValue(identity.metadata) : null,
      consent: consentColumn(requireConsent(widget.config, consent, { now })),
      embedTicketId: ticketId ?? null,
      currentRoom: room.name,
      createdAt: now,
      updatedAt: now,
    };
    const outcome = await insertConversation(db, {
      widget,
      visits: visitsOf(widget.id),
      row,
      room: { ...room, tokenExpiresAt: tokenEnd(this.deps.now()), page },
      startKey: this.deps.once.keep(startHash, { conversationId: row.id, key }),
    }).catch((error: unknown) => {
      throw isUniqueViolation(error, "embed_ticket_id")
        ? usedBefore("embed ticket", { cause: error })
        : error;
    });
    return [outcome, { widget, row, room, token: { key, since, proof: identity } }];
  }

  /** The same start again: the same conversation and its room, which has not been answered or not been heard of. */
  private rejoin(
    { widget, visitor, identity, startHash }: Admission,
    isFresh: boolean,
  ): Promise<Opened | undefined> {
    return this.deps.db.$transaction(async (tx) => {
      if (!(await shareVisits(tx, widget))) return undefined;
      const keyHash = visitor?.keyHash;
      if (keyHash && (await tx.endedVisitorKey.findUnique({ where: { keyHash } }))) {
        return undefined;
      }
      const made = startHash && (await this.deps.once.find(tx, startHash));
      if (!made) {
        // Forgotten meanwhile, by a logout; or kept under another APP_SECRET.
        if (isFresh) throw usedBefore("Idempotency-Key");
        return undefined;
      }
      const row = await lockConversation(tx, made.conversationId);
      const version = await tx.agentVersion.findUniqueOrThrow({
        where: { id: row.agentVersionId },
      });
      if (!version.published) throw versionUnpublished();
      const room = await tx.conversationRoom.update({
        where: { name: row.currentRoom },
        data: { tokenExpiresAt: tokenEnd(this.deps.now()) },
      });
      const since = visitor?.claims.key === made.key ? visitor.claims.since : undefined;
      const token = { key: made.key, since, proof: identity };
      return { widget, vision: readAgentConfig(version.config).vision, row, room, token };
    });
  }

  /** @returns undefined when the widget is not what it was taken for. */
  private async resume(
    ctx: RequestContext,
    request: Request,
    live: LiveWidget,
    conversationId: string,
  ): Promise<Opened | undefined> {
    const { row: widget, agent } = live;
    requireReady(widget);
    // The answer has its agent's name, which is mostly still the widget's.
    ctx.loaders.agent.prime(agent.id, agent);
    const { prepared, once, shares } = this.deps;
    const presumed = this.deps.visitors.presume(ctx.visitorToken, widget);
    const keyHash = presumed?.keyHash ?? null;
    const visits = visitsOf(widget.id);
    const asked = { widget, keyHash, conversationId };
    // Mostly nobody else is at it: what was read is still so when it is written. A token that works
    // once is used up in the same transaction, and a share is taken there.
    if (request.identityToken === undefined && !live.hasUsageLimits) {
      const visited = await readVisited(prepared, asked);
      if (!visited.isWidgetUnchanged) return undefined;
      const next = await this.decideResume(ctx, request, widget, { visited, presumed });
      const { revision, opened, nextRoom } = next;
      const from = { widget, visits, revision, keyHash: visited.isKeyEnded ? null : keyHash };
      if (await resumeUnchanged(prepared, from, opened.row, nextRoom)) return opened;
    }
    return this.transaction(live, async (tx) => {
      if (live.hasUsageLimits) await shares.lock(tx, widget.organizationId);
      await holdConversation(tx, { visits, widgetId: widget.id, id: conversationId });
      const visited = await readVisited(tx, asked);
      if (!visited.isWidgetUnchanged) return undefined;
      const next = await this.decideResume(ctx, request, widget, { visited, presumed });
      const { opened, nextRoom, identity, startHash } = next;
      if (identity) await once.useUp(tx, widget.id, identity, startHash);
      const share = live.hasUsageLimits
        ? await shares.divide(tx, widget.id, conversationId)
        : undefined;
      await insertNextRoom(tx, opened.row, nextRoom);
      if (share) await shares.keep(tx, share, { conversationId, room: nextRoom.name });
      return opened;
    });
  }

  /** What becomes of a conversation that its visitor comes back to. @throws AppError as `start`, for a resume. */
  private async decideResume(
    ctx: RequestContext,
    request: Request,
    widget: WidgetRow,
    { visited, presumed }: { visited: Visited; presumed: Visitor | undefined },
  ): Promise<Resume> {
    const { userId, metadata, page } = request;
    const now = this.deps.now();
    const visitor = visited.isKeyEnded ? undefined : presumed;
    const { identity, startHash } = await this.admit(ctx, request, widget, visitor);
    const before = requireOfWidget(widget, visited.found?.row);
    const hasKey = visitor !== undefined && holdsKey(visitor, before);
    const isTheirs = before.userId === userId;
    const hasRight = hasKey || (identity !== undefined && before.userVerified && isTheirs);
    // Refused before the name is compared: without a right nobody learns whether it is the right one.
    if ((before.bound || widget.strict) && !hasRight) throw tokenNeeded();
    if (!isTheirs) throw new AppError("forbidden", "The conversation belongs to another visitor.");
    const consent = requireConsent(widget.config, request.consent, {
      before: before.consent,
      isTheirs: hasRight,
      now,
    });
    if (!visited.found?.version.published) throw versionUnpublished();
    const old = jsonObject(before.customMetadata);
    // A name alone adds to what is known, and changes nothing of it.
    const merged = hasRight ? { ...old, ...metadata } : { ...metadata, ...old };
    checkMetadataSize(merged);
    const isVerified = identity !== undefined && hasRight;
    const room = freshRoom();
    const row: StartedRow = {
      ...before,
      status: "token_created",
      customMetadata: jsonValue(merged),
      // Begun without a proof, it passes to the proven visitor who has its key too.
      ...(isVerified ? { userVerified: true, bound: true } : {}),
      ...(isVerified && identity.metadata
        ? { identityMetadata: jsonValue(identity.metadata) }
        : {}),
      consent: consentColumn(consent),
      currentRoom: room.name,
      updatedAt: now,
    };
    const nextRoom = {
      ...room,
      tokenExpiresAt: tokenEnd(now),
      page,
      fallbackStatus: fallbackStatus(before.status, visited.found.fallbackStatus),
      opensTranscript: hasRight,
      userVerified: isVerified,
    };
    const isSame = hasKey || visitor?.claims.userId === userId;
    const kept = isSame ? visitor?.claims : undefined;
    const token = { key: kept?.key ?? newVisitorKey(), since: kept?.since, proof: identity };
    const { vision } = readAgentConfig({ vision: visited.found.version.vision });
    const opened = { widget, vision, row, room, oldRoom: before.currentRoom, token };
    return { opened, nextRoom, revision: visited.found.revision, identity, startHash };
  }
}
