/** How old a read may be (contract sections 2 and 5). */
const FRESH_MS = 1_000;
/** From then on who is asked for is read again, while the one that is here still answers. */
const RENEW_MS = 600;
const MAX_ENTRIES = 1_000;

interface Entry<T> {
  readonly reading: Promise<T>;
  readonly readAtMs: number;
  /** Once it is here. */
  value?: T;
  isRenewed?: true;
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
    const entry = this.begin(read);
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

  /**
   * The same without a promise, and without waiting: undefined unless it is here. It is read again
   * before its time is over, so that nobody ever waits for what is asked for all the time.
   */
  peek(key: string, read: () => Promise<T>): T | undefined {
    const known = this.freshEntry(key);
    if (known?.value === undefined) return undefined;
    this.hits += 1;
    if (!known.isRenewed && performance.now() - known.readAtMs >= RENEW_MS) {
      known.isRenewed = true;
      this.renew(key, known, read);
    }
    return known.value;
  }

  /** For who has changed it: the next read is a new one. */
  forget(key: string): void {
    this.entries.delete(key);
  }

  /** For who has changed what several may show. */
  forgetAll(): void {
    this.entries.clear();
  }

  /** In place of `old`, unless that was forgotten meanwhile: then what was read is older than a write. */
  private renew(key: string, old: Entry<T>, read: () => Promise<T>): void {
    const entry = this.begin(read);
    entry.reading.then(
      (value) => {
        if (this.entries.get(key) !== old) return;
        this.entries.delete(key);
        if (this.isKept(value)) this.entries.set(key, Object.assign(entry, { value }));
      },
      // The next who finds it too old asks again, and is told.
      () => {},
    );
  }

  private begin(read: () => Promise<T>): Entry<T> {
    this.misses += 1;
    // The moment before the read begins, so that what is written meanwhile makes it older, never younger.
    return { readAtMs: performance.now(), reading: read() };
  }

  private freshEntry(key: string): Entry<T> | undefined {
    const known = this.entries.get(key);
    return known && performance.now() - known.readAtMs < FRESH_MS ? known : undefined;
  }
}
