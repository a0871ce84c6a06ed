import type { Job } from "./platform-client.js";

export interface LastWordsOptions {
  readonly limits: Job["limits"];
  /** Resolves when they have been said. */
  readonly say: () => Promise<void>;
  readonly hangUp: () => void;
}

/**
 * A talk that has used up its share of what talks may use ends in words (contract section 5): when its time is over,
 * when the platform says so, and at the visitor's first message that is one too many, of which no model is asked.
 */
export class LastWords {
  private hasBegun = false;
  private turnsLeft: number;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: LastWordsOptions) {
    this.turnsLeft = options.limits.turns ?? Infinity;
  }

  /** The talk's time begins; that of an agent before this one counts. */
  watch(): void {
    const { talk_seconds: seconds, tokens } = this.options.limits;
    if (tokens === 0) return this.begin();
    if (seconds !== null) this.timer = setTimeout(() => this.begin(), seconds * 1000);
  }

  /** The visitor has said something. @returns whether it is answered. */
  mayAnswer(): boolean {
    this.turnsLeft -= 1;
    if (this.turnsLeft < 0) this.begin();
    return !this.hasBegun;
  }

  /** For who is told that the share is used up. */
  begin(): void {
    if (this.hasBegun) return;
    this.close();
    void this.options.say().finally(this.options.hangUp);
  }

  /** Nothing is said any more. */
  close(): void {
    this.hasBegun = true;
    clearTimeout(this.timer);
  }
}
