import type { Database } from "../database/client.js";
import { Prisma } from "../database/generated/client.js";
import type { Rooms } from "../livekit/rooms.js";
import { endUnjoined } from "./end-unjoined.js";
import { LIVE_STATUSES } from "./status.js";
import type { SummaryService } from "./summary.service.js";

// One by one: PGlite cannot write an array of a type that a migration has made since it was opened.
const LIVE = Prisma.join(LIVE_STATUSES.map((one) => Prisma.sql`${one}::conversation_status`));

export interface CloseRoomsDependencies {
  readonly db: Database;
  readonly rooms: Rooms;
  readonly summaries: Pick<SummaryService, "isOn">;
  readonly now: () => Date;
}

/**
 * Deletes the live rooms of some conversations, whose visitors have lost their right. A room token
 * outlives this: whoever joins with one finds the conversation ended, and the webhook handler
 * deletes the room again.
 *
 * @param condition on `conversations`.
 */
export async function closeRooms(
  { db, rooms, summaries, now }: CloseRoomsDependencies,
  condition: Prisma.Sql,
): Promise<void> {
  const live = await db.$queryRaw<{ room: string }[]>`
    SELECT current_room AS room FROM conversations
    WHERE status IN (${LIVE}) AND ${condition}`;
  await endUnjoined(db, condition, { now: now(), summaries });
  rooms.deleteInBackground(live.map(({ room }) => room));
}

/** The rooms of a widget that was unpublished or deleted, or whose tokens were revoked. */
export function closeRoomsOfWidget(deps: CloseRoomsDependencies, widgetId: string): Promise<void> {
  return closeRooms(deps, Prisma.sql`conversations.web_widget_id = ${widgetId}::uuid`);
}
