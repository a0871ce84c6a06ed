import type { Bench } from "./bench.js";

export type DatabaseKind = "embedded" | "postgres";

/** What one fault came to. It holds when everything that was tried survived. */
export interface Outcome {
  readonly tried: number;
  /** Of what: "writes in 10 kills". */
  readonly unit: string;
  readonly survived: number;
  /** The worst that was seen, for a person: a wait, a status, a number. */
  readonly worst: string;
}

/** One thing that goes wrong in an operator's life, and how the platform is held to it. */
export interface Fault {
  /** Lower case and hyphens: what `--only` takes. */
  readonly name: string;
  /** What holds, in a sentence. */
  readonly bar: string;
  readonly databases: readonly DatabaseKind[];
  /** The databases on which it is left out of `--short`. */
  readonly long?: readonly DatabaseKind[];
  run(bench: Bench, database: DatabaseKind): Promise<Outcome | Skipped>;
}

/** Why a fault cannot be made on this machine. It counts neither as held nor as failed. */
export class Skipped {
  constructor(readonly reason: string) {}
}

/** Counts checks, and keeps what failed of them in words. */
export class Tally {
  tried = 0;
  survived = 0;
  private readonly failures = new Map<string, number>();

  /** @param failure what is said when it did not hold: a short one, so that equal ones add up. */
  check(holds: boolean, failure: string): void {
    this.tried += 1;
    if (holds) this.survived += 1;
    else this.failures.set(failure, (this.failures.get(failure) ?? 0) + 1);
  }

  /** @param facts said in any case, after what failed. */
  outcome(unit: string, facts: string): Outcome {
    const failed = [...this.failures].map(([text, count]) =>
      count > 1 ? `${text} ×${count}` : text,
    );
    const worst = [...failed, facts].filter(Boolean).join("; ");
    return { tried: this.tried, unit, survived: this.survived, worst };
  }
}

/** Milliseconds as a person reads them. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
