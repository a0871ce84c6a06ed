import type { AgentConfig } from "../protocol/agent-config.js";
import type { PanelAnswer, PanelTools } from "./panel-tools.js";
import type { Job } from "./platform-client.js";

/** Sound as the session handles it: 48 kHz, mono, 16 bit. */
export const SAMPLE_RATE = 48_000;

/** Something that a visitor said by voice, between two pauses. */
export interface Utterance {
  readonly samples: Int16Array;
  readonly seconds: number;
}

/** What the agent says. */
export interface Reply {
  /** The words, in the pieces in which they become known. */
  readonly text: AsyncIterable<string>;
  /** Played while the words go out as captions; at `SAMPLE_RATE`. */
  readonly samples?: Int16Array;
}

/** What a brain has at hand. */
export interface BrainContext {
  readonly config: AgentConfig;
  /** Whether this continues an earlier talk. */
  readonly resumed: boolean;
  /** What was said before this job. */
  readonly transcript: Job["transcript"];
  readonly panel: PanelTools;
}

/**
 * Decides what the agent says. The session around it does everything else: turns, captions,
 * interruptions, sound. A signal that aborts means that the visitor interrupted.
 *
 * In the usual words of voice agents: `Brain` is speech-to-text, language model and text-to-speech,
 * `Ear` the audio input with voice activity detection, `Mouth` the audio output.
 */
export interface Brain {
  /** The first words; undefined: the visitor begins. */
  greet(signal: AbortSignal): Reply | undefined;
  /** What to say to something written. */
  answer(message: string, signal: AbortSignal): Reply;
  /** The words of something spoken, as far as they are understood: the visitor's turn and caption. */
  transcribe(utterance: Utterance): Promise<string>;
  /** What to say to something spoken. */
  answerSpeech(utterance: Utterance, words: string, signal: AbortSignal): Reply;
  /** What to say to a card or form that was answered or dismissed; undefined: nothing. */
  receive(answer: PanelAnswer, signal: AbortSignal): Reply | undefined;
}
