/** Tries are at the least so far apart, whatever brings the next one on. */
const LEAST_MS = 500;
const MOST_MS = 15_000;
/** Nobody is looking, and who comes back to the tab brings the next try along. */
const MOST_HIDDEN_MS = 60_000;

/**
 * Waits between tries: twice as long each time, by chance a little less, for a server that comes back finds all its
 * visitors waiting. A network or a visitor that comes back is a reason to try at once.
 */
export class Backoff {
  #tries = 0;
  #hurry: (() => void) | undefined;

  /** @param leastMs as the server asked for; nothing shortens this */
  async wait(leastMs = 0): Promise<void> {
    const most = document.visibilityState === "hidden" ? MOST_HIDDEN_MS : MOST_MS;
    const delay = Math.min(LEAST_MS * 2 ** ++this.#tries, most) * (0.5 + Math.random() / 2);
    const end = new AbortController();
    const { signal } = end;
    const hope = new Promise<void>((resolve) => {
      this.#hurry = resolve;
      const look = (): void => {
        if (document.visibilityState === "visible") resolve();
      };
      window.addEventListener("online", () => resolve(), { signal });
      document.addEventListener("visibilitychange", look, { signal });
    });
    await pause(Math.max(LEAST_MS, leastMs));
    await Promise.race([hope, pause(delay)]);
    end.abort();
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

async function pause(milliseconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
}
