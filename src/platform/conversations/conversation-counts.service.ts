import type { Database } from "../database/client.js";
import type { ConversationStatus } from "../database/enums.js";

/** A statement has a bound of time; after a restore there are as many changes as conversations. */
const BATCH = 5_000;

/**
 * Keeps the counts of an agent's conversations cheap to read. What happens to a conversation is
 * written down by a trigger, as a change; here the changes become sums. Their total is exact at
 * every moment.
 */
export class ConversationCountsService {
  constructor(private readonly db: Database) {}

  /** Of all organizations; a status that none has is left out. Reads no conversation. */
  async byStatus(): Promise<ReadonlyMap<ConversationStatus, number>> {
    const rows = await this.db.$queryRaw<{ status: ConversationStatus; count: number }[]>`
      SELECT status, sum(count)::float8 AS count FROM (
        SELECT status, count FROM conversation_counts
        UNION ALL SELECT status, change FROM conversation_count_changes
      ) AS parts GROUP BY status`;
    return new Map(rows.map(({ status, count }) => [status, count]));
  }

  /**
   * Rolls the changes up. One instance at a time does it, the others go on without: the lock is the
   * statement's own, so that none is left behind a pooler.
   */
  async sweep(): Promise<void> {
    for (;;) {
      const [{ taken = 0 } = {}] = await this.db.$queryRaw<{ taken: number }[]>`
        WITH turn AS MATERIALIZED (
          SELECT pg_try_advisory_xact_lock(hashtextextended('conversation_counts', 0)) AS is_ours
        ), taken AS (
          DELETE FROM conversation_count_changes WHERE (agent_id, id) IN (
            SELECT agent_id, id FROM conversation_count_changes
            WHERE (SELECT is_ours FROM turn) LIMIT ${BATCH})
          RETURNING agent_id, status, change
        ), counted AS (
          INSERT INTO conversation_counts (agent_id, status, count)
          SELECT agent_id, status, sum(change) FROM taken GROUP BY agent_id, status
          ON CONFLICT (agent_id, status)
            DO UPDATE SET count = conversation_counts.count + excluded.count
        )
        SELECT count(*)::int AS taken FROM taken`;
      if (taken < BATCH) return;
    }
  }
}
