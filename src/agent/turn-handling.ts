import type { voice } from "@livekit/agents";
import type { AgentConfig } from "../protocol/agent-config.js";
import { INTERRUPTION_SECONDS } from "../protocol/agent-behaviour.js";

type Handling = Pick<
  NonNullable<voice.AgentSessionOptions["turnHandling"]>,
  "interruption" | "endpointing"
>;

/**
 * What a version says about turns, in the framework's words (contract section 7); what it does not say is the
 * framework's default, but for the time after which speech stops the agent. The end of a turn is found by the one local model that there is, whatever `turn_detection` names.
 */
export function turnHandling(config: AgentConfig): Handling {
  const { interruption, endpointing } = config;
  return {
    interruption: given({
      // The framework's "adaptive" asks LiveKit's cloud.
      mode: "vad",
      // Of who speaks while the greeting is written, whose end is waited for, nothing is lost.
      discardAudioIfUninterruptible: false,
      enabled: interruption?.enabled,
      minDuration: inWindows(interruption?.min_duration_seconds ?? INTERRUPTION_SECONDS),
      minWords: interruption?.min_words,
      falseInterruptionTimeout: toMs(interruption?.false_interruption_timeout_seconds),
      resumeFalseInterruption: interruption?.resume_false_interruption,
    }),
    endpointing: given({
      mode: endpointing?.mode,
      minDelay: toMs(endpointing?.min_delay_seconds),
      maxDelay: toMs(endpointing?.max_delay_seconds),
    }),
  };
}

/** The voice detector hears in windows of so many milliseconds, and speech lasts as many as are full of it. */
const WINDOW_MS = 32;

/** The nearest: what asks for a part of a window would wait for all of it. */
function inWindows(seconds: number): number {
  return Math.round((seconds * 1000) / WINDOW_MS) * WINDOW_MS;
}

function toMs(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function given<T extends object>(values: T): Given<T> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as Given<T>;
}
