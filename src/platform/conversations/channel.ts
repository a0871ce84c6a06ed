/**
 * What is pushed by one and read by another, in order. By hand, and no generator: one that waits cannot
 * be ended from outside, and whoever follows a silent conversation goes away while it waits.
 */
export class Channel<T> implements AsyncGenerator<T, void, void> {
  private readonly waiting: T[] = [];
  private wake: (() => void) | undefined;
  private isOver = false;

  /** @param onEnd is called once, whoever ends it. */
  constructor(private readonly onEnd: () => void) {}

  push(value: T): void {
    if (this.isOver) return;
    this.waiting.push(value);
    this.wake?.();
  }

  /** What was pushed is still read. */
  end(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.onEnd();
    this.wake?.();
  }

  /** For one reader, who asks again when it has been answered. */
  async next(): Promise<IteratorResult<T, void>> {
    while (this.waiting.length === 0 && !this.isOver) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    const [value] = this.waiting.splice(0, 1);
    return value === undefined ? { done: true, value: undefined } : { done: false, value };
  }

  async return(): Promise<IteratorResult<T, void>> {
    this.waiting.length = 0;
    this.end();
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<IteratorResult<T, void>> {
    await this.return();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
