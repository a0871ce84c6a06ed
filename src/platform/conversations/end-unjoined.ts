import type { Database } from "../database/client.js";
import { Prisma } from "../database/generated/client.js";
import type { SummaryService } from "./summary.service.js";

/**
 * Ends conversations that nobody has joined: `cancelled`, or after a resume the final status they
 * had. One statement, so a concurrent second call is a no-op. What was said before a resume that
 * nobody joined, as by who leaves while their page loads, is summarized now.
 *
 * @param condition on `conversations` and, as `room`, its current room.
 */
export async function endUnjoined(
  db: Database,
  condition: Prisma.Sql,
  { now, summaries }: { now: Date; summaries: Pick<SummaryService, "isOn"> },
): Promise<void> {
  await db.$executeRaw`
    WITH ended AS (
      UPDATE conversations SET status = room.fallback_status, updated_at = ${now}::timestamptz
      FROM conversation_rooms AS room
      WHERE room.name = conversations.current_room AND conversations.status = 'token_created'
        AND room.joined_at IS NULL AND ${condition}
      RETURNING conversations.id, user_turn_count, summarized_turns
    )
    INSERT INTO due_summaries (conversation_id, due_at, tries)
    SELECT id, ${now}::timestamptz, 0 FROM ended
    WHERE ${summaries.isOn}::boolean AND user_turn_count > summarized_turns
    ON CONFLICT (conversation_id) DO UPDATE SET tries = 0`;
}
