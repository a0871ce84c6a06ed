import type { TalkLimit } from "../../protocol/worker-api.js";
import type { Database, Transaction } from "../database/client.js";
import type { Conversation, TalkShare } from "../database/generated/client.js";
import type { Statements } from "../database/prepared.js";
import { statementsOf } from "../database/statements-of.js";
import type { UsageLimitDefaults } from "../input/usage-limits.js";
import type { Rooms } from "../livekit/rooms.js";
import type { LiveWidgets } from "../widgets/live-widgets.service.js";
import { shareOf, tokensOfTheDay, UNLIMITED, type Share } from "./divide-talks.js";
import { TalkRefused, type UsedUp } from "./talk-refused.js";
import { readTalkUsage } from "../database/talk-usage.js";

/** A visitor joins within seconds, and an agent comes: a share that none has come to by then is free again. */
const LAPSE_SECONDS = 60;
/** A claim takes no longer. */
const CLAIM_SECONDS = 10;
/** For the agent to say that a talk is over; then the platform ends it. */
const LAST_WORDS_SECONDS = 30;
/** Whose room nobody could close or find for so long, has none. */
const LOST_SECONDS = 10 * 60;
/** How many days of usage are kept: instances' clocks may differ around midnight. */
const KEPT_DAYS = 2;

const REFUSED_COLUMNS: Record<UsedUp, string> = {
  concurrent_talks: "refused_talks",
  minutes_per_day: "refused_minutes",
  tokens_per_day: "refused_tokens",
};

export interface TalkSharesDependencies {
  readonly db: Database;
  readonly live: LiveWidgets;
  readonly rooms: Rooms;
  readonly defaults: UsageLimitDefaults;
  /** Hears by the limit's key what a start was refused for. */
  readonly onRefused: (usedUp: UsedUp) => void;
  readonly now: () => Date;
}

/** What is found of a room's share when an agent comes. */
export type ShareState = "kept" | "lapsed" | "unlimited";

/** A talk that is over, of a widget that may be gone. */
export type SummarizedTalk = Pick<Conversation, "id" | "organizationId" | "webWidgetId">;

/** By whose limits a talk goes. */
type LimitedTalk = Pick<Conversation, "organizationId" | "webWidgetId" | "testerId">;

/** The room that has a share, or is to have one. */
export interface TalkRoom {
  readonly conversationId: string;
  readonly room: string;
}

/**
 * Hands out what talks may use up (contract section 5). A talk gets its share in the transaction that makes its room,
 * so that a start that fails has reserved nothing; it is exact across instances, for an organization's shares are
 * handed out one after the other, under a lock. What a talk has not used is free when its room is over.
 */
export class TalkSharesService {
  /** The last in each organization's line. */
  private readonly lines = new Map<string, Promise<unknown>>();

  constructor(private readonly deps: TalkSharesDependencies) {}

  /**
   * Does what takes an organization's lock when the one before in this process has ended: who waited for the lock
   * would do so with a connection in hand, and a flood at one organization would leave none for the others.
   */
  async inLine<T>(organizationId: string, work: () => Promise<T>): Promise<T> {
    const done = (this.lines.get(organizationId) ?? Promise.resolve()).then(work);
    const line = done.catch(() => undefined);
    this.lines.set(organizationId, line);
    await line;
    if (this.lines.get(organizationId) === line) this.lines.delete(organizationId);
    return done;
  }

  /** Until the transaction ends nobody else gets a share of this organization. Taken in line, before any other lock. */
  async lock(tx: Statements, organizationId: string): Promise<void> {
    await tx.query(
      "SELECT pg_advisory_xact_lock(hashtextextended($1::text, 0)) IS NOT NULL AS held",
      [`talks:${organizationId}`],
    );
  }

  /**
   * For a new conversation: as `lock` and `divide`.
   *
   * @param wasMade whether the same start has made one before, which takes no more than it has.
   * @throws TalkRefused
   */
  async reserve(
    tx: Statements,
    widget: { readonly id: string; readonly organizationId: string },
    wasMade: () => Promise<boolean>,
  ): Promise<Share | undefined> {
    await this.lock(tx, widget.organizationId);
    return (await wasMade()) ? undefined : this.divide(tx, widget.id);
  }

  /**
   * What a talk may use, by what its widget and organization say now. Its caller holds the lock.
   *
   * @param conversationId of a resume: what its earlier rooms have not used comes first.
   * @throws TalkRefused
   */
  async divide(tx: Statements, widgetId: string, conversationId?: string): Promise<Share> {
    const { defaults, now } = this.deps;
    const at = now();
    if (conversationId !== undefined) await leaveShares(tx, conversationId, at);
    const asked = { asked: widgetId, now: at, without: conversationId };
    const usages = await readTalkUsage(tx, "widgetAndOrganization", asked);
    return shareOf(widgetId, usages, { defaults, now: at });
  }

  /**
   * As `divide`, for a test, by what its organization says alone. Its caller holds the lock.
   *
   * @param conversationId of a test that lost its share.
   * @throws TalkRefused
   */
  async divideForTest(
    tx: Statements,
    organizationId: string,
    conversationId?: string,
  ): Promise<Share> {
    const { defaults, now } = this.deps;
    const at = now();
    const asked = { asked: organizationId, now: at, without: conversationId };
    const usages = await readTalkUsage(tx, "organization", asked);
    return shareOf(null, usages, { defaults, now: at });
  }

  /**
   * For the summary of a talk that is over and due: nobody else gets these tokens until it is due again.
   *
   * @returns whether the day has them now, or later, or no day does.
   */
  async reserveForSummary(
    { id, organizationId, webWidgetId }: SummarizedTalk,
    tokens: number,
  ): Promise<"reserved" | "later" | "never"> {
    const { db, defaults, now } = this.deps;
    if (webWidgetId === null) return "reserved";
    return this.inLine(organizationId, () =>
      db.$transaction(async (prisma) => {
        const tx = statementsOf(prisma);
        await this.lock(tx, organizationId);
        const asked = { asked: webWidgetId, now: now() };
        const usages = await readTalkUsage(tx, "widgetAndOrganization", asked);
        const { left, most } = tokensOfTheDay(usages, defaults);
        if (tokens > left) return tokens > most ? "never" : "later";
        await prisma.dueSummary.updateMany({ where: { conversationId: id }, data: { tokens } });
        return "reserved";
      }),
    );
  }

  /** Keeps a share for a room that exists. It lapses unless an agent comes to it. */
  async keep(tx: Statements, share: Share, { conversationId, room }: TalkRoom): Promise<void> {
    await tx.query(
      `INSERT INTO talk_shares (room, conversation_id, organization_id, widget_id, seconds, turns, tokens,
         turns_before, tokens_before, expires_at)
       SELECT $1::text, id, organization_id, web_widget_id, $3::int, $4::int, $5::int,
         user_turn_count, input_tokens + output_tokens, $6::timestamptz
       FROM conversations WHERE id = $2::uuid
       ON CONFLICT (room) DO UPDATE SET seconds = excluded.seconds, turns = excluded.turns,
         tokens = excluded.tokens, turns_before = excluded.turns_before,
         tokens_before = excluded.tokens_before, held_at = NULL, expires_at = excluded.expires_at`,
      [room, conversationId, share.seconds, share.turns, share.tokens, this.in(LAPSE_SECONDS)],
    );
  }

  /**
   * Whether a room's share is there still, or has lapsed while its visitor took their time. For an agent's claim,
   * before it locks anything.
   */
  async find(
    share: Pick<TalkShare, "heldAt" | "expiresAt"> | null,
    { webWidgetId, testerId }: LimitedTalk,
  ): Promise<ShareState> {
    // What is about to lapse may be gone in a moment.
    if (share?.heldAt || (share?.expiresAt && share.expiresAt > this.in(CLAIM_SECONDS))) {
      return "kept";
    }
    // Each has one, so that nobody need know what its organization's limits are.
    if (testerId !== null) return "lapsed";
    const widget = webWidgetId === null ? undefined : await this.deps.live.find(webWidgetId);
    return widget?.hasUsageLimits ? "lapsed" : "unlimited";
  }

  /**
   * An agent has come: the talk's time begins, unless it has begun before.
   *
   * @param found for a lapsed one the lock is held.
   * @throws TalkRefused for a lapsed one.
   */
  async hold(
    prisma: Transaction,
    found: Exclude<ShareState, "unlimited">,
    talk: Conversation,
  ): Promise<void> {
    const tx = statementsOf(prisma);
    const { id, currentRoom: room } = talk;
    const share = found === "lapsed" ? await this.divideAnew(tx, talk) : undefined;
    if (share) await this.keep(tx, share, { conversationId: id, room });
    await tx.query(
      `UPDATE talk_shares SET held_at = $2::timestamptz,
         expires_at = $2::timestamptz + make_interval(secs => seconds + $3::int)
       WHERE room = $1::text AND held_at IS NULL`,
      [room, this.deps.now(), LAST_WORDS_SECONDS],
    );
  }

  private async divideAnew(
    tx: Statements,
    { id, organizationId, webWidgetId, testerId }: LimitedTalk & Pick<Conversation, "id">,
  ): Promise<Share | undefined> {
    if (testerId !== null) return this.divideForTest(tx, organizationId, id);
    return webWidgetId === null ? undefined : this.divide(tx, webWidgetId, id);
  }

  /** What is left of a room's share. */
  async left(room: string): Promise<Share> {
    const [left] = await this.deps.db.$queryRaw<Share[]>`
      SELECT
        (share.seconds - floor(extract(epoch FROM ${this.deps.now()}::timestamptz - share.held_at)))::int AS seconds,
        share.turns + share.turns_before - talk.user_turn_count AS turns,
        share.tokens + share.tokens_before - talk.input_tokens - talk.output_tokens AS tokens
      FROM talk_shares AS share JOIN conversations AS talk ON talk.id = share.conversation_id
      WHERE share.room = ${room}`;
    const { seconds, turns, tokens } = left ?? UNLIMITED;
    return { seconds: notBelow0(seconds), turns: notBelow0(turns), tokens: notBelow0(tokens) };
  }

  /**
   * Whether the talk in a room has used up its share. Then the platform ends it soon, should its agent not.
   *
   * @returns what is used up: the visitor has said one thing more than is answered, or the others reach their end.
   */
  async end(room: string): Promise<TalkLimit | null> {
    const now = this.deps.now();
    const [ended] = await this.deps.db.$queryRaw<{ what: TalkLimit }[]>`
      UPDATE talk_shares SET expires_at = least(expires_at, ${this.in(LAST_WORDS_SECONDS)}::timestamptz)
      FROM (
        SELECT share.room AS name, CASE
          WHEN talk.user_turn_count - share.turns_before > share.turns THEN 'turns'
          WHEN talk.input_tokens + talk.output_tokens - share.tokens_before >= share.tokens THEN 'tokens'
          WHEN share.held_at + make_interval(secs => share.seconds) <= ${now}::timestamptz THEN 'seconds'
          END AS what
        FROM talk_shares AS share JOIN conversations AS talk ON talk.id = share.conversation_id
        WHERE share.room = ${room}
      ) AS ended
      WHERE room = ended.name AND ended.what IS NOT NULL
      RETURNING ended.what`;
    return ended?.what ?? null;
  }

  /** Does what may be refused a share; then owner and operator are told. */
  async noting<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof TalkRefused) await this.note(error);
      throw error;
    }
  }

  private async note({ widgetId, usedUp }: TalkRefused): Promise<void> {
    this.deps.onRefused(usedUp);
    if (widgetId === null) return;
    const column = REFUSED_COLUMNS[usedUp];
    await this.deps.db.$executeRawUnsafe(
      `INSERT INTO usage_days (organization_id, day, widget_id, ${column})
       SELECT organization_id, ($2::timestamptz AT TIME ZONE 'UTC')::date, id, 1 FROM widgets WHERE id = $1::uuid
       ON CONFLICT (organization_id, day, widget_id) DO UPDATE SET ${column} = usage_days.${column} + 1`,
      widgetId,
      this.deps.now(),
    );
  }

  /** Ends talks that have used up their share and whose agents have not ended them. Safe on several instances at once. */
  async sweep(): Promise<void> {
    const { db, rooms, now } = this.deps;
    const at = now();
    const over = await db.talkShare.findMany({
      where: { heldAt: { not: null }, expiresAt: { lte: at } },
      select: { room: true },
    });
    rooms.deleteInBackground(over.map(({ room }) => room));
    const lost = new Date(at.getTime() - LOST_SECONDS * 1000);
    await db.talkShare.deleteMany({
      where: { OR: [{ heldAt: null, expiresAt: { lte: at } }, { expiresAt: { lte: lost } }] },
    });
    await db.$executeRaw`
      DELETE FROM usage_days WHERE day < (${at}::timestamptz AT TIME ZONE 'UTC')::date - ${KEPT_DAYS}::int`;
    await db.$executeRaw`
      DELETE FROM test_usage_days WHERE day < (${at}::timestamptz AT TIME ZONE 'UTC')::date - ${KEPT_DAYS}::int`;
  }

  private in(seconds: number): Date {
    return new Date(this.deps.now().getTime() + seconds * 1000);
  }
}

function notBelow0(left: number | null): number | null {
  return left === null ? null : Math.max(0, left);
}

/** A room that is over, and nobody comes back to it without a new share. */
export async function releaseShare(tx: Transaction, room: string): Promise<void> {
  await tx.talkShare.deleteMany({ where: { room } });
}

/** A room that is to be closed: should LiveKit never tell of its end, the sweep frees what it holds. */
export async function leaveShare(tx: Transaction, room: string, now: Date): Promise<void> {
  await tx.talkShare.updateMany({ where: { room }, data: { expiresAt: now } });
}

/** Of the rooms that a resume leaves: they have used what they have used, and are to be closed too. */
async function leaveShares(tx: Statements, conversationId: string, now: Date): Promise<void> {
  await tx.query(
    `UPDATE talk_shares AS share SET
       seconds = least(seconds, ceil(extract(epoch FROM $2::timestamptz - held_at))::int),
       tokens = least(tokens, talk.input_tokens + talk.output_tokens - tokens_before),
       expires_at = least(expires_at, $2::timestamptz)
     FROM conversations AS talk
     WHERE share.conversation_id = $1::uuid AND talk.id = share.conversation_id`,
    [conversationId, now],
  );
}
