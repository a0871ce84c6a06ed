import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Metafile } from "esbuild";
import type { ConsoleManifest } from "../protocol/console-manifest.js";
import { writeCompressed } from "./bundling.js";
import { directImports } from "./direct-imports.js";
import { typedOperations } from "./typed-operations.js";

const SOURCE = fileURLToPath(new URL("../console/", import.meta.url));
/** Owners keep their browsers up to date. */
const TARGET = ["chrome111", "firefox113", "safari16.4"];

/** Types of the console's operations, which is where an operation that the schema does not have is found. */
export async function generateConsoleOperations(outFile: string): Promise<void> {
  const entries = await readdir(SOURCE, { recursive: true });
  const names = entries.filter((name) => name.endsWith(".graphql")).toSorted();
  const sources = await Promise.all(
    names.map(async (location) => ({
      location,
      text: await readFile(join(SOURCE, location), "utf8"),
    })),
  );
  const code = await typedOperations(outFile, sources);
  await mkdir(join(outFile, ".."), { recursive: true });
  await writeFile(outFile, code);
}

/** Bundles the console: an entry, and a chunk for each page, which comes when it is opened. */
export async function buildConsole(outDir: string): Promise<ConsoleManifest> {
  const { outputFiles, metafile } = await build({
    entryPoints: { main: join(SOURCE, "main.tsx") },
    outdir: outDir,
    entryNames: "assets/[name]-[hash]",
    chunkNames: "assets/[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "browser",
    target: TARGET,
    jsx: "automatic",
    tsconfig: join(SOURCE, "tsconfig.json"),
    minify: true,
    charset: "utf8",
    legalComments: "none",
    plugins: [directImports],
    metafile: true,
    write: false,
  });
  await rm(outDir, { recursive: true, force: true });
  const gzipBytes = new Map<string, number>();
  await Promise.all(
    outputFiles.map(async ({ path, contents }) => {
      const file = `assets/${basename(path)}`;
      gzipBytes.set(file, await writeCompressed(outDir, { file, contents }));
    }),
  );
  const { entry, css, preload } = firstPage(metafile);
  const manifest: ConsoleManifest = {
    entry,
    css,
    preload,
    gzipBytes: [entry, css, ...preload].reduce((sum, file) => sum + (gzipBytes.get(file) ?? 0), 0),
  };
  await writeFile(join(outDir, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

/** What the page loads before anything is shown, by the names in the manifest. */
function firstPage({ outputs }: Metafile): Pick<ConsoleManifest, "entry" | "css" | "preload"> {
  // Each page that comes when it is opened is an entry, too.
  const [entry] =
    Object.entries(outputs).find(([, { entryPoint }]) => entryPoint?.endsWith("/main.tsx")) ?? [];
  const css = entry === undefined ? undefined : outputs[entry]?.cssBundle;
  if (entry === undefined || css === undefined) {
    throw new Error("The console's build made no entry, or no style sheet.");
  }
  const seen = new Set<string>();
  const visit = (path: string): void => {
    for (const { path: to, kind } of outputs[path]?.imports ?? []) {
      if (kind !== "import-statement" || seen.has(to)) continue;
      seen.add(to);
      visit(to);
    }
  };
  visit(entry);
  const named = (path: string): string => `assets/${basename(path)}`;
  return { entry: named(entry), css: named(css), preload: [...seen].map(named) };
}
