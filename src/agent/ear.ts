import type { ReadableStreamDefaultReader } from "node:stream/web";
import { AudioStream, type AudioFrame, type RemoteTrack } from "@livekit/rtc-node";
import { SAMPLE_RATE, type Utterance } from "./brain.js";
import { EnergyVad } from "./vad.js";

const FRAME_MS = 20;
/** A muted or stopped microphone may send no frames at all: that is silence too. */
const NO_FRAMES_MS = 800;

interface EarEvents {
  /** The visitor began to speak. */
  readonly onSpeech: () => void;
  readonly onUtterance: (utterance: Utterance) => void;
}

/** Listens to one audio track until it ends. */
export class Ear {
  private readonly vad = new EnergyVad(SAMPLE_RATE);
  private readonly reader: ReadableStreamDefaultReader<AudioFrame>;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    track: RemoteTrack,
    private readonly events: EarEvents,
  ) {
    const stream = new AudioStream(track, {
      sampleRate: SAMPLE_RATE,
      numChannels: 1,
      frameSizeMs: FRAME_MS,
    });
    this.reader = stream.getReader();
  }

  /** While the agent plays sound, more is needed to count as the visitor's voice. */
  set agentIsHeard(heard: boolean) {
    this.vad.agentIsHeard = heard;
  }

  /** Resolves when the track has ended. */
  async listen(): Promise<void> {
    for (;;) {
      const { done, value } = await this.reader.read();
      if (done) break;
      this.tell(this.vad.push(value.data));
      clearTimeout(this.timer);
      if (this.vad.isSpeaking) {
        this.timer = setTimeout(() => this.tell(this.vad.end()), NO_FRAMES_MS);
      }
    }
    clearTimeout(this.timer);
    this.tell(this.vad.end());
  }

  async close(): Promise<void> {
    clearTimeout(this.timer);
    // A stream that broke off has nothing left to cancel.
    await this.reader.cancel().catch(() => undefined);
  }

  private tell(event: ReturnType<EnergyVad["push"]>): void {
    if (event?.kind === "started") this.events.onSpeech();
    if (event?.kind === "ended") {
      const { samples } = event;
      this.events.onUtterance({ samples, seconds: samples.length / SAMPLE_RATE });
    }
  }
}
