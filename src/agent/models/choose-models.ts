import type { llm, stt, tts } from "@livekit/agents";
import type { AgentConfig } from "../../protocol/agent-config.js";
import { DemoModel } from "../demo-model.js";
import { demoSpeech } from "../demo-speech.js";

/** Ears and a mouth. */
export interface Speech {
  readonly stt: stt.STT;
  readonly tts: tts.TTS;
}

/** What a talk thinks, hears and speaks with. */
export interface TalkModels {
  readonly llm: llm.LLM;
  /** Called at the first sound, once. Undefined: a talk without voice. */
  readonly speech: (() => Speech) | undefined;
}

/** @returns what a talk by this version's `config` runs on: the demonstration's own, which need no key. */
export function chooseModels(config: AgentConfig): TalkModels {
  return { llm: new DemoModel(config), speech: demoSpeech };
}
