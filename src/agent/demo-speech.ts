import {
  DEFAULT_API_CONNECT_OPTIONS,
  mergeFrames,
  stt,
  tts,
  type APIConnectOptions,
  type AudioBuffer,
} from "@livekit/agents";
import { AudioFrame } from "@livekit/rtc-node";

const SAMPLE_RATE = 24_000;
const FRAME_SAMPLES = SAMPLE_RATE / 50;

/** What the visitor said last, kept until it was played back. */
class Echo {
  frame: AudioFrame | undefined;

  take(): AudioFrame | undefined {
    const { frame } = this;
    this.frame = undefined;
    return frame;
  }
}

/** Ears and a mouth without a model: what was said is played back, so that turns and interruptions are seen without a key. */
export function demoSpeech(): { readonly stt: stt.STT; readonly tts: tts.TTS } {
  const echo = new Echo();
  return { stt: new DemoEars(echo), tts: new DemoMouth(echo) };
}

class DemoEars extends stt.STT {
  override label = "demo ears";

  constructor(private readonly echo: Echo) {
    super({ streaming: false, interimResults: false });
  }

  protected override async _recognize(buffer: AudioBuffer): Promise<stt.SpeechEvent> {
    const frame = Array.isArray(buffer) ? mergeFrames(buffer) : buffer;
    const seconds = frame.samplesPerChannel / frame.sampleRate;
    this.echo.frame = frame;
    const text = spokenText(seconds);
    const heard = { language: "en", text, startTime: 0, endTime: seconds, confidence: 1 };
    return {
      type: stt.SpeechEventType.FINAL_TRANSCRIPT,
      alternatives: [heard as stt.SpeechData],
    };
  }

  override stream(): never {
    throw new Error("It hears whole utterances; the framework cuts them.");
  }
}

class DemoMouth extends tts.TTS {
  override label = "demo mouth";

  constructor(private readonly echo: Echo) {
    super(SAMPLE_RATE, 1, { streaming: true });
  }

  override synthesize(): never {
    throw new Error("It speaks in streams.");
  }

  override stream({
    connOptions = DEFAULT_API_CONNECT_OPTIONS,
  }: { connOptions?: APIConnectOptions } = {}): tts.SynthesizeStream {
    return new DemoVoice(this, this.echo, connOptions);
  }
}

class DemoVoice extends tts.SynthesizeStream {
  override label = "demo voice";

  constructor(
    mouth: DemoMouth,
    private readonly echo: Echo,
    connOptions: APIConnectOptions,
  ) {
    super(mouth, connOptions);
  }

  protected override async run(): Promise<void> {
    const frame = this.echo.take();
    let isBegun = false;
    for await (const piece of this.input) {
      if (piece === tts.SynthesizeStream.FLUSH_SENTINEL || isBegun) continue;
      isBegun = true;
      if (frame) this.speak(frame);
    }
    this.queue.put(tts.SynthesizeStream.END_OF_STREAM);
  }

  private speak(frame: AudioFrame): void {
    for (let at = 0; at < frame.data.length; at += FRAME_SAMPLES) {
      const data = frame.data.slice(at, at + FRAME_SAMPLES);
      const piece = new AudioFrame(data, frame.sampleRate, 1, data.length);
      const isLast = at + FRAME_SAMPLES >= frame.data.length;
      this.queue.put({ requestId: "echo", segmentId: "echo", frame: piece, final: isLast });
    }
  }
}

const SPOKEN = /^\(voice, ([\d.]+) seconds; the demo agent cannot tell the words\)$/;

function spokenText(seconds: number): string {
  return `(voice, ${seconds.toFixed(1)} seconds; the demo agent cannot tell the words)`;
}

/** @returns what the demo says to something that its ears have heard; undefined for what was written. */
export function playedBack(message: string): string | undefined {
  const seconds = SPOKEN.exec(message)?.[1];
  return seconds === undefined ? undefined : `You said (played back): ${seconds} seconds of sound.`;
}
