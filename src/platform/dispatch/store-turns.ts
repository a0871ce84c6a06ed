import { LIVE_STATUSES } from "../conversations/status.js";
import { insertTurns } from "../database/hot-statements.js";
import type { Prepared } from "../database/prepared.js";
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
 * gives way to the one that completes it.
 *
 * @returns false, with nothing written, when the job is over or another has claimed its room.
 */
export function storeTurns(db: Prepared, report: TurnReport): Promise<boolean> {
  const { room, jobId, turns, now } = report;
  return insertTurns(db, {
    room,
    jobId,
    turns: JSON.stringify(onePerId(turns)),
    liveStatuses: LIVE_STATUSES,
    replacedSince: new Date(now.getTime() - LAST_WORDS_SECONDS * 1000),
    now,
  });
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
