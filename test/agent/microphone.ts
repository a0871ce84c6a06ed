import { readFile } from "node:fs/promises";
import {
  AudioFrame,
  AudioSource,
  AudioStream,
  LocalAudioTrack,
  TrackPublishOptions,
  TrackSource,
  type LocalParticipant,
  type RemoteTrack,
} from "@livekit/rtc-node";
import { pause } from "../livekit/support.js";

const RATE = 16_000;
const FRAME_SAMPLES = RATE / 50;
/** The source takes frames without limit while its track is not sent. */
const AHEAD_MS = 100;
const LOUD = 500;
/** Between two words. */
const STILL_LOUD_MS = 300;
const WAV_HEADER_BYTES = 44;

/**
 * “How long does shipping take to Norway?”, 2.5 s, mono, 16 kHz. Made by espeak-ng (`espeak-ng -v en-us -s 150`): the
 * voice detector hears people, and takes no tone for one.
 */
export async function recordedQuestion(): Promise<Int16Array> {
  const bytes = await readFile(new URL("../support/fixtures/question.wav", import.meta.url));
  return new Int16Array(Uint8Array.from(bytes.subarray(WAV_HEADER_BYTES)).buffer);
}

/** How many seconds of a track are loud, until it has been quiet for a second after that. */
export async function loudSeconds(track: RemoteTrack): Promise<number> {
  const reader = new AudioStream(track, RATE, 1).getReader();
  let [loud, quiet] = [0, 0];
  while (loud === 0 || quiet < RATE) {
    const { done, value } = await reader.read();
    if (done) break;
    const isLoud = value.data.some((sample) => Math.abs(sample) > LOUD);
    if (isLoud) [loud, quiet] = [loud + value.data.length, 0];
    else quiet += value.data.length;
  }
  await reader.cancel();
  return loud / RATE;
}

/** Hears a track all the time. */
export class Earphone {
  private readonly reader;
  private readonly listening: Promise<void>;
  private lastLoudMs = -Infinity;

  constructor(track: RemoteTrack) {
    this.reader = new AudioStream(track, RATE, 1).getReader();
    this.listening = this.listen();
  }

  /** By the clock of `performance`: when something was heard last. */
  get lastHeardMs(): number {
    return this.lastLoudMs;
  }

  get isLoud(): boolean {
    return performance.now() - this.lastLoudMs < STILL_LOUD_MS;
  }

  async close(): Promise<void> {
    await this.reader.cancel();
    await this.listening;
  }

  private async listen(): Promise<void> {
    for (;;) {
      const { done, value } = await this.reader.read();
      if (done) return;
      if (value.data.some((sample) => Math.abs(sample) > LOUD)) this.lastLoudMs = performance.now();
    }
  }
}

/** A visitor's microphone: it is on until it is closed, and silent while nothing is said. */
export class Microphone {
  private readonly source = new AudioSource(RATE, 1);
  private readonly waiting: { readonly samples: Int16Array; readonly said: () => void }[] = [];
  private at = 0;
  private isOpen = true;
  private playing: Promise<void> = Promise.resolve();
  sid = "";
  /** By the clock of `performance`: when the first sample of what was said last left. */
  lastBegunMs = 0;

  private constructor() {}

  static async open(me: LocalParticipant): Promise<Microphone> {
    const microphone = new Microphone();
    const track = LocalAudioTrack.createAudioTrack("microphone", microphone.source);
    const options = new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE });
    const publication = await me.publishTrack(track, options);
    microphone.sid = publication.sid ?? "";
    microphone.playing = microphone.play();
    return microphone;
  }

  /** Resolves when the last sample has been spoken. */
  async say(samples: Int16Array): Promise<void> {
    await new Promise<void>((said) => {
      this.waiting.push({ samples, said });
    });
  }

  async close(): Promise<void> {
    this.isOpen = false;
    await this.playing;
  }

  private async play(): Promise<void> {
    const begunMs = performance.now();
    for (let position = 0; this.isOpen; position += FRAME_SAMPLES) {
      const aheadMs = (position / RATE) * 1000 - (performance.now() - begunMs);
      if (aheadMs > AHEAD_MS) await pause(AHEAD_MS / 2);
      if (this.at === 0 && this.waiting.length > 0) this.lastBegunMs = performance.now() + aheadMs;
      await this.source.captureFrame(new AudioFrame(this.next(), RATE, 1, FRAME_SAMPLES));
    }
  }

  private next(): Int16Array {
    const frame = new Int16Array(FRAME_SAMPLES);
    const [now] = this.waiting;
    if (!now) return frame;
    frame.set(now.samples.subarray(this.at, this.at + FRAME_SAMPLES));
    this.at += FRAME_SAMPLES;
    if (this.at >= now.samples.length) {
      this.waiting.shift();
      this.at = 0;
      now.said();
    }
    return frame;
  }
}
