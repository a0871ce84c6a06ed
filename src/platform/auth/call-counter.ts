/** What was counted in a window. */
export interface Count {
  readonly calls: number;
  /** Whether this call was one too many, and so was not counted. */
  readonly isOver: boolean;
  readonly msLeft: number;
}

/** Counts calls in windows of one length, each of which begins with its first call. */
export interface CallCounter {
  /** @param allowed calls in this window; a call beyond uses up nothing. */
  count(key: string, allowed: number): Count | Promise<Count>;
}

interface Window {
  calls: number;
  readonly endsAtMs: number;
}

/**
 * In this process's memory, at once and without a timer for each window: a window lasts as long as a
 * generation, so when the third begins all of the first are over. Time is the monotonic clock's.
 */
export class MemoryCounter implements CallCounter {
  private recent = new Map<string, Window>();
  private older = new Map<string, Window>();
  private recentEndsAtMs = 0;
  private readonly windowMs: number;

  constructor(windowSeconds: number) {
    this.windowMs = windowSeconds * 1000;
  }

  count(key: string, allowed: number): Count {
    const now = performance.now();
    if (now >= this.recentEndsAtMs) {
      this.older = this.recent;
      this.recent = new Map();
      this.recentEndsAtMs = now + this.windowMs;
    }
    const window = this.windowOf(key, now);
    const isOver = window.calls >= allowed;
    if (!isOver) window.calls += 1;
    return { calls: window.calls, isOver, msLeft: window.endsAtMs - now };
  }

  private windowOf(key: string, now: number): Window {
    const known = this.recent.get(key) ?? this.older.get(key);
    if (known && now < known.endsAtMs) return known;
    const begun = { calls: 0, endsAtMs: now + this.windowMs };
    this.recent.set(key, begun);
    return begun;
  }
}
