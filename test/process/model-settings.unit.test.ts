import { describe, expect, test } from "vitest";
import { loadConfig } from "../../src/platform/config.js";
import { ConfigError } from "../../src/process/environment.js";
import { answerBound } from "../../src/process/model-settings.js";
import { loadWorkerConfig, workerEnvironment } from "../../src/process/worker-environment.js";

const WORKER = {
  AGENT_SECRET: "s".repeat(32),
  LIVEKIT_URL: "ws://livekit.test",
  LIVEKIT_API_KEY: "key",
  LIVEKIT_API_SECRET: "secret",
};
const LOCAL = { LLM_BASE_URL: "http://127.0.0.1:11434/v1/", LLM_MODEL: "llama3.2" };
const SPEECH = { STT_MODEL: "whisper-1", TTS_MODEL: "tts-1" };
const EVERYTHING = {
  ...LOCAL,
  LLM_API_KEY: "sk-llm",
  MODELS: "qwen3:8b, llama3.2,org/model",
  LLM_FALLBACK_BASE_URL: "https://other.test/v1",
  LLM_FALLBACK_API_KEY: "sk-fallback",
  LLM_FALLBACK_MODEL: "plan-b",
  ...SPEECH,
  STT_BASE_URL: "http://ears.test/v1",
  STT_API_KEY: "sk-ears",
  TTS_BASE_URL: "http://mouth.test/v1",
  TTS_API_KEY: "sk-mouth",
  TTS_VOICES: "anna, ben",
};

function refusal(env: Record<string, string>): string {
  const messages = [() => loadConfig(env), () => loadWorkerConfig({ ...WORKER, ...env })].map(
    (load) => {
      try {
        load();
      } catch (error) {
        if (error instanceof ConfigError) return error.message;
        throw error;
      }
      throw new Error("the environment was accepted");
    },
  );
  const [platform = "", worker] = messages;
  expect(worker).toBe(platform);
  return platform;
}

describe("the settings of models", () => {
  test("are absent without any: the demo answers", () => {
    expect(loadConfig({}).models).toBeUndefined();
    expect(loadConfig({ LLM_MODEL: "", LLM_API_KEY: "" }).models).toBeUndefined();
  });

  test("are a server's address and a model; a key alone means OpenAI", () => {
    expect(loadConfig(LOCAL).models).toEqual({
      llm: { baseUrl: "http://127.0.0.1:11434/v1", apiKey: undefined, model: "llama3.2" },
      fallback: undefined,
      speech: undefined,
      names: ["llama3.2"],
      voices: [],
    });
    expect(loadConfig({ LLM_API_KEY: "sk-1", LLM_MODEL: "gpt-4.1" }).models?.llm).toEqual({
      baseUrl: "https://api.openai.com/v1",
      apiKey: "sk-1",
      model: "gpt-4.1",
    });
  });

  test("of speech and fallback default to the language model's server and key", () => {
    const models = loadConfig({
      ...LOCAL,
      LLM_API_KEY: "sk-1",
      LLM_FALLBACK_MODEL: "b",
      ...SPEECH,
    });
    const { baseUrl, apiKey } = models.models?.llm ?? {};
    expect(models.models).toMatchObject({
      fallback: { baseUrl, apiKey, model: "b" },
      speech: {
        stt: { baseUrl, apiKey, model: "whisper-1" },
        tts: { baseUrl, apiKey, model: "tts-1", voice: "alloy" },
      },
      voices: ["alloy"],
    });
  });

  test("give the language model's key to its own server alone", () => {
    const { models } = loadConfig({
      ...LOCAL,
      ...SPEECH,
      LLM_API_KEY: "sk-1",
      LLM_FALLBACK_MODEL: "b",
      LLM_FALLBACK_BASE_URL: "https://other.test/v1",
      STT_BASE_URL: "http://127.0.0.1:9000/v1",
      TTS_BASE_URL: "http://127.0.0.1:11434/speech/v1",
    });
    expect(models?.fallback?.apiKey).toBeUndefined();
    expect(models?.speech?.stt.apiKey).toBeUndefined();
    expect(models?.speech?.tts.apiKey).toBe("sk-1");
  });

  test("list what a version may name, the default first and nothing twice", () => {
    const { models } = loadConfig(EVERYTHING);
    expect(models?.names).toEqual(["llama3.2", "qwen3:8b", "org/model"]);
    expect(models?.voices).toEqual(["anna", "ben"]);
    expect(models?.speech?.tts.voice).toBe("anna");
  });

  test.each([
    [{ LLM_BASE_URL: "http://127.0.0.1/v1" }, "LLM_MODEL is required"],
    [{ MODELS: "a" }, "LLM_MODEL is required"],
    [SPEECH, "LLM_MODEL is required"],
    [{ LLM_MODEL: "a" }, "LLM_BASE_URL or LLM_API_KEY is required"],
    [{ ...LOCAL, LLM_BASE_URL: "127.0.0.1:11434" }, "LLM_BASE_URL must be an http(s) URL"],
    [{ ...LOCAL, LLM_MODEL: "a,b" }, "LLM_MODEL must be a name without commas"],
    [{ ...LOCAL, MODELS: "a,,b" }, "MODELS must be names with commas between them"],
    [{ ...LOCAL, LLM_FALLBACK_API_KEY: "k" }, "LLM_FALLBACK_MODEL is required"],
    [{ ...LOCAL, STT_MODEL: "a" }, "TTS_MODEL goes together with STT_MODEL"],
    [{ ...LOCAL, TTS_MODEL: "a" }, "STT_MODEL goes together with TTS_MODEL"],
    [{ ...LOCAL, ...SPEECH, STT_MODEL: "", STT_API_KEY: "k" }, "STT_MODEL is required"],
    [{ ...LOCAL, TTS_VOICES: "a" }, "TTS_MODEL is required"],
  ])("%j is refused by platform and worker: %s", (env, reason) => {
    const [, ...lines] = refusal(env).split("\n");
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(reason);
  });

  test("bound an answer by the name that the server knows", () => {
    const bound = (baseUrl: string): object => answerBound({ baseUrl }, 7);
    expect(bound("https://api.openai.com/v1")).toEqual({ max_completion_tokens: 7 });
    expect(bound("http://127.0.0.1:11434/v1")).toEqual({ max_tokens: 7 });
    expect(bound("https://api.openai.com.evil.test/v1")).toEqual({ max_tokens: 7 });
  });

  test("are refused without ever showing a key", () => {
    for (const apiKey of ["value of key", "value-of-kéy", "value-of\nkey"]) {
      const message = refusal({ ...LOCAL, LLM_API_KEY: apiKey });
      expect(message).toContain("LLM_API_KEY must be visible ASCII characters");
      expect(message).not.toContain("value");
    }
  });

  test.each([[{}], [LOCAL], [{ LLM_API_KEY: "sk-1", LLM_MODEL: "a", ...SPEECH }], [EVERYTHING]])(
    "reach the platform's own worker unchanged: %j",
    (env) => {
      const { models } = loadConfig(env);
      const worker = { ...loadWorkerConfig(WORKER), models };
      expect(loadWorkerConfig(workerEnvironment({}, worker)).models).toEqual(models);
    },
  );
});
