/** What a step is to those around it: it answers, sends a job, or takes one. */
export type SpanKind = "internal" | "server" | "producer" | "consumer";

/** What is told of a step: fixed words and numbers, never what anybody wrote or is called by. */
type SpanFacts = Readonly<Record<string, string | number>>;

/** One step of a trace. */
export interface Span {
  /** For whoever goes on from here, in another program too [W3C Trace Context]. */
  readonly traceparent: string;
  /** Only the first end counts. */
  end(facts?: SpanFacts): void;
}

/** Tells an OpenTelemetry collector which step took how long. Made by `open-telemetry.ts`, which only who wants it loads. */
export interface Tracing {
  /** @param parent a traceparent; without one that is well formed a trace begins here. */
  begin(name: string, kind: SpanKind, parent?: string): Span;
  /** Sends what is left, for so long. Never throws. */
  shutdown(timeoutMs: number): Promise<void>;
}

/** A step that ends with `work`. Of an error its kind is told alone: its message may name somebody. */
export async function within<T>(span: Span | undefined, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    span?.end({ "error.type": error instanceof Error ? error.name : "unknown" });
    throw error;
  } finally {
    span?.end();
  }
}
