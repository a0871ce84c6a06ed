const STEP_MS = 500;
/** Fifteen seconds; in a tab that nobody looks at browsers make it a minute. */
const MOST_STEPS = 30;

/**
 * Waits for the next try: twice as long each time, by chance a little less, for a server that comes back finds all its
 * visitors waiting. A network or a visitor that comes back is a reason to try at once, though not before the least wait.
 *
 * @param leastMs as the server asked for: network and visitor do not shorten this
 */
export function untilHope(tries: number, leastMs = STEP_MS): Promise<unknown> {
  const over = new AbortController();
  const hope = Math.min(2 ** tries, MOST_STEPS) * STEP_MS * (1 - Math.random() / 2);
  return new Promise((resolve) => {
    const least = new Promise((pass) => {
      setTimeout(pass, leastMs);
    });
    const wake = (): void => void least.then(resolve);
    setTimeout(resolve, leastMs + hope);
    addEventListener("online", wake, over);
    document.addEventListener("visibilitychange", wake, over);
  }).finally(() => over.abort());
}

/** What one thing is tried with, until it works. */
export class Backoff {
  #tries = 0;
  #hurry: (() => void) | undefined;

  async wait(leastMs?: number): Promise<void> {
    const hurry = new Promise<void>((resolve) => {
      this.#hurry = resolve;
    });
    await Promise.race([untilHope(++this.#tries, leastMs), hurry]);
  }

  /** Somebody asked for the next try. */
  hurry(): void {
    this.#hurry?.();
  }

  /** It worked. */
  reset(): void {
    this.#tries = 0;
  }
}
