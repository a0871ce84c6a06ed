import type { Logger } from "pino";
import type { Database } from "../database/client.js";
import { Beat } from "./beat.js";

/**
 * A conversation is dated by the clock of the instance that started it, before its statement is stored: one that is
 * stored this much later, or by a clock that is this much behind, is still told.
 */
const LATE_MS = 30_000;

/** A conversation that began. */
export interface Start {
  readonly id: string;
  readonly webWidgetId: string | null;
  readonly createdAt: Date;
}

/** One who follows, with what they have been told. */
interface Follower {
  readonly organizationId: string;
  readonly hear: (start: Start) => void;
  told: ReadonlySet<string>;
}

interface Row {
  readonly id: string;
  readonly organization_id: string;
  readonly web_widget_id: string | null;
  readonly created_at: Date;
}

/**
 * Looks for conversations that began in the organizations that somebody follows, twice a second, whichever instance
 * started them: one statement for all of them, and none while nobody follows.
 */
export class ConversationStartsWatchService {
  private readonly followers = new Set<Follower>();
  private readonly beat: Beat;

  constructor(
    private readonly db: Database,
    private readonly now: () => Date,
    log: Logger,
  ) {
    this.beat = new Beat(() => this.look(), log, "new talks were not looked for");
  }

  /**
   * Each is told once, oldest first. Those of the last half minute come first, so that a list that was read before
   * lacks none.
   *
   * @returns ends it.
   */
  follow(organizationId: string, hear: (start: Start) => void): () => void {
    const follower: Follower = { organizationId, hear, told: new Set() };
    this.followers.add(follower);
    this.beat.begin();
    return () => {
      this.followers.delete(follower);
      if (this.followers.size === 0) this.beat.end();
    };
  }

  private async look(): Promise<void> {
    const organizations = [...new Set([...this.followers].map((one) => one.organizationId))];
    if (organizations.length === 0) return;
    const since = new Date(this.now().getTime() - LATE_MS);
    const rows = await this.db.$queryRaw<Row[]>`
      SELECT id::text, organization_id, web_widget_id::text, created_at FROM conversations
      WHERE organization_id = ANY(${organizations}) AND created_at > ${since} AND tester_id IS NULL
      ORDER BY created_at, id`;
    for (const follower of this.followers) {
      // Who came while it was asked is told by the next look.
      if (!organizations.includes(follower.organizationId)) continue;
      const own = rows.filter((row) => row.organization_id === follower.organizationId);
      const fresh = own.filter((row) => !follower.told.has(row.id));
      follower.told = new Set(own.map((row) => row.id));
      for (const { id, web_widget_id: webWidgetId, created_at: createdAt } of fresh) {
        follower.hear({ id, webWidgetId, createdAt });
      }
    }
  }
}
