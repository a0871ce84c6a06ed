/**
 * `npm run cut-offs`: how often somebody who pauses in mid-sentence is taken to have finished, and how long who has
 * finished waits for that to be seen, by the voice detector and the end-of-turn model together, and by the detector of
 * energy alone that was here before. README.md beside it says how to read the table.
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { inference, initializeLogger, voice } from "@livekit/agents";
import { AudioFrame, dispose } from "@livekit/rtc-node";
import { recordedQuestion } from "../agent/microphone.js";
import { DemoModel } from "../../src/agent/demo-model.js";
import { demoSpeech } from "../../src/agent/demo-speech.js";
import { localTurnDetector } from "../../src/agent/turn-detector.js";
import { turnHandling } from "../../src/agent/turn-handling.js";
import { temporaryDirectory } from "../support/process.js";

const RATE = 16_000;
const FRAME_MS = 20;
const FRAME_SAMPLES = (RATE / 1000) * FRAME_MS;
const PAUSES_MS = [300, 500, 700, 900, 1_200, 1_500];
/** Between words of the question: after “How long does”, after “shipping”, after “take”. */
const PLACES_MS = [600, 1_040, 1_500];
/** Before the first word and after the last one. */
const LEAD_MS = 500;
const TAIL_MS = 4_000;
/** At a time: more would make each other late. */
const AT_ONCE = 3;
/** The commit before the framework's own detectors came. */
const BEFORE = "cf05fe1:src/agent/vad.ts";

interface Heard {
  /** Before the last word. */
  readonly cutOff: boolean;
  /** From the last sound until the turn's end is seen; undefined where it never is. */
  readonly waitMs: number | undefined;
}

interface EnergyVad {
  push(samples: Int16Array): { readonly kind: string } | undefined;
}

interface Recording {
  readonly samples: Int16Array;
  /** When the last word is over. */
  readonly endMs: number;
}

/** What plays a recording in real time, as a microphone would. */
class Recorded extends voice.AudioInput {
  constructor({ samples }: Recording) {
    super();
    const begunMs = performance.now();
    let at = 0;
    const frames = new ReadableStream<AudioFrame>({
      async pull(controller) {
        if (at + FRAME_SAMPLES > samples.length) return controller.close();
        await delay(begunMs + (at / RATE) * 1000 - performance.now());
        const frame = samples.slice(at, at + FRAME_SAMPLES);
        controller.enqueue(new AudioFrame(frame, RATE, 1, FRAME_SAMPLES));
        at += FRAME_SAMPLES;
      },
    });
    this.multiStream.addInputStream(
      frames as Parameters<typeof this.multiStream.addInputStream>[0],
    );
  }
}

initializeLogger({ pretty: false, level: "silent" });
const EnergyDetector = await detectorBefore();
const question = await recordedQuestion();
print(["pause", "cut off, before", "cut off, now", "wait before", "wait now"]);
for (const pauseMs of PAUSES_MS) {
  const before: Heard[] = [];
  const now: Heard[] = [];
  for (let at = 0; at < PLACES_MS.length; at += AT_ONCE) {
    const recordings = PLACES_MS.slice(at, at + AT_ONCE).map((ms) => withPause(ms, pauseMs));
    before.push(...recordings.map(byEnergy));
    now.push(...(await Promise.all(recordings.map(bySession))));
  }
  print([`${pauseMs} ms`, shareOf(before), shareOf(now), waitOf(before), waitOf(now)]);
}
await dispose();
// The models for voice keep threads of their own.
process.exit(0);

function withPause(placeMs: number, pauseMs: number): Recording {
  const at = (placeMs * RATE) / 1000;
  const parts = [
    silence(LEAD_MS),
    question.subarray(0, at),
    silence(pauseMs),
    question.subarray(at),
    silence(TAIL_MS),
  ];
  const samples = Int16Array.from(parts.flatMap((part) => [...part]));
  return { samples, endMs: LEAD_MS + pauseMs + (question.length / RATE) * 1000 };
}

function silence(ms: number): Int16Array {
  return new Int16Array((ms * RATE) / 1000);
}

function byEnergy({ samples, endMs }: Recording): Heard {
  const detector = new EnergyDetector(RATE);
  const ends: number[] = [];
  for (let at = 0; at + FRAME_SAMPLES <= samples.length; at += FRAME_SAMPLES) {
    const event = detector.push(samples.subarray(at, at + FRAME_SAMPLES));
    if (event?.kind === "ended") ends.push(((at + FRAME_SAMPLES) / RATE) * 1000);
  }
  return heard(ends, endMs);
}

async function bySession(recording: Recording): Promise<Heard> {
  const session = new voice.AgentSession({
    llm: new DemoModel({}),
    stt: demoSpeech().stt,
    vad: new inference.VAD(),
    turnHandling: { turnDetection: localTurnDetector(), ...turnHandling({}) },
    userAwayTimeout: null,
    aecWarmupDuration: null,
  });
  const ends: number[] = [];
  let begunMs = 0;
  session.on(voice.AgentSessionEventTypes.Error, () => undefined);
  session.on(voice.AgentSessionEventTypes.ConversationItemAdded, ({ item }) => {
    if (item.type === "message" && item.role === "user") ends.push(performance.now() - begunMs);
  });
  session.input.audio = new Recorded(recording);
  begunMs = performance.now();
  await session.start({ agent: new voice.Agent({ instructions: "" }), record: false });
  await delay((recording.samples.length / RATE) * 1000);
  await session.close();
  return heard(ends, recording.endMs);
}

function heard(ends: readonly number[], endMs: number): Heard {
  const last = ends.find((ms) => ms >= endMs);
  return {
    cutOff: ends.some((ms) => ms < endMs),
    waitMs: last === undefined ? undefined : last - endMs,
  };
}

/** As it was, from the repository's history: it is nowhere else any more. */
async function detectorBefore(): Promise<new (sampleRate: number) => EnergyVad> {
  const path = join(await temporaryDirectory(), "energy-vad.ts");
  writeFileSync(path, execFileSync("git", ["show", BEFORE]));
  const loaded: { EnergyVad: new (sampleRate: number) => EnergyVad } = await import(
    pathToFileURL(path).href
  );
  return loaded.EnergyVad;
}

function shareOf(all: readonly Heard[]): string {
  return `${all.filter(({ cutOff }) => cutOff).length} of ${all.length}`;
}

function waitOf(all: readonly Heard[]): string {
  const waits = all.flatMap(({ waitMs }) => waitMs ?? []).toSorted((one, other) => one - other);
  const middle = waits[Math.floor(waits.length / 2)];
  return middle === undefined ? "-" : `${Math.round(middle)} ms`;
}

function print(cells: readonly string[]): void {
  process.stdout.write(`${cells.map((cell) => cell.padEnd(18)).join("")}\n`);
}
