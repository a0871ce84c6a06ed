import { AppError, type StartRefusal } from "../errors.js";

/** What was used up, by the limit's key. */
export type UsedUp = "concurrent_talks" | "minutes_per_day" | "tokens_per_day";

/** For the visitor, who knows nothing of limits. */
const BUSY = "Many people are talking here at the moment. Please try again in a minute.";
const USED_UP = "This assistant has talked enough for today. Please come back tomorrow.";

/** A talk for which nothing is left of its widget's or its organization's limits (contract section 5). */
export class TalkRefused extends AppError {
  constructor(
    /** Null for a test. */
    readonly widgetId: string | null,
    readonly usedUp: UsedUp,
    { isForToday, retryAfterSeconds }: { isForToday: boolean; retryAfterSeconds: number },
  ) {
    const reason: StartRefusal = isForToday ? "day_used_up" : "too_many_talks";
    super("rate_limited", isForToday ? USED_UP : BUSY, { reason, retryAfterSeconds });
  }
}
