import type { voice } from "@livekit/agents";
import { AudioSource } from "@livekit/rtc-node";

/**
 * Makes what plays a talk's sound silent as soon as it is told to pause. The framework's plays on until its next piece
 * of speech comes, and has no option for this. What is not heard then counts as not said, as it does there.
 */
export function pauseAtOnce(output: voice.AudioOutput | undefined): void {
  const source: unknown = Reflect.get(Object(output), "audioSource");
  const report: unknown = Reflect.get(Object(output), "reportRun");
  if (!output || !(source instanceof AudioSource) || typeof report !== "function")
    throw new Error("The framework plays what is said otherwise now.");
  const pause = output.pause.bind(output);
  output.pause = () => {
    pause();
    const waitingMs = source.queuedDuration;
    if (waitingMs === 0) return;
    const givenMs = Number(Reflect.get(output, "sourcePushedDuration")) * 1000;
    const lostSeconds = Number(Reflect.get(output, "sourceDiscardedDuration")) + waitingMs / 1000;
    Reflect.set(output, "sourceDiscardedDuration", lostSeconds);
    const run = { offset: givenMs - waitingMs, endedAt: Date.now(), resumesAt: givenMs };
    Reflect.apply(report, output, [run]);
    source.clearQueue();
  };
}
