import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { EmbedManifest } from "../protocol/widget-manifest.js";
import { build, transform } from "esbuild";
import { rolldown, type OutputChunk, type Plugin } from "rolldown";

interface Output {
  file: string;
  contents: Uint8Array;
}

const SOURCE = fileURLToPath(new URL("../widget/", import.meta.url));
const BASE = dirname(SOURCE.replace(/\/$/, ""));
/** The oldest browsers that a visitor may have. */
const TARGET = ["chrome99", "firefox101", "safari16.4"];
const encoder = new TextEncoder();
const compressGzip = promisify(gzip);
const compressBrotli = promisify(brotliCompress);

/** Builds loader and panel, each file beside its compressed forms, and the manifest that names them. */
export async function buildEmbed(outDir: string): Promise<EmbedManifest> {
  const [loader, panel] = await Promise.all([buildLoader(), buildPanel()]);
  // Only now: while the build runs, or when it fails, what was built before stays in place.
  await rm(outDir, { recursive: true, force: true });
  const gzipBytes = new Map<string, number>();
  await Promise.all(
    [loader, ...panel.outputs].map(async (output) => {
      gzipBytes.set(output.file, await writeCompressed(outDir, output));
    }),
  );
  const size = (file: string): number => gzipBytes.get(file) ?? 0;
  const { entry, css, preload, livekit, markdown } = panel;
  const firstPaint = [entry, ...preload, css];
  const manifest: EmbedManifest = {
    loader: { file: loader.file, gzipBytes: size(loader.file) },
    panel: {
      entry,
      css,
      preload,
      gzipBytes: firstPaint.reduce((sum, file) => sum + size(file), 0),
    },
    livekit: { file: livekit, gzipBytes: size(livekit) },
    markdown: { file: markdown, gzipBytes: size(markdown) },
  };
  await writeFile(join(outDir, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

/**
 * One classic script without a module loader: it has to find its own tag through `document.currentScript`. Scripts are
 * bundled by Rolldown, which makes them up to 9 % smaller than esbuild does.
 */
async function buildLoader(): Promise<Output> {
  const bundle = await rolldown({
    cwd: BASE,
    input: join(SOURCE, "loader/main.ts"),
    transform: { target: TARGET },
    plugins: [workedOut, stylesInside],
  });
  const { output } = await bundle.generate({
    format: "iife",
    minify: true,
    comments: false,
    // Without "use strict": every byte counts here, and TypeScript has refused what it would.
    strict: false,
  });
  await bundle.close();
  const contents = encoder.encode(output[0].code);
  return { file: `loader-${hashOf(contents)}.js`, contents };
}

interface Panel {
  readonly outputs: readonly Output[];
  readonly entry: string;
  readonly css: string;
  readonly preload: readonly string[];
  readonly livekit: string;
  readonly markdown: string;
}

/** Modules that the panel's page loads, and its style sheet. */
async function buildPanel(): Promise<Panel> {
  const bundle = await rolldown({
    cwd: BASE,
    tsconfig: join(SOURCE, "tsconfig.json"),
    input: { panel: join(SOURCE, "panel/main.tsx") },
    transform: { target: TARGET },
    plugins: [workedOut, stylesApart],
  });
  const { output } = await bundle.generate({
    format: "es",
    minify: true,
    comments: false,
    entryFileNames: "assets/[name]-[hash].js",
    chunkFileNames: "assets/[name]-[hash].js",
  });
  await bundle.close();
  const chunks = output.filter((one) => one.type === "chunk");
  const entry = only(chunks, ({ isEntry }) => isEntry);
  const holding = (packageName: string): string =>
    only(chunks, ({ moduleIds }) => moduleIds.some((id) => id.includes(packageName))).fileName;
  const styles = await buildStyles();
  const modules = chunks.map(({ fileName, code }) => ({
    file: fileName,
    contents: encoder.encode(code),
  }));
  return {
    outputs: [...modules, styles],
    entry: entry.fileName,
    css: styles.file,
    preload: staticImports(chunks, entry),
    livekit: holding("/livekit-client/"),
    markdown: holding("/markdown-it/"),
  };
}

/** By esbuild, for Rolldown bundles no style sheets. */
async function buildStyles(): Promise<Output> {
  const { outputFiles } = await build({
    entryPoints: [join(SOURCE, "panel/panel.css")],
    bundle: true,
    write: false,
    minify: true,
    charset: "utf8",
    legalComments: "none",
    target: TARGET,
  });
  const [sheet] = outputFiles;
  if (sheet === undefined) throw new Error("The embed build made no style sheet.");
  return { file: `assets/panel-${hashOf(sheet.contents)}.css`, contents: sheet.contents };
}

const WORKED_OUT = /\/protocol\/(widget-reading|limits)\.ts$/;

const workedOut: Plugin = {
  name: "worked-out",
  load: {
    filter: { id: WORKED_OUT },
    handler: async (path) => ({ code: await workOut(path), moduleType: "ts" }),
  },
};

/** The launcher's style sheet travels inside the loader, as text for a constructed sheet. */
const stylesInside: Plugin = {
  name: "styles-inside",
  load: {
    filter: { id: /\.css$/ },
    handler: async (path) => {
      const source = await readFile(path, "utf8");
      const { code } = await transform(source, { loader: "css", minify: true });
      // esbuild leaves the blank that custom properties need not have.
      return { code: code.trim().replace(/(--\w+): /g, "$1:"), moduleType: "text" };
    },
  },
};

/** The panel's page links its style sheet. */
const stylesApart: Plugin = {
  name: "styles-apart",
  load: { filter: { id: /\.css$/ }, handler: () => ({ code: "", moduleType: "js" }) },
};

/** What is worked out of the schemas goes into the bundles as values, without the schemas and zod; and so do limits. */
async function workOut(path: string): Promise<string> {
  const values = (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  return Object.entries(values).map(declaration).join("\n");
}

/** An object of numbers is written as an enum, whose values a bundler puts where they are used. */
function declaration([name, value]: [name: string, value: unknown]): string {
  const entries = typeof value === "object" && value !== null ? Object.entries(value) : [];
  const isNumbers = entries.length > 0 && entries.every(([, one]) => typeof one === "number");
  return isNumbers
    ? `export enum ${name} { ${entries.map(([key, one]) => `${key} = ${one}`).join(", ")} }`
    : `export const ${name} = ${JSON.stringify(value)};`;
}

function only(
  chunks: readonly OutputChunk[],
  matches: (chunk: OutputChunk) => boolean,
): OutputChunk {
  const [first, ...more] = chunks.filter(matches);
  if (first === undefined || more.length > 0) {
    throw new Error("The embed build made none or several files where one was expected.");
  }
  return first;
}

function staticImports(chunks: readonly OutputChunk[], entry: OutputChunk): string[] {
  const seen = new Set<string>();
  const visit = ({ imports }: OutputChunk): void => {
    for (const file of imports) {
      if (seen.has(file)) continue;
      seen.add(file);
      visit(only(chunks, ({ fileName }) => fileName === file));
    }
  };
  visit(entry);
  return [...seen];
}

function hashOf(contents: Uint8Array): string {
  return createHash("sha256").update(contents).digest("hex").slice(0, 8);
}

/** @returns the size of the gzip form. */
async function writeCompressed(outDir: string, { file, contents }: Output): Promise<number> {
  const path = join(outDir, file);
  await mkdir(dirname(path), { recursive: true });
  const [gzipped, brotli] = await Promise.all([
    compressGzip(contents, { level: 9 }),
    compressBrotli(contents, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
  ]);
  await Promise.all([
    writeFile(path, contents),
    writeFile(`${path}.gz`, gzipped),
    writeFile(`${path}.br`, brotli),
  ]);
  return gzipped.byteLength;
}
