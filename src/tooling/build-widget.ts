import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { EmbedManifest } from "../protocol/widget-manifest.js";
import { build, transform, type BuildResult, type Metafile, type Plugin } from "esbuild";
import { rolldown, type Plugin as RolldownPlugin } from "rolldown";

interface Output {
  file: string;
  contents: Uint8Array;
}

const SOURCE = fileURLToPath(new URL("../widget/", import.meta.url));
const BASE = dirname(SOURCE.replace(/\/$/, ""));
/** The oldest browsers that a visitor may have. */
const TARGET = ["chrome99", "firefox101", "safari16.4"];
const compressGzip = promisify(gzip);
const compressBrotli = promisify(brotliCompress);

/** Builds loader and panel, each file beside its compressed forms, and the manifest that names them. */
export async function buildEmbed(outDir: string): Promise<EmbedManifest> {
  const [loader, panel] = await Promise.all([buildLoader(), buildPanel(outDir)]);
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
  const firstPaint = [entry, ...preload, ...(css === undefined ? [] : [css])];
  const manifest: EmbedManifest = {
    loader: { file: loader.file, gzipBytes: size(loader.file) },
    panel: {
      entry,
      ...(css === undefined ? {} : { css }),
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
 * One classic script without a module loader: it has to find its own tag through `document.currentScript`. By Rolldown,
 * which makes it 2 % smaller than esbuild does; the panel's style sheets it does not bundle.
 */
async function buildLoader(): Promise<Output> {
  const bundle = await rolldown({
    cwd: BASE,
    input: join(SOURCE, "loader/main.ts"),
    transform: { target: TARGET },
    plugins: [loaderSources],
  });
  const { output } = await bundle.generate({
    format: "iife",
    minify: true,
    comments: false,
    // Without "use strict": every byte counts here, and TypeScript has refused what it would.
    strict: false,
  });
  await bundle.close();
  const contents = new TextEncoder().encode(output[0].code);
  const hash = createHash("sha256").update(contents).digest("hex").slice(0, 8);
  return { file: `loader-${hash}.js`, contents };
}

async function buildPanel(outDir: string): Promise<{
  outputs: Output[];
  entry: string;
  css: string | undefined;
  preload: string[];
  livekit: string;
  markdown: string;
}> {
  const result = await build({
    absWorkingDir: BASE,
    bundle: true,
    write: false,
    minify: true,
    charset: "utf8",
    legalComments: "none",
    logLevel: "warning",
    entryPoints: { panel: join(SOURCE, "panel/main.tsx") },
    format: "esm",
    splitting: true,
    plugins: [workedOut, languages],
    metafile: true,
    outdir: outDir,
    entryNames: "assets/[name]-[hash]",
    chunkNames: "assets/[name]-[hash]",
    target: TARGET,
  });
  const outputs = (result.outputFiles ?? []).map(({ path, contents }) => ({
    file: relative(outDir, path),
    contents,
  }));
  const metafile = describeOutputs(outDir, result);
  const entry = only(metafile, (output) => output.entryPoint?.endsWith("panel/main.tsx") === true);
  const holding = (packageName: string): string =>
    only(metafile, ({ inputs }) => Object.keys(inputs).some((path) => path.includes(packageName)));
  const cssBundle = metafile[entry]?.cssBundle;
  return {
    outputs,
    entry,
    css: cssBundle === undefined ? undefined : relative(outDir, cssBundle),
    preload: staticImports(outDir, metafile, entry),
    livekit: holding("/livekit-client/"),
    markdown: holding("/markdown-it/"),
  };
}

const WORKED_OUT = /\/protocol\/(widget-reading|limits)\.ts$/;

/** The launcher's style sheet travels inside the loader, as text for a constructed sheet. */
const loaderSources: RolldownPlugin = {
  name: "loader-sources",
  load: {
    filter: { id: [/\.css$/, WORKED_OUT] },
    handler: async (path) => {
      if (WORKED_OUT.test(path)) return { code: await workOut(path), moduleType: "ts" };
      const source = await readFile(path, "utf8");
      const { code } = await transform(source, { loader: "css", minify: true });
      // esbuild leaves the blank that custom properties need not have.
      return { code: code.trim().replace(/(--\w+): /g, "$1:"), moduleType: "text" };
    },
  },
};

const workedOut: Plugin = {
  name: "worked-out",
  setup(context) {
    context.onLoad({ filter: WORKED_OUT }, async ({ path }) => {
      return { contents: await workOut(path), loader: "ts" };
    });
  },
};

/** Every catalogue in the folder but English, each in a chunk that is loaded when its language is spoken. */
export const languages: Plugin = {
  name: "languages",
  setup(context) {
    context.onLoad({ filter: /\/panel\/languages\.ts$/ }, async ({ path }) => {
      const folder = path.replace(/\.ts$/, "");
      const tags = (await readdir(folder)).map((file) => file.replace(/\.ts$/, ""));
      const lines = tags
        .filter((tag) => tag !== "en")
        .map((tag) => `${JSON.stringify(tag)}: () => import("./languages/${tag}.ts"),`);
      return { contents: `export const LANGUAGES = {${lines.join("\n")}};`, loader: "ts" };
    });
  },
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

type Outputs = Metafile["outputs"];

/** esbuild names outputs relative to its working directory; the manifest names them relative to `outDir`. */
function describeOutputs(outDir: string, { metafile }: BuildResult): Outputs {
  const absolute = (path: string): string => join(BASE, path);
  return Object.fromEntries(
    Object.entries(metafile?.outputs ?? {}).map(([path, output]) => [
      relative(outDir, absolute(path)),
      {
        ...output,
        imports: output.imports.map((item) => ({ ...item, path: absolute(item.path) })),
        ...(output.cssBundle === undefined ? {} : { cssBundle: absolute(output.cssBundle) }),
      },
    ]),
  );
}

function only(outputs: Outputs, matches: (output: Outputs[string]) => boolean): string {
  const found = Object.entries(outputs).filter(([, output]) => matches(output));
  const [first] = found;
  if (first === undefined || found.length > 1) {
    throw new Error(`The embed build made ${found.length} files where one was expected.`);
  }
  return first[0];
}

function staticImports(outDir: string, outputs: Outputs, entry: string): string[] {
  const seen = new Set<string>();
  const visit = (file: string): void => {
    for (const { path, kind } of outputs[file]?.imports ?? []) {
      const imported = relative(outDir, path);
      if (kind !== "import-statement" || seen.has(imported)) continue;
      seen.add(imported);
      visit(imported);
    }
  };
  visit(entry);
  return [...seen];
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
