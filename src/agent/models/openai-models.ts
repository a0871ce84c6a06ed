import type { llm } from "@livekit/agents";
import { LLM, STT } from "@livekit/agents-plugin-openai";
import { OpenAI } from "openai";
import type { Logger } from "pino";
import {
  answerBound,
  type ModelEndpoint,
  type ModelSettings,
  type SpeechSettings,
} from "../../process/model-settings.js";
import { MAX_ANSWER_TOKENS, type AgentConfig } from "../../protocol/agent-config.js";
import { sentencesIn } from "../sentences.js";
import type { Speech, SpeechEvents } from "./talk-models.js";
import { SteadyEars } from "./steady-ears.js";
import { SteadyModel } from "./steady-model.js";
import { SteadyMouth } from "./steady-mouth.js";

/** The client asks for a key. */
const NO_KEY = "none";

/** The operator's language model, as a version's `config` wants it: a name that is no longer offered counts as none. */
export function operatorModel(
  { llm: endpoint, fallback, names }: ModelSettings,
  config: AgentConfig,
  log: Logger,
  sentences = sentencesIn(config.voice?.language),
): llm.LLM {
  const model = config.model ?? {};
  const { temperature, max_tokens: maxTokens = MAX_ANSWER_TOKENS } = model;
  return new SteadyModel({
    first: { ...endpoint, model: offered(model.name, names) ?? endpoint.model },
    fallback,
    connect: (server) =>
      new LLM({
        client: clientOf(server),
        model: server.model,
        // Not every server knows the parameter, and each has a default of its own.
        parallelToolCalls: undefined,
      }),
    parameters: (server) => ({
      ...(temperature === undefined ? {} : { temperature }),
      ...answerBound(server, maxTokens),
    }),
    sentences,
    log,
  });
}

/** The operator's ears and mouth for one talk. */
export function operatorSpeech(
  { speech, voices }: ModelSettings & { readonly speech: SpeechSettings },
  config: AgentConfig,
  { onDeaf, onMute, log }: SpeechEvents & { readonly log: Logger },
): Speech {
  const voice = config.voice ?? {};
  const heard = speech.stt;
  const ears = new STT({
    client: clientOf(heard),
    // Asked for, and not used.
    apiKey: NO_KEY,
    model: heard.model,
    useRealtime: false,
    ...(voice.language === undefined ? { detectLanguage: true } : { language: voice.language }),
  });
  const spoken = { ...speech.tts, voice: offered(voice.name, voices) ?? speech.tts.voice };
  return {
    stt: new SteadyEars({ endpoint: heard, ears, onDeaf, log }),
    tts: new SteadyMouth({ endpoint: spoken, speed: voice.speed, onMute, log }),
  };
}

/** Nothing but what the operator has said: no variable of OpenAI's counts, and nothing of a server's is written out. */
function clientOf({ baseUrl, apiKey }: ModelEndpoint): OpenAI {
  return new OpenAI({
    baseURL: baseUrl,
    apiKey: apiKey ?? NO_KEY,
    organization: null,
    project: null,
    maxRetries: 0,
    logLevel: "off",
    ...(apiKey === undefined ? { defaultHeaders: { Authorization: null } } : {}),
    // What visitors say goes nowhere else.
    fetchOptions: { redirect: "error" },
  });
}

function offered(name: string | undefined, names: readonly string[]): string | undefined {
  return name !== undefined && names.includes(name) ? name : undefined;
}
