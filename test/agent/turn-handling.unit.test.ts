import { expect, test } from "vitest";
import { turnHandling } from "../../src/agent/turn-handling.js";

test("what a version says about turns reaches the framework in its words, in milliseconds and windows of its ears", () => {
  const interruption = {
    enabled: false,
    min_duration_seconds: 0.7,
    min_words: 2,
    false_interruption_timeout_seconds: 1.5,
    resume_false_interruption: false,
  };
  const endpointing = {
    mode: "dynamic" as const,
    min_delay_seconds: 0.4,
    max_delay_seconds: 4,
  };
  expect(turnHandling({ interruption, endpointing })).toEqual({
    interruption: {
      mode: "vad",
      discardAudioIfUninterruptible: false,
      enabled: false,
      minDuration: 704,
      minWords: 2,
      falseInterruptionTimeout: 1500,
      resumeFalseInterruption: false,
    },
    endpointing: { mode: "dynamic", minDelay: 400, maxDelay: 4000 },
  });
});

test("what it does not say is left to the framework, but for how soon speech stops the agent, and without the cloud", () => {
  expect(turnHandling({})).toEqual({
    interruption: { mode: "vad", discardAudioIfUninterruptible: false, minDuration: 96 },
    endpointing: {},
  });
});
