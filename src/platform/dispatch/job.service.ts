import { randomUUID } from "node:crypto";
import { z } from "zod";
import { readAgentConfig } from "../agents/agent-config.js";
import type { AgentConfig } from "../../protocol/agent-config.js";
import type { SignedTokens } from "../auth/signed-token.js";
import type { RecentlyVerified } from "../auth/recently-verified.js";
import type { RequestContext } from "../auth/context.js";
import { toMessage } from "../conversations/conversation.service.js";
import type { ConversationMessage } from "../conversations/conversation.type.js";
import { lockConversation } from "../conversations/lock-conversation.js";
import { withoutFeedback } from "../conversations/start-input.js";
import { isFinal } from "../conversations/status.js";
import { UNLIMITED, type Share } from "../conversations/divide-talks.js";
import { TalkRefused } from "../conversations/talk-refused.js";
import type { ShareState, TalkSharesService } from "../conversations/talk-shares.service.js";
import type { Database, Transaction } from "../database/client.js";
import type { Prepared } from "../database/prepared.js";
import type { Conversation, ConversationRoom, Prisma, Turn } from "../database/generated/client.js";
import { jsonColumn } from "../database/json-column.js";
import { statementsOf } from "../database/statements-of.js";
import { AppError, notFound } from "../errors.js";
import type { Rooms } from "../livekit/rooms.js";
import { isWidgetLive } from "../widgets/is-widget-live.js";
import { readable } from "../../protocol/stored.js";
import { storeTurns } from "./store-turns.js";
import type { WorkerAuth } from "./worker-auth.js";
import {
  hostPage,
  type HostPage,
  type RoomAgent,
  type TalkLimit,
} from "../../protocol/worker-api.js";
import type { Claim, JobEnd, TurnInput } from "./worker-input.js";

/** Longer than any talk; the job's end is what really ends a token. */
const TOKEN_SECONDS = 24 * 60 * 60;
/** A resumed conversation is continued with this much of it. */
const TRANSCRIPT_TURNS = 200;

export interface JobDependencies {
  readonly db: Database;
  readonly prepared: Prepared;
  readonly auth: WorkerAuth;
  readonly verified: RecentlyVerified;
  readonly tokens: SignedTokens;
  readonly shares: TalkSharesService;
  readonly rooms: Rooms;
  /** Turns were stored, perhaps not for the first time. */
  readonly onTurns: (turns: readonly TurnInput[]) => void;
  readonly now: () => Date;
}

export interface JobClaim {
  readonly token: string;
  readonly conversationId: string;
  readonly expiresAt: Date;
}

/** What is known of whoever is in a room. */
interface KnownVisitor {
  readonly userId: string;
  /** Whether the website has signed for them. */
  readonly userVerified: boolean;
  /** What it has signed about them; null unless they are verified. */
  readonly identityMetadata: unknown;
  /** What they filled in and the website told; none for a visitor who resumed by a name alone. */
  readonly formValues: Readonly<Record<string, unknown>>;
  /** The website's page that they came from, on nobody's word. */
  readonly page: HostPage | null;
}

/** What a worker needs to know to hold a conversation. */
export interface Job extends KnownVisitor {
  readonly conversationId: string;
  /** The one participant to listen to. */
  readonly visitorIdentity: string;
  readonly agentId: string;
  readonly agentVersionId: string;
  readonly config: AgentConfig;
  /** What the agent needs to know of `config.v1`. */
  readonly widget: WidgetWords;
  /** Whether something was said, or the visitor was there, before this job. */
  readonly resumed: boolean;
  /** The last turns, oldest first; none for a visitor who resumed by a name alone. */
  readonly transcript: readonly JobTurn[];
  /** The talk's, where it is longer than `transcript`; null where there is none yet. */
  readonly summaryOfEarlier: string | null;
  /** What the talk may still use up. */
  readonly share: Share;
}

const storedWidget = z
  .object({
    v1: readable(
      z.object({
        language: readable(z.string()),
        default_mode: readable(z.enum(["text", "voice"])),
      }),
    ),
  })
  .catch({});
type WidgetWords = z.output<typeof storedWidget>["v1"] & object;

interface JobTurn extends ConversationMessage {
  /** Begun, and broken off by no visitor: the same turn is to be said anew. */
  readonly cutOff: boolean;
}

/** What a job token says. */
interface JobToken {
  readonly room: string;
  /** The claim that it was made for. */
  readonly jobId: string;
  /** Whether its talk has a share, and not as much as it wants. */
  readonly hasShare: boolean;
}

interface OpenJob {
  readonly room: ConversationRoom;
  readonly conversation: Conversation;
}

/**
 * A worker's jobs (contract section 5): it names a room and gets a token that is good for that
 * room's conversation alone, until the job ends. Which conversation that is, the platform decides.
 */
export class JobService {
  private readonly verifications = new WeakMap<RequestContext, Promise<JobToken>>();

  constructor(private readonly deps: JobDependencies) {}

  /**
   * Exchanges a room for a job token. A later claim of the same room, by a worker that took over,
   * ends the earlier one's token.
   *
   * @throws AppError `unauthenticated`; `not_found` for a room that is not ours; `conflict` when it
   * is over, superseded by a resume, of a widget no longer live, or has no share of its limits any more.
   */
  async claim(ctx: RequestContext, { room: roomName, identity }: Claim): Promise<JobClaim> {
    await this.deps.auth.requireWorker(ctx);
    const jobId = randomUUID();
    const { shares, db } = this.deps;
    const known = await db.conversationRoom.findUnique({
      where: { name: roomName },
      include: { conversation: true, share: true },
    });
    if (!known) throw notFound("Room");
    const { conversation } = known;
    const found = await shares.find(known.share, conversation);
    const enter = (): Promise<void> =>
      db.$transaction((tx) => this.enter(tx, known, { found, jobId, identity }));
    await shares
      .noting(() =>
        found === "lapsed" ? shares.inLine(conversation.organizationId, enter) : enter(),
      )
      .catch((error: unknown) => {
        if (!(error instanceof TalkRefused)) throw error;
        // Its visitor took their time, and would wait for an agent that may not come.
        this.deps.rooms.deleteInBackground([roomName]);
        throw new AppError("conflict", "The talk's share has lapsed, and there is none left.");
      });
    const conversationId = conversation.id;
    const hasShare = found !== "unlimited";
    const expiresAt = Math.floor(this.deps.now().getTime() / 1000) + TOKEN_SECONDS;
    const claims = { r: roomName, j: jobId, ...(hasShare ? { s: true } : {}) };
    const token = this.deps.tokens.sign("job", claims, expiresAt);
    return { token, conversationId, expiresAt: new Date(expiresAt * 1000) };
  }

  private async enter(
    tx: Transaction,
    { name, conversation: { id, organizationId } }: { name: string; conversation: Conversation },
    { found, jobId, identity }: { found: ShareState; jobId: string; identity: string | null },
  ): Promise<void> {
    const { shares } = this.deps;
    if (found === "lapsed") await shares.lock(statementsOf(tx), organizationId);
    const conversation = await lockConversation(tx, id);
    const room = await tx.conversationRoom.findUniqueOrThrow({ where: { name } });
    const reason = await whyOver(tx, room, conversation);
    if (reason) throw new AppError("conflict", reason);
    if (found !== "unlimited") await shares.hold(tx, found, conversation);
    const data = { jobId, jobEndedAt: null, agentIdentity: identity };
    await tx.conversationRoom.update({ where: { name }, data });
    if (conversation.initialContext !== null) return;
    await tx.conversation.update({
      where: { id },
      data: {
        initialContext: initialContext(knownVisitor(room, conversation)),
        updatedAt: this.deps.now(),
      },
    });
  }

  /**
   * Whether the bearer token is one of ours at all; whether its job goes on is asked by each call.
   * Verified once a request, whoever asks.
   *
   * @throws AppError `unauthenticated`.
   */
  requireToken(ctx: RequestContext): Promise<JobToken> {
    const token = this.verifications.get(ctx) ?? this.verify(ctx);
    this.verifications.set(ctx, token);
    return token;
  }

  async read(ctx: RequestContext): Promise<Job> {
    const { db } = this.deps;
    const { hasShare } = await this.requireToken(ctx);
    const { room, conversation } = await this.open(db, ctx);
    const [{ agent, widget }, turns, earlierVisit] = await Promise.all([
      configsOf(db, conversation),
      db.turn.findMany({
        where: { conversationId: conversation.id },
        orderBy: [{ createdAt: "desc" }, { id: "desc" }],
        take: TRANSCRIPT_TURNS,
      }),
      db.conversationRoom.findFirst({
        where: {
          conversationId: conversation.id,
          name: { not: room.name },
          joinedAt: { not: null },
        },
        select: { name: true },
      }),
    ]);
    return {
      conversationId: conversation.id,
      ...knownVisitor(room, conversation),
      visitorIdentity: room.visitorIdentity,
      agentId: conversation.agentId,
      agentVersionId: conversation.agentVersionId,
      config: readAgentConfig(agent),
      widget: storedWidget.parse(widget).v1 ?? {},
      resumed: turns.length > 0 || earlierVisit !== null,
      transcript: room.opensTranscript ? turns.toReversed().map(toJobTurn) : [],
      summaryOfEarlier:
        room.opensTranscript && turns.length === TRANSCRIPT_TURNS ? conversation.summary : null,
      share: hasShare ? await this.deps.shares.left(room.name) : UNLIMITED,
    };
  }

  /**
   * Stores what was said. Repeating a turn's id has no effect, also when it arrives twice at once, but
   * for one that was cut off: what completes it takes its place.
   *
   * @returns what the talk has used up of its share, if anything.
   */
  async addTurns(ctx: RequestContext, turns: readonly TurnInput[]): Promise<TalkLimit | null> {
    const token = await this.requireToken(ctx);
    const isOpen = await storeTurns(this.deps.prepared, { ...token, turns, now: this.deps.now() });
    if (!isOpen) throw tokenOver();
    this.deps.onTurns(turns);
    return token.hasShare ? this.deps.shares.end(token.room) : null;
  }

  /**
   * The worker says that the process of this agent is gone, in order or not.
   *
   * @returns whether its talk goes on without it: it did not end its job, and no other has taken over.
   * @throws AppError `unauthenticated`.
   */
  async gone(ctx: RequestContext, agent: RoomAgent): Promise<boolean> {
    await this.deps.auth.requireWorker(ctx);
    return this.lost(agent);
  }

  /** As `gone`, for the process that runs the worker. */
  async lost({ room: name, identity }: RoomAgent): Promise<boolean> {
    const { db, now } = this.deps;
    const found = await db.conversationRoom.findUnique({
      where: { name },
      include: { conversation: true },
    });
    if (!found || found.visitorIdentity === identity) return false;
    const { conversation, ...room } = found;
    // Whose room is over was refused the job, or could not end it any more: nothing goes on.
    const goesOn = (await whyOver(db, room, conversation)) === undefined;
    // It may have died before it could claim its room.
    if (room.jobId === null) return goesOn;
    const ended = await db.conversationRoom.updateMany({
      where: { name, agentIdentity: identity, jobEndedAt: null },
      data: { jobEndedAt: now() },
    });
    return goesOn && ended.count > 0;
  }

  /**
   * Ends the job and its token. Once the visitor has gone for good nobody needs the room, and its
   * end makes the conversation's status final at once instead of after LiveKit's timeout.
   * What models took for no turn counts with it.
   */
  async end(ctx: RequestContext, { reason, usage }: JobEnd): Promise<void> {
    const { db, rooms, now } = this.deps;
    const { room, conversation } = await this.open(db, ctx);
    await db.$transaction(async (tx) => {
      // In the order in which turns are counted.
      if (usage) await lockConversation(tx, conversation.id);
      const ended = await tx.conversationRoom.updateMany({
        where: { name: room.name, jobId: room.jobId, jobEndedAt: null },
        data: { jobEndedAt: now() },
      });
      // An end that is sent again counts nothing.
      if (!usage || ended.count === 0) return;
      await tx.conversation.update({
        where: { id: conversation.id },
        data: {
          inputTokens: { increment: usage.input_tokens },
          outputTokens: { increment: usage.output_tokens },
          updatedAt: now(),
        },
      });
    });
    if (reason === "visitor_left") rooms.deleteInBackground([room.name]);
  }

  /** @throws AppError `unauthenticated` unless the bearer token is a job's that still goes on. */
  private async open(db: Transaction, ctx: RequestContext): Promise<OpenJob> {
    const token = await this.requireToken(ctx);
    const found = await db.conversationRoom.findUnique({
      where: { name: token.room },
      include: { conversation: true },
    });
    if (!found || found.jobId !== token.jobId || found.jobEndedAt) throw tokenOver();
    const { conversation, ...room } = found;
    if (await whyOver(db, room, conversation)) throw tokenOver();
    return { room, conversation };
  }

  private async verify(ctx: RequestContext): Promise<JobToken> {
    const claims = ctx.bearer ? this.deps.tokens.verify("job", ctx.bearer) : undefined;
    const { r: room, j: jobId, s: hasShare } = claims ?? {};
    if (typeof room !== "string" || typeof jobId !== "string") throw tokenOver();
    this.deps.verified.add(ctx.bearer);
    return { room, jobId, hasShare: hasShare === true };
  }
}

/** What the agent and the widget are told to be: by a test's snapshot, else by what is stored now. */
async function configsOf(
  db: Transaction,
  { id, agentVersionId, webWidgetId, testerId }: Conversation,
): Promise<{ agent: unknown; widget: unknown }> {
  if (testerId !== null) {
    const kept = await db.draftPreview.findUnique({ where: { conversationId: id } });
    // What was restored from a backup goes on no more.
    if (!kept) throw tokenOver();
    return { agent: kept.agentConfig, widget: kept.widgetConfig };
  }
  const [version, widget] = await Promise.all([
    db.agentVersion.findUniqueOrThrow({ where: { id: agentVersionId } }),
    webWidgetId === null
      ? null
      : db.widget.findUnique({ where: { id: webWidgetId }, select: { config: true } }),
  ]);
  return { agent: version.config, widget: widget?.config ?? {} };
}

function knownVisitor(room: ConversationRoom, conversation: Conversation): KnownVisitor {
  return {
    userId: conversation.userId,
    userVerified: room.userVerified,
    identityMetadata: room.userVerified ? conversation.identityMetadata : null,
    formValues: room.opensTranscript ? withoutFeedback(conversation.customMetadata) : {},
    page: hostPage.nullable().parse(room.page),
  };
}

/** What the agent began with, as its owner reads it (contract section 6). */
function initialContext(known: KnownVisitor): Prisma.InputJsonObject {
  return jsonColumn({
    user_id: known.userId,
    user_verified: known.userVerified,
    identity_metadata: known.identityMetadata,
    form_values: known.formValues,
    page: known.page,
  });
}

function toJobTurn(turn: Turn): JobTurn {
  return { ...toMessage(turn), cutOff: turn.cutOff };
}

/** @returns why nobody may talk in this room any more; undefined while it is open. */
async function whyOver(
  db: Transaction,
  room: ConversationRoom,
  conversation: Conversation,
): Promise<string | undefined> {
  if (conversation.currentRoom !== room.name) return "The conversation went on in another room.";
  // A room may have ended once before anybody joined: the status knows that, the room's end does not.
  if (isFinal(conversation.status)) return "The conversation is over.";
  return (await isWidgetLive(db, conversation)) ? undefined : "The widget is not live any more.";
}

function tokenOver(): AppError {
  return new AppError("unauthenticated", "The job token is invalid, or its job is over.");
}
