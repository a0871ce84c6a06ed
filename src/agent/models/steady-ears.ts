import { stt, type AudioBuffer } from "@livekit/agents";
import type { Logger } from "pino";
import type { ModelEndpoint } from "../../process/model-settings.js";
import type { TurnError } from "../../protocol/worker-api.js";
import { statusOf, troubleOfStatus } from "./trouble.js";

/** What a visitor waits until they are understood, a second try included. */
const PATIENCE_MS = 8_000;

const NOTHING: stt.SpeechEvent = {
  type: stt.SpeechEventType.FINAL_TRANSCRIPT,
  alternatives: [
    { language: "", text: "", startTime: 0, endTime: 0, confidence: 0 } as stt.SpeechData,
  ],
};

interface SteadyEarsOptions {
  readonly endpoint: ModelEndpoint;
  /** A client of the server. */
  readonly ears: stt.STT;
  /** Somebody spoke and was not understood. */
  readonly onDeaf: (trouble: TurnError) => void;
  readonly log: Logger;
}

/** Hears whole utterances, as the framework cuts them. It never throws: the framework would log a server's own words. */
export class SteadyEars extends stt.STT {
  override label = "ears";

  constructor(private readonly options: SteadyEarsOptions) {
    super({ streaming: false, interimResults: false });
  }

  override get model(): string {
    return this.options.endpoint.model;
  }

  override get provider(): string {
    return new URL(this.options.endpoint.baseUrl).host;
  }

  protected override async _recognize(
    sound: AudioBuffer,
    signal = new AbortController().signal,
  ): Promise<stt.SpeechEvent> {
    const { endpoint, ears, onDeaf, log } = this.options;
    const patience = AbortSignal.timeout(PATIENCE_MS);
    const until = AbortSignal.any([signal, patience]);
    for (const isLast of [false, true]) {
      try {
        return await ears.recognize(sound, until);
      } catch (error) {
        if (signal.aborted) break;
        const status = statusOf(error);
        const trouble = patience.aborted ? "timeout" : troubleOfStatus(status);
        const server = this.provider;
        log.warn(
          { server, model: endpoint.model, trouble, status },
          "the speech model failed to hear",
        );
        if (!isLast && trouble !== "timeout" && trouble !== "unauthorized") continue;
        onDeaf(trouble);
        break;
      }
    }
    return NOTHING;
  }

  override stream(): never {
    throw new Error("It hears whole utterances; the framework cuts them.");
  }
}
