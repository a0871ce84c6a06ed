import { z } from "zod";
import { baseUrl } from "./environment.js";

// Which models the operator pays for. The platform and its worker read the same variables.

/** A server that speaks OpenAI's API, and the model that is asked there. */
export interface ModelEndpoint {
  /** Without a trailing slash, usually ending in `/v1`. */
  readonly baseUrl: string;
  /** Undefined: the server wants none, as local ones do. Never logged. */
  readonly apiKey: string | undefined;
  readonly model: string;
}

/** Both or neither: a voice talk needs to hear and to speak. */
export interface SpeechSettings {
  readonly stt: ModelEndpoint;
  readonly tts: ModelEndpoint & { readonly voice: string };
}

export interface ModelSettings {
  readonly llm: ModelEndpoint;
  /** Asked where the first one fails or stays silent. */
  readonly fallback: ModelEndpoint | undefined;
  /** Undefined: talks are written only. */
  readonly speech: SpeechSettings | undefined;
  /** What a version's `model.name` may be; the first is used without it (contract section 7). */
  readonly names: readonly [string, ...string[]];
  /** What a version's `voice.name` may be; the first is used without it. Empty without `speech`. */
  readonly voices: readonly string[];
}

const OPENAI_URL = "https://api.openai.com/v1";
const OPENAI_HOST = new URL(OPENAI_URL).host;
/** Known to OpenAI, and to the local servers that take its place. */
const DEFAULT_VOICE = "alloy";

const NAME = /^[^\s,]([^,]*[^\s,])?$/;
const name = z.string().max(200).regex(NAME, "must be a name without commas");
const names = z
  .string()
  .transform((text) => [...new Set(text.split(",").map((one) => one.trim()))])
  .refine(
    (list) => list.every((one) => name.safeParse(one).success),
    "must be names with commas between them",
  );
// Anything else would end in an error of the HTTP client, which shows the value.
const apiKey = z
  .string()
  .regex(/^[\x21-\x7e]+$/, "must be visible ASCII characters without blanks")
  .optional();

/** The variables, for the schemas of both programs. */
export const modelVariables = {
  LLM_BASE_URL: baseUrl.optional(),
  LLM_API_KEY: apiKey,
  LLM_MODEL: name.optional(),
  LLM_FALLBACK_BASE_URL: baseUrl.optional(),
  LLM_FALLBACK_API_KEY: apiKey,
  LLM_FALLBACK_MODEL: name.optional(),
  MODELS: names.optional(),
  STT_BASE_URL: baseUrl.optional(),
  STT_API_KEY: apiKey,
  STT_MODEL: name.optional(),
  TTS_BASE_URL: baseUrl.optional(),
  TTS_API_KEY: apiKey,
  TTS_MODEL: name.optional(),
  TTS_VOICES: names.optional(),
};

type ModelVariables = z.infer<z.ZodObject<typeof modelVariables>>;
type Fail = (name: string, message: string) => void;

/** What is wrong only together, as `readEnvironment` asks it. */
export function checkModels(env: Readonly<Record<string, string | undefined>>, fail: Fail): void {
  const isSet = (prefix: string): boolean =>
    Object.keys(modelVariables).some((key) => key.startsWith(prefix) && env[key] !== undefined);
  if (!env.LLM_MODEL && ["LLM_", "STT_", "TTS_", "MODELS"].some(isSet)) {
    fail("LLM_MODEL", "is required with any other setting of a model");
    return;
  }
  if (env.LLM_MODEL && !env.LLM_BASE_URL && !env.LLM_API_KEY) {
    fail("LLM_BASE_URL", "or LLM_API_KEY is required with LLM_MODEL; a key alone is for OpenAI");
  }
  if (!env.LLM_FALLBACK_MODEL && isSet("LLM_FALLBACK_")) {
    fail("LLM_FALLBACK_MODEL", "is required with any other setting of the fallback");
  }
  if (!env.STT_MODEL && isSet("STT_")) fail("STT_MODEL", "is required with any other STT setting");
  if (!env.TTS_MODEL && isSet("TTS_")) fail("TTS_MODEL", "is required with any other TTS setting");
  if (env.STT_MODEL && !isSet("TTS_")) fail("TTS_MODEL", "goes together with STT_MODEL");
  if (env.TTS_MODEL && !isSet("STT_")) fail("STT_MODEL", "goes together with TTS_MODEL");
}

/** @returns undefined: no model is configured, and the demo answers. */
export function readModels(env: ModelVariables): ModelSettings | undefined {
  const { LLM_MODEL, LLM_FALLBACK_MODEL, STT_MODEL, TTS_MODEL } = env;
  if (LLM_MODEL === undefined) return undefined;
  const llm = {
    baseUrl: env.LLM_BASE_URL ?? OPENAI_URL,
    apiKey: env.LLM_API_KEY,
    model: LLM_MODEL,
  };
  const orLlms = (model: string, url: string | undefined, key: string | undefined) =>
    endpoint(llm, model, url, key);
  const voices = TTS_MODEL === undefined ? [] : (env.TTS_VOICES ?? [DEFAULT_VOICE]);
  const [voice = DEFAULT_VOICE] = voices;
  return {
    llm,
    fallback:
      LLM_FALLBACK_MODEL === undefined
        ? undefined
        : orLlms(LLM_FALLBACK_MODEL, env.LLM_FALLBACK_BASE_URL, env.LLM_FALLBACK_API_KEY),
    speech:
      STT_MODEL === undefined || TTS_MODEL === undefined
        ? undefined
        : {
            stt: orLlms(STT_MODEL, env.STT_BASE_URL, env.STT_API_KEY),
            tts: { ...orLlms(TTS_MODEL, env.TTS_BASE_URL, env.TTS_API_KEY), voice },
          },
    names: [LLM_MODEL, ...(env.MODELS ?? []).filter((one) => one !== LLM_MODEL)],
    voices,
  };
}

/** What is not said is the language model's, but its key goes to its own server alone. */
function endpoint(
  llm: ModelEndpoint,
  model: string,
  url: string | undefined,
  key: string | undefined,
): ModelEndpoint {
  const server = url ?? llm.baseUrl;
  const isSameServer = new URL(server).origin === new URL(llm.baseUrl).origin;
  return { baseUrl: server, apiKey: key ?? (isSameServer ? llm.apiKey : undefined), model };
}

/**
 * The longest answer of a language model, as a parameter that its server knows: OpenAI alone has renamed
 * it, and refuses the old name for some models; of the others some refuse the new one.
 */
export function answerBound(
  { baseUrl: server }: Pick<ModelEndpoint, "baseUrl">,
  tokens: number,
): { max_tokens: number } | { max_completion_tokens: number } {
  return new URL(server).host === OPENAI_HOST
    ? { max_completion_tokens: tokens }
    : { max_tokens: tokens };
}

/** Whether a talk may be spoken. Without a model the demo answers, which has a voice of its own. */
export function hasVoice(models: ModelSettings | undefined): boolean {
  return models === undefined || models.speech !== undefined;
}

/** The same settings as variables, for the worker that the platform runs. */
export function modelEnvironment(
  models: ModelSettings | undefined,
): Record<keyof typeof modelVariables, string> {
  const { llm, fallback, speech } = models ?? {};
  return {
    ...endpointVariables("LLM", llm),
    ...endpointVariables("LLM_FALLBACK", fallback),
    ...endpointVariables("STT", speech?.stt),
    ...endpointVariables("TTS", speech?.tts),
    MODELS: models?.names.join(",") ?? "",
    TTS_VOICES: models?.voices.join(",") ?? "",
  };
}

function endpointVariables<Prefix extends string>(
  prefix: Prefix,
  endpointOf: ModelEndpoint | undefined,
): Record<`${Prefix}_${"BASE_URL" | "API_KEY" | "MODEL"}`, string> {
  // The compiler takes such names for any text.
  return {
    [`${prefix}_BASE_URL`]: endpointOf?.baseUrl ?? "",
    [`${prefix}_API_KEY`]: endpointOf?.apiKey ?? "",
    [`${prefix}_MODEL`]: endpointOf?.model ?? "",
  } as Record<`${Prefix}_${"BASE_URL" | "API_KEY" | "MODEL"}`, string>;
}
