import type { Logger } from "pino";
import type { ModelSettings } from "../../process/model-settings.js";
import type { AgentConfig } from "../../protocol/agent-config.js";
import { DemoModel } from "../demo-model.js";
import { demoSpeech } from "../demo-speech.js";
import type { Sentences } from "../sentences.js";
import type { TalkModels } from "./talk-models.js";

/** What a talk by a version's `config` runs on. */
export type ChooseModels = (config: AgentConfig, sentences: Sentences, log: Logger) => TalkModels;

/** @returns the operator's models, whose client is loaded here, or the demonstration's own, which need no key. */
export async function loadModels(models: ModelSettings | undefined): Promise<ChooseModels> {
  if (!models)
    return (config) => ({ llm: new DemoModel(config), speech: demoSpeech, speaks: false });
  const { operatorModel, operatorSpeech } = await import("./openai-models.js");
  const { speech } = models;
  return (config, sentences, log) => ({
    llm: operatorModel(models, config, log, sentences),
    speech:
      speech && ((events) => operatorSpeech({ ...models, speech }, config, { ...events, log })),
    speaks: speech !== undefined,
  });
}
