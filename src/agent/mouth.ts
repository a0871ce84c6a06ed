import {
  AudioFrame,
  AudioSource,
  LocalAudioTrack,
  TrackPublishOptions,
  TrackSource,
  type LocalParticipant,
} from "@livekit/rtc-node";
import { SAMPLE_RATE } from "./brain.js";

const FRAME_SAMPLES = SAMPLE_RATE / 50;
/** What is queued cannot be taken back faster than this, and a gap shorter than it is not heard. */
const QUEUE_MS = 200;

/** The agent's audio track. Nothing is published before there is something to hear. */
export class Mouth {
  private readonly source = new AudioSource(SAMPLE_RATE, 1, QUEUE_MS);
  private published: Promise<string | undefined> | undefined;

  constructor(private readonly me: LocalParticipant) {}

  /** @returns the track's sid, once it is published. */
  async open(): Promise<string | undefined> {
    this.published ??= this.publish();
    return this.published;
  }

  /** Resolves when it was heard, or soon after the signal aborts. */
  async play(samples: Int16Array, signal: AbortSignal): Promise<void> {
    await this.open();
    for (let at = 0; at < samples.length && !signal.aborted; at += FRAME_SAMPLES) {
      const data = new Int16Array(FRAME_SAMPLES);
      data.set(samples.subarray(at, at + FRAME_SAMPLES));
      await this.source.captureFrame(new AudioFrame(data, SAMPLE_RATE, 1, FRAME_SAMPLES));
    }
    if (signal.aborted) this.source.clearQueue();
    else await this.source.waitForPlayout();
  }

  private async publish(): Promise<string | undefined> {
    const track = LocalAudioTrack.createAudioTrack("agent", this.source);
    const options = new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE });
    return (await this.me.publishTrack(track, options)).sid;
  }
}
