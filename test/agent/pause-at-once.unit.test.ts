import { initializeLogger, voice } from "@livekit/agents";
import { AudioFrame, AudioSource, dispose, Room } from "@livekit/rtc-node";
import { afterAll, expect, test } from "vitest";
import { pauseAtOnce } from "../../src/agent/pause-at-once.js";

const RATE = 24_000;
const FRAME_MS = 50;

afterAll(dispose);

function newOutput(): { output: voice.AudioOutput; source: AudioSource } {
  initializeLogger({ pretty: false, level: "silent" });
  const io = new voice.RoomIO({
    agentSession: new voice.AgentSession({ vad: null, userAwayTimeout: null }),
    room: new Room(),
    inputOptions: { textEnabled: false, audioEnabled: false },
    outputOptions: { transcriptionEnabled: false, queueSizeMs: 100 },
  });
  io.start();
  const output = io.audioOutput;
  const source: unknown = Reflect.get(Object(output), "audioSource");
  if (!output || !(source instanceof AudioSource)) throw new Error("no output");
  // As when the visitor hears it.
  Reflect.get(output, "startedFuture").resolve();
  return { output, source };
}

function sound(): AudioFrame {
  const samples = (RATE / 1000) * FRAME_MS;
  return new AudioFrame(new Int16Array(samples).fill(1000), RATE, 1, samples);
}

test("who is interrupted is silent at once, and what was not heard counts as not said", async () => {
  const { output, source } = newOutput();
  pauseAtOnce(output);
  const before = performance.now();
  const captured = [output.captureFrame(sound()), output.captureFrame(sound())];
  await expect.poll(() => source.queuedDuration).toBeGreaterThan(0);
  output.pause();
  expect(source.queuedDuration).toBe(0);
  const heardMs = performance.now() - before;
  await Promise.all(captured);
  const finished = output.waitForPlayout();
  output.clearBuffer();
  const { interrupted, playbackPosition } = await finished;
  expect(interrupted).toBe(true);
  expect(playbackPosition * 1000).toBeLessThanOrEqual(Math.ceil(heardMs));
});

test("it goes on with what comes next", async () => {
  const { output, source } = newOutput();
  pauseAtOnce(output);
  await output.captureFrame(sound());
  output.pause();
  const next = output.captureFrame(sound());
  output.resume();
  await next;
  expect(source.queuedDuration).toBeGreaterThan(0);
  output.flush();
  const { interrupted, playbackPosition } = await output.waitForPlayout();
  expect(interrupted).toBe(false);
  expect(playbackPosition).toBeLessThan(0.1);
});

test("an output that plays otherwise is refused", () => {
  expect(() => pauseAtOnce(undefined)).toThrow("otherwise");
});
