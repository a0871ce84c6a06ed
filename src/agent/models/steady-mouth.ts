import { tts, type APIConnectOptions } from "@livekit/agents";
import { AudioFrame } from "@livekit/rtc-node";
import type { Logger } from "pino";
import type { SpeechSettings } from "../../process/model-settings.js";
import type { TurnError } from "../../protocol/worker-api.js";
import { troubleOfStatus } from "./trouble.js";

/** What the API calls "pcm": 16 bits, mono. */
const SAMPLE_RATE = 24_000;
const FRAME_BYTES = (SAMPLE_RATE / 20) * 2;
/** What is read goes with the sound, so that there must be some: a shorter one's end is lost by the framework. */
const SILENT_FRAMES = 10;
/** What a visitor waits for a sentence's first sound, a second try included, and between two pieces of it. */
const PATIENCE_MS = 4_000;

interface SteadyMouthOptions {
  readonly endpoint: SpeechSettings["tts"];
  readonly speed: number | undefined;
  /** A sentence is read only. */
  readonly onMute: (trouble: TurnError) => void;
  readonly log: Logger;
}

/**
 * Speaks a sentence at a time, from its first sound on. Where the server fails the sentence is silent, and the visitor
 * still reads it. The framework's own client waits for the whole sound of a sentence, and leaves its failures to
 * nobody.
 */
export class SteadyMouth extends tts.TTS {
  override label = "mouth";

  constructor(readonly options: SteadyMouthOptions) {
    super(SAMPLE_RATE, 1, { streaming: false });
  }

  override get model(): string {
    return this.options.endpoint.model;
  }

  override get provider(): string {
    return new URL(this.options.endpoint.baseUrl).host;
  }

  override synthesize(
    text: string,
    connOptions?: APIConnectOptions,
    signal?: AbortSignal,
  ): tts.ChunkedStream {
    return new Sentence(this, text, connOptions, signal);
  }

  override stream(): never {
    throw new Error("It speaks sentences; the framework cuts them.");
  }
}

class Sentence extends tts.ChunkedStream {
  override label = "sentence";
  private readonly id = crypto.randomUUID();
  private isBegun = false;

  constructor(
    private readonly mouth: SteadyMouth,
    text: string,
    connOptions?: APIConnectOptions,
    signal?: AbortSignal,
  ) {
    super(text, mouth, connOptions, signal);
  }

  /** Never throws: nobody would catch it. */
  protected async run(): Promise<void> {
    const { endpoint, log, onMute } = this.mouth.options;
    for (const isLast of [false, true]) {
      const failure = await this.speak().catch((error: unknown) => failureOf(error));
      if (failure === undefined || this.abortSignal.aborted) return;
      const server = this.mouth.provider;
      log.warn({ server, model: endpoint.model, ...failure }, "the speech model failed to speak");
      const mayRetry = failure.trouble !== "timeout" && failure.trouble !== "unauthorized";
      if (!isLast && mayRetry && !this.isBegun) continue;
      onMute(failure.trouble);
      break;
    }
    if (this.isBegun) return;
    for (let count = 0; count < SILENT_FRAMES; count += 1)
      this.put(new Int16Array(FRAME_BYTES / 2));
  }

  /** @returns what the server answered in place of sound. */
  private async speak(): Promise<Failure | undefined> {
    const { endpoint, speed } = this.mouth.options;
    const { baseUrl, apiKey, model, voice } = endpoint;
    const patience = new AbortController();
    const lose = (): void => patience.abort(new DOMException("no sound", "TimeoutError"));
    let timer = setTimeout(lose, PATIENCE_MS);
    try {
      const answer = await fetch(`${baseUrl}/audio/speech`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
        },
        body: JSON.stringify({
          model,
          voice,
          input: this.inputText,
          response_format: "pcm",
          ...(speed === undefined ? {} : { speed }),
        }),
        // A key goes nowhere else.
        redirect: "error",
        signal: AbortSignal.any([this.abortSignal, patience.signal]),
      });
      if (!answer.ok || !answer.body) {
        await answer.body?.cancel();
        return { trouble: troubleOfStatus(answer.status), status: answer.status };
      }
      let rest = Buffer.alloc(0);
      for await (const piece of answer.body) {
        clearTimeout(timer);
        timer = setTimeout(lose, PATIENCE_MS);
        rest = Buffer.concat([rest, piece]);
        const whole = rest.length - (rest.length % FRAME_BYTES);
        for (let at = 0; at < whole; at += FRAME_BYTES) this.put(samplesOf(rest, at, FRAME_BYTES));
        rest = rest.subarray(whole);
      }
      const last = rest.length - (rest.length % 2);
      if (last > 0) this.put(samplesOf(rest, 0, last));
      return this.isBegun ? undefined : { trouble: "bad_answer" };
    } finally {
      clearTimeout(timer);
    }
  }

  private put(samples: Int16Array): void {
    this.isBegun = true;
    const frame = new AudioFrame(samples, SAMPLE_RATE, 1, samples.length);
    this.queue.put({ requestId: this.id, segmentId: this.id, frame, final: false });
  }
}

interface Failure {
  readonly trouble: TurnError;
  readonly status?: number;
}

function failureOf(error: unknown): Failure {
  const isTimeout = error instanceof DOMException && error.name === "TimeoutError";
  return { trouble: isTimeout ? "timeout" : "server_error" };
}

/** Copied: what a sample is must begin at an even byte. */
function samplesOf(bytes: Buffer, at: number, length: number): Int16Array {
  const samples = new Int16Array(length / 2);
  for (let index = 0; index < samples.length; index += 1) {
    samples[index] = bytes.readInt16LE(at + index * 2);
  }
  return samples;
}
