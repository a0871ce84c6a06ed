import type { z } from "zod";

/** A tool of ours that shows nothing; those that do are `PanelTools`. */
export interface Tool {
  readonly name: string;
  /** What the model reads. */
  readonly description: string;
  readonly parameters: z.ZodObject;
  /** @throws ToolRefusal what was wrong, for the model. */
  readonly run: (args: object, signal: AbortSignal) => Promise<ToolAnswer>;
}

interface ToolAnswer {
  /** What the model gets. */
  readonly result: object;
  /** What the transcript keeps of it; absent: all. */
  readonly kept?: object;
}

/** A call that is not carried out. The message is for the model, and has nothing in it that it may not know. */
export class ToolRefusal extends Error {
  override readonly name = "ToolRefusal";
}
