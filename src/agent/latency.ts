import type { llm, metrics } from "@livekit/agents";
import type { TurnLatency, TurnUsage } from "../protocol/worker-api.js";
import type { Turn } from "./turn.js";

/** Longer than anything that is waited for. */
const MOST_MS = 3_600_000;

/** An answer, as far as its words say how long it took. */
interface Answer {
  readonly metrics: llm.MetricsReport;
  /** When it was asked for in writing; undefined for what answers nothing, or speech. */
  readonly askedAt: Date | undefined;
  /** When its first word went out. */
  readonly begunAt: Date | undefined;
}

/**
 * How long the stages of the agent's answers take, and what its models read and write (contract section 6): as the
 * framework measures them.
 */
export class AnswerMeter {
  private heard: llm.MetricsReport | undefined;
  private inputTokens = 0;
  private outputTokens = 0;

  /** What the visitor said by voice, which is answered next. */
  hear(report: llm.MetricsReport): void {
    this.heard = report;
  }

  /** What a model has read and written counts for the next turn of the agent, also where nothing came of it. */
  spend(report: metrics.AgentMetrics): void {
    if (report.type !== "llm_metrics") return;
    this.inputTokens += report.promptTokens;
    this.outputTokens += report.completionTokens;
  }

  /** What it has taken since the last turn; undefined where that is nothing. */
  get unspoken(): TurnUsage | undefined {
    const [input_tokens, output_tokens] = [this.inputTokens, this.outputTokens];
    return input_tokens + output_tokens > 0 ? { input_tokens, output_tokens } : undefined;
  }

  /** Of the agent's turn that has just been said. */
  measure({ metrics: report, askedAt, begunAt }: Answer): Pick<Turn, "latency" | "usage"> {
    const isSpokenTo = report.e2eLatency !== undefined;
    const heard = isSpokenTo ? this.heard : undefined;
    this.heard = undefined;
    const usage = this.unspoken;
    this.inputTokens = 0;
    this.outputTokens = 0;
    const written = askedAt && begunAt && (begunAt.getTime() - askedAt.getTime()) / 1000;
    const latency = inMilliseconds({
      transcription: heard?.transcriptionDelay,
      // The framework's has the transcription in it, which the decision waits for.
      end_of_turn: heard?.endOfTurnDelay && heard.endOfTurnDelay - (heard.transcriptionDelay ?? 0),
      model_first_token: report.llmNodeTtft,
      speech_first_sound: report.ttsNodeTtfb,
      total: report.e2eLatency ?? written,
    });
    return {
      ...(Object.keys(latency).length > 0 ? { latency } : {}),
      ...(usage ? { usage } : {}),
    };
  }
}

function inMilliseconds(
  seconds: Readonly<Record<keyof TurnLatency, number | undefined>>,
): TurnLatency {
  return Object.fromEntries(
    Object.entries(seconds).flatMap(([stage, value]) =>
      value === undefined
        ? []
        : [[stage, Math.min(Math.max(0, Math.round(value * 1000)), MOST_MS)]],
    ),
  );
}
