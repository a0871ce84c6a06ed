import type { Logger } from "pino";
import type { Database, Transaction } from "../database/client.js";
import { Prisma, type Conversation, type ConversationRoom } from "../database/generated/client.js";
import type { Rooms } from "../livekit/rooms.js";
import type { RoomEvent } from "../livekit/webhook.js";
import { isWidgetLive } from "../widgets/is-widget-live.js";
import { lockConversation } from "./lock-conversation.js";
import { endUnjoined } from "./end-unjoined.js";
import type { ConversationStatus } from "../database/enums.js";
import { isFinal } from "./status.js";
import type { SummaryService } from "./summary.service.js";
import { releaseShare } from "./talk-shares.service.js";

/** LiveKit accepts a token up to a minute past its end; then the join's webhook has to arrive. */
const LAPSE_GRACE_SECONDS = 120;
const SWEEP_BATCH = 100;
/** After a restart of LiveKit clients come back by themselves, within this, and their room with them. */
const RETURN_SECONDS = 20;
/** LiveKit ends a room so long after the last has left, and tells us a moment later. */
const DEPARTED_SECONDS = 30;

/**
 * Keeps a conversation's status and duration true to what happens in its rooms (contract section 6).
 * Webhooks come in any order and more than once, so each is written down as a fact about its room,
 * and the status follows from the facts.
 */
export class LifecycleService {
  /** Rooms that LiveKit did not have, and since when. */
  private missing: ReadonlyMap<string, Date> = new Map();

  constructor(
    private readonly db: Database,
    private readonly rooms: Rooms,
    private readonly log: Logger,
    private readonly now: () => Date,
    private readonly summaries: SummaryService,
  ) {}

  async handle(event: RoomEvent): Promise<void> {
    const known = await this.db.conversationRoom.findUnique({ where: { name: event.room } });
    if (!known) {
      this.log.debug({ room: event.room }, "webhook of a room that is not ours");
      return;
    }
    const dead = await this.db.$transaction(async (tx) => {
      const conversation = await lockConversation(tx, known.conversationId);
      await recordFact(tx, event);
      if (event.kind === "room_finished") await releaseShare(tx, event.room);
      await this.settle(tx, conversation);
      // Only a resume brings a final conversation back: whoever enters its old room would be alone.
      if (conversation.currentRoom !== event.room || isFinal(conversation.status)) return true;
      return !(await isWidgetLive(tx, conversation));
    });
    if (dead && (event.kind === "room_started" || event.kind === "participant_joined")) {
      this.rooms.deleteInBackground([event.room]);
    }
  }

  /** What webhooks cannot tell, or could not while we were down. Safe on several instances at once. */
  async sweep(): Promise<void> {
    await this.endLapsed();
    await this.endVanished();
    await this.endDeparted();
  }

  /** Nobody came while the token was good. */
  private async endLapsed(): Promise<void> {
    const now = this.now();
    const lapsed = new Date(now.getTime() - LAPSE_GRACE_SECONDS * 1000);
    const { summaries } = this;
    await endUnjoined(this.db, Prisma.sql`room.token_expires_at < ${lapsed}`, { now, summaries });
  }

  /**
   * Rooms that ended without a webhook: LiveKit was killed, or we were when it told us. Those that a
   * resume has left behind count too: each is a part of the duration.
   */
  private async endVanished(): Promise<void> {
    const missing = new Map<string, Date>();
    let seenName = "";
    for (;;) {
      const open = await this.openRooms(seenName);
      const last = open.at(-1);
      if (!last) break;
      const alive = await this.rooms.list(open.map(({ name }) => name));
      if (!alive) {
        // LiveKit is out of reach: once it is back, its clients have their time to return too.
        this.missing = new Map();
        return;
      }
      const present = open.filter(({ name }) => alive.has(name));
      await this.see(present.map(({ name }) => name));
      // Whose deletion LiveKit did not hear of, and neither we of whoever came back into it.
      this.rooms.deleteInBackground(
        present
          .filter(({ is_replaced: isReplaced, status }) => isReplaced || isFinal(status))
          .map(({ name }) => name),
      );
      for (const { name, conversation_id: id } of open) {
        if (alive.has(name)) continue;
        const since = this.missing.get(name) ?? this.now();
        missing.set(name, since);
        const forSeconds = (this.now().getTime() - since.getTime()) / 1000;
        if (forSeconds >= RETURN_SECONDS) await this.endRoom(id, name);
      }
      seenName = last.name;
    }
    this.missing = missing;
  }

  /**
   * Rooms whose end nobody has told yet: those of running talks, and those whose visitor came and never
   * left. Over are those that a resume has replaced, or whose conversation was ended.
   */
  private openRooms(after: string): Promise<OpenRoom[]> {
    return this.db.$queryRaw`
      SELECT open.name, conversation_id, status::text, current_room <> open.name AS is_replaced
      FROM (
        SELECT room.name, room.conversation_id FROM conversations
          JOIN conversation_rooms AS room ON room.name = conversations.current_room
          WHERE conversations.status = 'in_progress'
        UNION
        SELECT name, conversation_id FROM conversation_rooms
          WHERE joined_at IS NOT NULL AND left_at IS NULL AND finished_at IS NULL
      ) AS open JOIN conversations ON conversations.id = conversation_id
      WHERE open.name > ${after} ORDER BY open.name LIMIT ${SWEEP_BATCH}`;
  }

  /**
   * Rooms that only a listener keeps open: LiveKit takes them for one more visitor. Whoever left may be back,
   * which LiveKit knows best.
   */
  private async endDeparted(): Promise<void> {
    const since = new Date(this.now().getTime() - DEPARTED_SECONDS * 1000);
    const left = await this.db.$queryRaw<{ name: string; visitor_identity: string }[]>`
      SELECT room.name, visitor_identity
      FROM conversations JOIN conversation_rooms AS room ON room.name = conversations.current_room
      WHERE conversations.status = 'in_progress' AND finished_at IS NULL AND left_at < ${since}
      ORDER BY random() LIMIT ${SWEEP_BATCH}`;
    for (const { name, visitor_identity: identity } of left) {
      const isThere = await this.rooms.holds(name, identity);
      if (isThere === undefined) return;
      if (!isThere) this.rooms.deleteInBackground([name]);
    }
  }

  /** Notes that who joined and has not left is there now: the last thing known, should nothing more be heard. */
  private async see(names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    await this.db.conversationRoom.updateMany({
      where: { name: { in: [...names] }, joinedAt: { not: null }, leftAt: null },
      data: { seenAt: this.now() },
    });
  }

  private async endRoom(conversationId: string, name: string): Promise<void> {
    await this.db.$transaction(async (tx) => {
      const conversation = await lockConversation(tx, conversationId);
      const room = await tx.conversationRoom.findUniqueOrThrow({ where: { name } });
      if (room.finishedAt && (!room.joinedAt || room.finishedAt >= room.joinedAt)) return;
      const next = await tx.conversationRoom.findFirst({
        where: { conversationId, createdAt: { gt: room.createdAt } },
        orderBy: { createdAt: "asc" },
      });
      const until = next ? { lt: next.createdAt } : {};
      const lastTurn = await tx.turn.findFirst({
        where: { conversationId, createdAt: { gte: room.createdAt, ...until } },
        orderBy: { createdAt: "desc" },
      });
      // The visitor was certainly there until the last thing that was said, and when we last looked.
      const seen = latest(latest(lastTurn?.createdAt ?? null, room.seenAt), room.joinedAt);
      await tx.conversationRoom.update({
        where: { name },
        // LiveKit's clock may be ahead of ours, and a room ends after it was joined.
        data: {
          finishedAt: latest(this.now(), room.joinedAt),
          leftAt: latest(room.leftAt, seen),
        },
      });
      await releaseShare(tx, name);
      await this.settle(tx, conversation);
    });
  }

  /** Brings duration and status in line with what is known of the rooms. The caller holds the lock. */
  private async settle(tx: Transaction, conversation: Conversation): Promise<void> {
    const rooms = await tx.conversationRoom.findMany({
      where: { conversationId: conversation.id },
    });
    const current = rooms.find((room) => room.name === conversation.currentRoom);
    const status =
      isFinal(conversation.status) || !current
        ? conversation.status
        : statusOf(current, conversation);
    const duration = durationSeconds(rooms);
    if (status === conversation.status && duration === conversation.duration) return;
    await tx.conversation.update({
      where: { id: conversation.id },
      data: { status, duration, updatedAt: this.now() },
    });
    if (isFinal(status) && !isFinal(conversation.status)) {
      await this.summaries.ask(tx, conversation);
    }
  }
}

interface OpenRoom {
  readonly name: string;
  readonly conversation_id: string;
  readonly status: ConversationStatus;
  readonly is_replaced: boolean;
}

async function recordFact(tx: Transaction, event: RoomEvent): Promise<void> {
  const room = await tx.conversationRoom.findUniqueOrThrow({ where: { name: event.room } });
  if (event.kind === "room_finished") {
    await tx.conversationRoom.update({
      where: { name: event.room },
      data: { finishedAt: latest(room.finishedAt, event.at) },
    });
  }
  if (event.identity !== room.visitorIdentity) return;
  if (event.kind === "participant_joined") {
    await tx.conversationRoom.update({
      where: { name: event.room },
      data: { joinedAt: earliest(room.joinedAt, event.at) },
    });
  }
  if (event.kind === "participant_left") {
    await tx.conversationRoom.update({
      where: { name: event.room },
      data: { leftAt: latest(room.leftAt, event.at) },
    });
  }
}

function statusOf(room: ConversationRoom, conversation: Conversation): Conversation["status"] {
  if (!room.joinedAt) return conversation.status;
  return room.finishedAt && room.finishedAt >= room.joinedAt ? "completed" : "in_progress";
}

/** The sum over the rooms of first join to last leave; null before the first leave. */
function durationSeconds(rooms: readonly ConversationRoom[]): number | null {
  const spans = rooms.flatMap(({ joinedAt, leftAt, finishedAt }) => {
    const end = leftAt ?? finishedAt;
    return joinedAt && end ? [Math.max(0, end.getTime() - joinedAt.getTime())] : [];
  });
  if (spans.length === 0) return null;
  return Math.round(spans.reduce((sum, span) => sum + span, 0) / 1000);
}

function earliest(a: Date | null, b: Date): Date {
  return a && a < b ? a : b;
}

function latest(a: Date | null, b: Date | null): Date | null {
  if (!a || !b) return a ?? b;
  return a > b ? a : b;
}
