import { createRequire } from "node:module";
import { inference } from "@livekit/agents";

type LocalInference = typeof import("@livekit/local-inference");

let models: LocalInference | undefined;

/** They hold about 300 MB, so they are loaded at a process's first sound. */
function loadModels(): LocalInference {
  models ??= createRequire(import.meta.url)("@livekit/local-inference") as LocalInference;
  return models;
}

/**
 * The framework's end-of-turn detector on its local model, here in this process. The framework would start a process
 * for it, and take LiveKit's cloud for it unless it is told which one.
 */
export function localTurnDetector(): inference.TurnDetector {
  return new inference.TurnDetector({
    version: "v1-mini",
    executor: {
      doInference: async (_method, data) => {
        const { pcm } = data as { pcm: string };
        const bytes = Buffer.from(pcm, "base64");
        const begunMs = performance.now();
        const samples = new Int16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 1);
        const probability = await loadModels().predict(samples);
        return { probability, inferenceDurationMs: performance.now() - begunMs };
      },
    },
  });
}
