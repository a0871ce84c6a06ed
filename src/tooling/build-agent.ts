import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";

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

const PROCESS_ENDS = "await proc.join();";
const MAKE_ROOM = `
  const ready = this.warmedProcQueue.items;
  const place = ready.findIndex((entry) => entry.proc === proc);
  if (place !== -1) ready.splice(place, 1)[0].unlock();
`;

/**
 * The framework keeps a process that died while it waited for a job among those that are ready, gives it the next job,
 * and so loses a visitor without a word (livekit/agents-js#2321, open in 1.9.0). Mended where it happens, a fresh
 * process takes the place at once and no talk is touched; a worker that began anew would cut all of them off.
 */
const deadProcessesMakeRoom: Plugin = {
  name: "dead processes make room",
  setup: ({ onLoad }) => {
    onLoad({ filter: /[\\/]ipc[\\/]proc_pool\.js$/ }, async ({ path }) => {
      const [before, after, ...more] = (await readFile(path, "utf8")).split(PROCESS_ENDS);
      if (before === undefined || after === undefined || more.length > 0)
        throw new Error("The framework's pool is another one now: does it still need this?");
      return { contents: before + PROCESS_ENDS + MAKE_ROOM + after };
    });
  },
};

/**
 * Bundles the agent worker, its job and the framework's own entry of a job's process. The framework starts a process
 * for each conversation, which would otherwise find and link its thousands of modules one by one, for a second.
 */
export async function buildAgent(outDir: string): Promise<void> {
  const framework = dirname(createRequire(import.meta.url).resolve("@livekit/agents"));
  const { outputFiles } = await build({
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
    plugins: [deadProcessesMakeRoom],
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
