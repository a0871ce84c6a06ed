import { LIVE_STATUSES } from "../conversations/status.js";
import type { Database } from "../database/client.js";
import type { TurnInput } from "./worker-input.js";

/** What was said in a room that a resume has just replaced still arrives within this. */
const LAST_WORDS_SECONDS = 30;

/** What a job's agent reports. */
export interface TurnReport {
  readonly room: string;
  readonly jobId: string;
  readonly turns: readonly TurnInput[];
  readonly now: Date;
}

/**
 * Stores turns, and counts the visitor's. A stored one stays as it is; only an agent's that was cut off
 * gives way to the one that completes it. Two statements in a transaction: the second is the check of
 * the job and the write in one.
 *
 * @returns false, with nothing written, when the job is over or another has claimed its room.
 */
export async function storeTurns(db: Database, report: TurnReport): Promise<boolean> {
  const { room, jobId, now } = report;
  const replacedSince = new Date(now.getTime() - LAST_WORDS_SECONDS * 1000);
  const [, open] = await db.$transaction([
    // A statement sees what was there when it began: so the wait for a resume or for other turns of the
    // conversation comes first, and the check sees what they did.
    db.$queryRaw`
      SELECT 1 FROM conversations
      WHERE id = (SELECT conversation_id FROM conversation_rooms WHERE name = ${room})
      FOR NO KEY UPDATE`,
    db.$queryRaw<unknown[]>`
      WITH job AS (
        SELECT conversations.id FROM conversation_rooms AS room
        JOIN conversations ON conversations.id = room.conversation_id
        JOIN conversation_rooms AS current ON current.name = conversations.current_room
        JOIN widgets ON widgets.id = conversations.web_widget_id
        WHERE room.name = ${room} AND room.job_id = ${jobId} AND room.job_ended_at IS NULL
          AND widgets.published AND widgets.deleted_at IS NULL
          AND CASE WHEN current.name = room.name
            THEN conversations.status::text = ANY(${LIVE_STATUSES}::text[])
            ELSE current.created_at >= ${replacedSince} END
      ), stored AS (
        INSERT INTO turns (conversation_id, id, role, text, mode, cut_off, tool_call, created_at)
        SELECT job.id, turn.id, role, text, mode, "cutOff", "toolCall", "createdAt" FROM job
        CROSS JOIN json_to_recordset(${JSON.stringify(onePerId(report.turns))}::json)
          AS turn(id text, role turn_role, text text, mode turn_mode, "cutOff" boolean,
            "toolCall" jsonb, "createdAt" timestamptz)
        ON CONFLICT (conversation_id, id) DO UPDATE SET text = excluded.text, mode = excluded.mode,
          cut_off = FALSE, tool_call = excluded.tool_call, created_at = excluded.created_at
          WHERE turns.cut_off AND turns.role = 'agent' AND excluded.role = 'agent' AND NOT excluded.cut_off
        RETURNING role
      ), counted AS (
        UPDATE conversations SET user_turn_count = user_turn_count + said.count, updated_at = ${now}
        FROM job, (SELECT count(*)::int AS count FROM stored WHERE role = 'user') AS said
        WHERE conversations.id = job.id AND said.count > 0
      )
      SELECT id FROM job`,
  ]);
  return open.length > 0;
}

/** A statement may change a row only once: what is true between batches is true within one. */
function onePerId(turns: readonly TurnInput[]): TurnInput[] {
  const kept = new Map<string, TurnInput>();
  for (const turn of turns) {
    const first = kept.get(turn.id);
    if (!first || completes(turn, first)) kept.set(turn.id, turn);
  }
  return [...kept.values()];
}

function completes(turn: TurnInput, first: TurnInput): boolean {
  return first.role === "agent" && first.cutOff && turn.role === "agent" && !turn.cutOff;
}
