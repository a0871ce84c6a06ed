import { describe, expect, test } from "vitest";
import { EnergyVad, type VadEvent } from "../../src/agent/vad.js";

/** A tone, or with amplitude 0 silence. */
function sound(sampleRate: number, seconds: number, amplitude: number): Int16Array {
  const samples = new Int16Array(Math.round(sampleRate * seconds));
  return samples.map((_, index) => amplitude * Math.sin((2 * Math.PI * 440 * index) / sampleRate));
}

/** Repeatable noise. */
function noise(sampleRate: number, seconds: number, amplitude: number): Int16Array {
  let seed = 1;
  return new Int16Array(sampleRate * seconds).map(() => {
    seed = (seed * 48_271) % 2_147_483_647;
    return amplitude * ((seed / 2_147_483_647) * 2 - 1);
  });
}

function feed(vad: EnergyVad, samples: Int16Array, frame: number): VadEvent[] {
  const events: VadEvent[] = [];
  for (let at = 0; at < samples.length; at += frame) {
    const event = vad.push(samples.subarray(at, at + frame));
    if (event) events.push(event);
  }
  return events;
}

describe.each([16_000, 48_000])("at %i Hz", (sampleRate) => {
  describe.each([10, 20, 60])("in frames of %i ms", (frameMs) => {
    const frame = (sampleRate * frameMs) / 1000;
    const hear = (vad: EnergyVad, ...parts: Int16Array[]): VadEvent[] =>
      parts.flatMap((part) => feed(vad, part, frame));
    const tone = (seconds: number, amplitude = 8000): Int16Array =>
      sound(sampleRate, seconds, amplitude);
    const silence = (seconds: number): Int16Array => tone(seconds, 0);

    test("what is said between two pauses is one utterance, whole and without the pauses", () => {
      const vad = new EnergyVad(sampleRate);
      const events = hear(vad, silence(1), tone(1), silence(0.3), tone(0.5), silence(2));
      expect(events.map((event) => event.kind)).toEqual(["started", "ended"]);
      const [, ended] = events;
      const samples = ended?.kind === "ended" ? ended.samples : new Int16Array();
      expect(samples.length / sampleRate).toBeGreaterThan(1.8);
      expect(samples.length / sampleRate).toBeLessThan(2.2);
      const loud = samples.filter((sample) => Math.abs(sample) > 100).length / sampleRate;
      expect(loud).toBeGreaterThan(1.45);
    });

    test("silence, a click and steady noise are not speech", () => {
      const vad = new EnergyVad(sampleRate);
      expect(hear(vad, silence(2), tone(0.02), silence(1), tone(0.04), silence(1))).toEqual([]);
      expect(hear(vad, noise(sampleRate, 5, 300), silence(1))).toEqual([]);
    });

    test("speech over steady noise is heard", () => {
      const vad = new EnergyVad(sampleRate);
      const events = hear(vad, noise(sampleRate, 3, 400), tone(1), noise(sampleRate, 3, 400));
      expect(events.map((event) => event.kind)).toEqual(["started", "ended"]);
    });

    test("while the agent is heard a short sound is taken for its echo, a long one is not", () => {
      const vad = new EnergyVad(sampleRate);
      vad.agentIsHeard = true;
      expect(hear(vad, silence(1), tone(0.2), silence(1))).toEqual([]);
      const events = hear(vad, tone(1), silence(1));
      expect(events.map((event) => event.kind)).toEqual(["started", "ended"]);
    });

    test("a microphone that stops in the middle ends what was said", () => {
      const vad = new EnergyVad(sampleRate);
      hear(vad, tone(0.5));
      expect(vad.isSpeaking).toBe(true);
      expect(vad.end()?.kind).toBe("ended");
      expect(vad.isSpeaking).toBe(false);
      expect(vad.end()).toBeUndefined();
    });

    test("noise that begins in the middle is learnt, and speech over it is heard", () => {
      const vad = new EnergyVad(sampleRate);
      hear(vad, silence(1), noise(sampleRate, 40, 1000));
      expect(vad.isSpeaking).toBe(false);
      const events = hear(vad, tone(1), noise(sampleRate, 2, 1000));
      expect(events.map((event) => event.kind)).toEqual(["started", "ended"]);
    });

    test("who speaks on and on is answered in parts, and nothing is lost", () => {
      const vad = new EnergyVad(sampleRate);
      const syllables = Array.from({ length: 60 }, () => [tone(0.4), silence(0.3)]).flat();
      const events = hear(vad, ...syllables, silence(1));
      const seconds = events.flatMap((event) =>
        event.kind === "ended" ? [event.samples.length / sampleRate] : [],
      );
      expect(seconds).toHaveLength(3);
      expect(Math.max(...seconds)).toBeLessThan(15.2);
      expect(seconds.reduce((sum, part) => sum + part, 0)).toBeGreaterThanOrEqual(41);
    });
  });
});
