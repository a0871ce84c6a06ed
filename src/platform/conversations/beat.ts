import type { Logger } from "pino";

const BEAT_MS = 500;

/** Looks twice a second while somebody wants to know. A look that takes longer than a beat is not joined by another. */
export class Beat {
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;

  /** @param warning what is logged when a look fails: what it missed is seen by the next one. */
  constructor(
    private readonly look: () => Promise<void>,
    private readonly log: Logger,
    private readonly warning: string,
  ) {}

  /** Looks at once, and goes on if it has begun already. */
  begin(): void {
    this.timer ??= setInterval(() => this.beat(), BEAT_MS).unref();
    this.beat();
  }

  end(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private beat(): void {
    this.looking ??= this.look()
      .catch((error: unknown) => this.log.warn({ err: error }, this.warning))
      .finally(() => {
        this.looking = undefined;
      });
  }
}
