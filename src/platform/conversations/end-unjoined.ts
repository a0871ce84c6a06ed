import type { Database } from "../database/client.js";
import { Prisma } from "../database/generated/client.js";

/**
 * Ends conversations that nobody has joined: `cancelled`, or after a resume the final status they
 * had. One statement, so a concurrent second call is a no-op.
 *
 * @param condition on `conversations` and, as `room`, its current room.
 */
export async function endUnjoined(db: Database, condition: Prisma.Sql, now: Date): Promise<void> {
  await db.$executeRaw`
    UPDATE conversations SET status = room.fallback_status, updated_at = ${now}
    FROM conversation_rooms AS room
    WHERE room.name = conversations.current_room AND conversations.status = 'token_created'
      AND room.joined_at IS NULL AND ${condition}`;
}
