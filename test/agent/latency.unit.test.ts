import type { metrics } from "@livekit/agents";
import { expect, test } from "vitest";
import { AnswerMeter } from "../../src/agent/latency.js";

/** A spoken answer, second by second: 0.5 to write it down, 0.2 to decide, 0.4 to think, 0.1 to speak. */
const STAGES = { transcription: 0.5, endOfTurn: 0.2, model: 0.4, speech: 0.1 };
const spoken = ({ transcription, endOfTurn, model, speech } = STAGES) => {
  const meter = new AnswerMeter();
  meter.hear({
    transcriptionDelay: transcription,
    endOfTurnDelay: transcription + endOfTurn,
    stoppedSpeakingAt: 100,
  });
  const e2eLatency = transcription + endOfTurn + model + speech;
  const report = { llmNodeTtft: model, ttsNodeTtfb: speech, e2eLatency };
  return meter.measure({ metrics: report, askedAt: undefined, begunAt: new Date() }).latency;
};
const AS_USUAL = {
  transcription: 500,
  end_of_turn: 200,
  model_first_token: 400,
  speech_first_sound: 100,
  total: 1200,
};
const call = (promptTokens: number, completionTokens: number): metrics.AgentMetrics => ({
  type: "llm_metrics",
  label: "model",
  requestId: "1",
  timestamp: 0,
  durationMs: 1,
  ttftMs: 1,
  cancelled: false,
  completionTokens,
  promptTokens,
  promptCachedTokens: 0,
  totalTokens: promptTokens + completionTokens,
  tokensPerSecond: 0,
});

test.each([
  ["transcription", "transcription"],
  ["endOfTurn", "end_of_turn"],
  ["model", "model_first_token"],
  ["speech", "speech_first_sound"],
] as const)(
  "a stage that takes 300 ms longer shows it, and so does the total, and nothing else: %s",
  (part, stage) => {
    expect(spoken()).toEqual(AS_USUAL);
    expect(spoken({ ...STAGES, [part]: STAGES[part] + 0.3 })).toEqual({
      ...AS_USUAL,
      [stage]: AS_USUAL[stage] + 300,
      total: 1500,
    });
  },
);

test("a written answer took from the message to the first word, and no time to hear or to speak", () => {
  const meter = new AnswerMeter();
  // What was said before by voice is not what it answers.
  meter.hear({ transcriptionDelay: 9, endOfTurnDelay: 9 });
  const answer = { askedAt: new Date(1000), begunAt: new Date(1750) };
  expect(meter.measure({ metrics: { llmNodeTtft: 0.7 }, ...answer })).toEqual({
    latency: { model_first_token: 700, total: 750 },
  });
});

test("a greeting answers nothing: it has no total", () => {
  const answer = { askedAt: undefined, begunAt: new Date() };
  expect(new AnswerMeter().measure({ metrics: { startedSpeakingAt: 5 }, ...answer })).toEqual({});
});

test("what models read and wrote goes with the next answer, once, with what came to nothing", () => {
  const meter = new AnswerMeter();
  const measure = () => meter.measure({ metrics: {}, askedAt: undefined, begunAt: undefined });
  meter.spend(call(40, 0));
  meter.spend(call(50, 7));
  expect(measure()).toEqual({ usage: { input_tokens: 90, output_tokens: 7 } });
  expect(measure()).toEqual({});
});

test("what models have read and written for nothing that was said is told at the end", () => {
  const meter = new AnswerMeter();
  expect(meter.unspoken).toBeUndefined();
  meter.spend(call(40, 2));
  expect(meter.unspoken).toEqual({ input_tokens: 40, output_tokens: 2 });
  meter.measure({ metrics: {}, askedAt: undefined, begunAt: undefined });
  expect(meter.unspoken).toBeUndefined();
});
