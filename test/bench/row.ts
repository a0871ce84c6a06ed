import type { LoadRequest } from "./load.js";
import type { Program } from "./program.js";
import type { Stage } from "./stage.js";

/** A row of the table, or several that need the same preparation. */
export interface Row {
  /** For `--only`. */
  readonly name: string;
  /** Prepares what is measured. */
  cases(stage: Stage): Promise<readonly Case[]>;
}

/** One path, ours beside a baseline that answers the same. */
export interface Case {
  readonly path: string;
  /** The least that ours must do of the baseline's requests in a second. */
  readonly bar: number;
  /** Of requests in a second of processor time instead: one machine has no more of it for two processes. */
  readonly byProcessor?: true;
  readonly ours: Side;
  readonly baseline: Side;
  /** Changes a widget while ours is under load, and sees the change. @throws Error when it is not seen. */
  readonly change?: () => Promise<void>;
  /** Whether it is changed in the warm-up alone, where a change makes the requests that were prepared others. */
  readonly changesOnce?: true;
}

export interface Side {
  readonly program: Program;
  /** Another one, which is asked as much at the same time. */
  readonly beside?: Program;
  /** Made anew for each run, for some can be asked only once. */
  requests(): readonly LoadRequest[] | Promise<readonly LoadRequest[]>;
  /** As in `LoadPlan`. */
  readonly perSecond?: number;
  readonly bodies?: readonly string[];
  readonly varying?: string;
}
