/** How old a read may be (contract sections 2 and 5). */
const FRESH_MS = 1_000;
const MAX_ENTRIES = 1_000;

interface Entry<T> {
  readonly reading: Promise<T>;
  readonly readAtMs: number;
  /** Once it is here. */
  value?: T;
}

/**
 * What was read within the last second, of which many ask for the same. Good for reads: a write asks
 * again, or names in its own statement what it was decided by, and `forget`s what it has changed.
 */
export class RecentReads<T> {
  private readonly entries = new Map<string, Entry<T>>();
  /** Reads that were answered from here, and those that asked the database, since the start. */
  hits = 0;
  misses = 0;

  /** @param isKept whether a value takes a place: what strangers can think of must not. */
  constructor(private readonly isKept: (value: T) => boolean) {}

  get size(): number {
    return this.entries.size;
  }

  find(key: string, read: () => Promise<T>): Promise<T> {
    const known = this.freshEntry(key);
    if (known) {
      this.hits += 1;
      return known.reading;
    }
    this.misses += 1;
    // Asked before the read begins, so that what is written meanwhile makes it older, never younger.
    const entry: Entry<T> = { readAtMs: performance.now(), reading: read() };
    // Put at the end again, so that the first is the one that was read longest ago.
    this.entries.delete(key);
    this.entries.set(key, entry);
    const [oldest] = this.entries.keys();
    if (this.entries.size > MAX_ENTRIES && oldest !== undefined) this.entries.delete(oldest);
    const drop = (): void => {
      if (this.entries.get(key) === entry) this.entries.delete(key);
    };
    entry.reading.then((value) => {
      if (this.isKept(value)) entry.value = value;
      else drop();
    }, drop);
    return entry.reading;
  }

  /** The same without reading, and without a promise: undefined unless it is here. */
  peek(key: string): T | undefined {
    const value = this.freshEntry(key)?.value;
    if (value !== undefined) this.hits += 1;
    return value;
  }

  /** For who has changed it: the next read is a new one. */
  forget(key: string): void {
    this.entries.delete(key);
  }

  /** For who has changed what several may show. */
  forgetAll(): void {
    this.entries.clear();
  }

  private freshEntry(key: string): Entry<T> | undefined {
    const known = this.entries.get(key);
    return known && performance.now() - known.readAtMs < FRESH_MS ? known : undefined;
  }
}
