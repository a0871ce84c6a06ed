import { rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const SOURCE = fileURLToPath(new URL("../../src/agent-worker/", import.meta.url));

/** They find their own files beside themselves: native bindings, and a program that FFmpeg's wrapper ships. */
const NOT_BUNDLED = [
  "@livekit/rtc-node",
  "@livekit/local-inference",
  "onnxruntime-node",
  "sharp",
  "fluent-ffmpeg",
  "@ffmpeg-installer/ffmpeg",
];

/**
 * Bundles the agent worker, its job and the framework's own entry of a job's process. The framework starts a process
 * for each conversation, which would otherwise find and link its thousands of modules one by one, for a second.
 */
export async function buildAgent(outDir: string): Promise<void> {
  const framework = dirname(createRequire(import.meta.url).resolve("@livekit/agents"));
  await rm(outDir, { recursive: true, force: true });
  await build({
    // The framework forks this entry by its own name, from the folder that its code is in.
    entryPoints: [
      join(SOURCE, "main.ts"),
      join(SOURCE, "job.ts"),
      join(framework, "ipc/job_proc_lazy_main.js"),
    ],
    entryNames: "[name]",
    outdir: outDir,
    bundle: true,
    // One copy of what worker and job share, as without a bundle.
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    external: NOT_BUNDLED,
    // For the CommonJS packages inside.
    banner: {
      js: 'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);',
    },
    legalComments: "none",
    logLevel: "warning",
  });
}
