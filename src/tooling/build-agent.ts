import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const SOURCE = fileURLToPath(new URL("../agent/", import.meta.url));

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
 * Bundles the agent worker and the program of its processes, which would otherwise find and link the framework's
 * thousands of modules one by one, for a second each.
 */
export async function buildAgent(outDir: string): Promise<void> {
  const { outputFiles } = await build({
    entryPoints: [join(SOURCE, "main.ts"), join(SOURCE, "host-process.ts")],
    entryNames: "[name]",
    outdir: outDir,
    bundle: true,
    // One copy of what the two share, as without a bundle.
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
    write: false,
  });
  // Only now: while the build runs, or when it fails, what was built before stays in place.
  await rm(outDir, { recursive: true, force: true });
  await mkdir(outDir, { recursive: true });
  for (const { path, contents } of outputFiles) await writeFile(path, contents);
}
