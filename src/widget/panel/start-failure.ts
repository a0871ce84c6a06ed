import { RuntimeError } from "./runtime-api.js";
import { fill, STRINGS } from "./strings.js";

export interface StartFailure {
  /** What the visitor is told. */
  text: string;
  /** The platform's answer; 0 when it was not reached. */
  status: number;
  /** Whether the same start may succeed a moment later. */
  isPassing: boolean;
}

/** Why a conversation could not be started, in the visitor's words. */
export function explainStart(error: unknown): StartFailure {
  const {
    status,
    code,
    retryAfterSeconds = 60,
  } = error instanceof RuntimeError ? error : { status: 0 };
  switch (status) {
    case 401:
    case 403:
      return { text: STRINGS.onlyOnSite, status, isPassing: false };
    case 404:
    case 409:
      return { text: STRINGS.notLive, status, isPassing: false };
    case 422:
      return { text: STRINGS.startFailed, status, isPassing: false };
    case 429:
      if (code === "day_used_up") return { text: STRINGS.dayUsedUp, status, isPassing: false };
      if (code === "too_many_talks") return { text: STRINGS.busy, status, isPassing: true };
      return {
        text: fill(STRINGS.tooMany, { seconds: retryAfterSeconds }),
        status,
        isPassing: true,
      };
    default: {
      const text = navigator.onLine ? STRINGS.unreachable : STRINGS.offline;
      return { text, status, isPassing: true };
    }
  }
}
