import type { llm, stt, tts } from "@livekit/agents";
import type { TurnError } from "../../protocol/worker-api.js";

/** Ears and a mouth. */
export interface Speech {
  readonly stt: stt.STT;
  readonly tts: tts.TTS;
}

/** What speech that failed is told to. */
export interface SpeechEvents {
  /** Somebody spoke and was not understood. */
  readonly onDeaf: (error: TurnError) => void;
  /** A sentence is read only. */
  readonly onMute: (error: TurnError) => void;
}

/** What a talk thinks, hears and speaks with. */
export interface TalkModels {
  readonly llm: llm.LLM;
  /** Called at the first sound, once. Undefined: a talk without voice. */
  readonly speech: ((events: SpeechEvents) => Speech) | undefined;
  /** Whether its mouth says words: the demonstration's plays back what it heard, and greets in writing. */
  readonly speaks: boolean;
}
