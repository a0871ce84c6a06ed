import type { Logger } from "pino";
import type { Database } from "../database/client.js";
import type { ConversationStatus } from "../database/enums.js";
import type { Turn } from "../database/generated/client.js";
import { Beat } from "./beat.js";

/**
 * A turn that was said before another may be stored after it: the last words of a room that was left, and all that an
 * agent says whose machine's clock is behind that of the one before it. What is dated earlier than this is missed until
 * somebody follows anew, who reads all there is.
 */
const LATE_MS = 10 * 60_000;
/** Turns of several talks that one statement asks for: it has room for 32,766 values. */
const MOST_TURNS = 10_000;

/** What has changed, and all there is at first. */
interface News {
  readonly status: ConversationStatus;
  /** Oldest first. One that completes a turn which broke off has its id. */
  readonly turns: readonly Turn[];
}

/** Who wants to know. */
export interface Listener {
  hear(news: News): void;
  /** The conversation was erased. */
  gone(): void;
}

interface Row {
  readonly id: string;
  readonly status: ConversationStatus;
  readonly turn_id: string | null;
  readonly created_at: Date | null;
  readonly cut_off: boolean | null;
}

/**
 * Looks at the conversations that somebody follows, twice a second, whichever instance writes them: one
 * statement for all of them, and none while nobody follows. Why it is no LISTEN is in the decision notes.
 */
export class ConversationWatchService {
  private readonly followers = new Set<Follower>();
  private readonly beat: Beat;

  constructor(
    private readonly db: Database,
    log: Logger,
  ) {
    this.beat = new Beat(() => this.look(), log, "followed talks were not read");
  }

  /** @returns ends it. */
  follow(conversationId: string, listener: Listener): () => void {
    const follower = new Follower(conversationId, listener);
    this.followers.add(follower);
    this.beat.begin();
    return () => {
      this.followers.delete(follower);
      if (this.followers.size === 0) this.beat.end();
    };
  }

  private async look(): Promise<void> {
    const followers = [...this.followers];
    if (followers.length === 0) return;
    const rows = new Map<string, Row[]>();
    for (const row of await this.read(followers)) {
      const own = rows.get(row.id);
      if (own) own.push(row);
      else rows.set(row.id, [row]);
    }
    const fresh = followers.map((follower) => ({
      follower,
      found: rows.get(follower.conversationId),
      ids: follower.unknown(rows.get(follower.conversationId) ?? []),
    }));
    const turns = await this.load(fresh);
    for (const { follower, found, ids } of fresh) {
      if (!this.followers.has(follower)) continue;
      const [row] = found ?? [];
      if (!row) follower.listener.gone();
      else
        follower.hear(
          row.status,
          ids.flatMap((id) => turns.get(`${row.id} ${id}`) ?? []),
        );
    }
  }

  private read(followers: readonly Follower[]): Promise<Row[]> {
    const watched = followers.map(({ conversationId, since }) => ({ id: conversationId, since }));
    return this.db.$queryRaw`
      SELECT conversations.id, conversations.status::text AS status,
        turns.id AS turn_id, turns.created_at, turns.cut_off
      FROM (
        SELECT id, min(since) AS since
        FROM json_to_recordset(${JSON.stringify(watched)}::json) AS one(id uuid, since timestamptz)
        GROUP BY id
      ) AS watched
      JOIN conversations ON conversations.id = watched.id
      LEFT JOIN turns ON turns.conversation_id = watched.id AND turns.created_at > watched.since
      ORDER BY turns.created_at, turns.id`;
  }

  private async load(wanted: readonly Wanted[]): Promise<ReadonlyMap<string, Turn>> {
    const turns = new Map<string, Turn>();
    for (const some of inBatches(wanted)) {
      const found = await this.db.turn.findMany({
        where: {
          OR: some.map(({ follower, ids }) => ({
            conversationId: follower.conversationId,
            id: { in: [...ids] },
          })),
        },
      });
      for (const turn of found) turns.set(`${turn.conversationId} ${turn.id}`, turn);
    }
    return turns;
  }
}

/** The turns of one conversation that its follower has not heard. */
interface Wanted {
  readonly follower: Follower;
  readonly ids: readonly string[];
}

function inBatches(wanted: readonly Wanted[]): Wanted[][] {
  const batches: Wanted[][] = [];
  let room = 0;
  for (const one of wanted) {
    if (one.ids.length === 0) continue;
    if (one.ids.length > room) {
      batches.push([]);
      room = MOST_TURNS;
    }
    batches.at(-1)?.push(one);
    room -= one.ids.length;
  }
  return batches;
}

/** What one listener has heard so far. */
class Follower {
  since = new Date(0);
  private status: ConversationStatus | undefined;
  /** Turns by id, each as it was last seen. */
  private readonly seen = new Map<string, string>();

  constructor(
    readonly conversationId: string,
    readonly listener: Listener,
  ) {}

  unknown(rows: readonly Row[]): string[] {
    return rows.flatMap(({ turn_id: id, created_at: at, cut_off: cutOff }) =>
      id === null || at === null || this.seen.get(id) === stamp(at, cutOff) ? [] : [id],
    );
  }

  hear(status: ConversationStatus, turns: readonly Turn[]): void {
    const isNew = status !== this.status;
    this.status = status;
    for (const { id, createdAt, cutOff } of turns) {
      this.seen.set(id, stamp(createdAt, cutOff));
      const since = createdAt.getTime() - LATE_MS;
      if (since > this.since.getTime()) this.since = new Date(since);
    }
    if (isNew || turns.length > 0) this.listener.hear({ status, turns });
  }
}

function stamp(at: Date, cutOff: boolean | null): string {
  return `${at.getTime()} ${String(cutOff)}`;
}
