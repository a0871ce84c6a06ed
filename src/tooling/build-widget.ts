import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { EmbedManifest } from "../protocol/widget-manifest.js";
import { build } from "esbuild";
import { rolldown, type OutputChunk, type Plugin } from "rolldown";
import { buildLoader } from "./build-loader.js";
import { lastRelease, releasedFiles } from "./released-loaders.js";
import {
  BASE,
  fileHash,
  SOURCE,
  stylesInside,
  TARGET,
  workedOut,
  writeCompressed,
  type Output,
} from "./bundling.js";

const encoder = new TextEncoder();

/** Builds loader and panel, each file beside its compressed forms, and the manifest that names them. */
export async function buildEmbed(outDir: string): Promise<EmbedManifest> {
  const [loader, panel, released] = await Promise.all([
    buildLoader(),
    buildPanel(),
    releasedFiles(),
  ]);
  // Only now: while the build runs, or when it fails, what was built before stays in place.
  await rm(outDir, { recursive: true, force: true });
  const gzipBytes = new Map<string, number>();
  await Promise.all(
    [loader.first, loader.frame, ...panel.outputs, ...released].map(async (output) => {
      gzipBytes.set(output.file, await writeCompressed(outDir, output));
    }),
  );
  const size = (file: string): number => gzipBytes.get(file) ?? 0;
  const { entry, css, preload, livekit, markdown, phones } = panel;
  const firstPaint = [entry, ...preload, css];
  const manifest: EmbedManifest = {
    loader: { file: loader.first.file, gzipBytes: size(loader.first.file) },
    released: await lastRelease(released),
    frame: { file: loader.frame.file, gzipBytes: size(loader.frame.file) },
    panel: {
      entry,
      css,
      preload,
      gzipBytes: firstPaint.reduce((sum, file) => sum + size(file), 0),
    },
    livekit: { file: livekit, gzipBytes: size(livekit) },
    markdown: { file: markdown, gzipBytes: size(markdown) },
    phones: { file: phones, gzipBytes: size(phones) },
  };
  await writeFile(join(outDir, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

interface Panel extends PageFiles {
  readonly livekit: string;
  readonly markdown: string;
  readonly phones: string;
}

/** Modules that the panel's page loads, and its style sheet. */
async function buildPanel(): Promise<Panel> {
  const { chunks, ...page } = await bundlePage({
    name: "panel",
    script: "panel/main.tsx",
    styles: "panel/panel.css",
  });
  const holding = (packageName: string): string =>
    only(chunks, ({ moduleIds }) => moduleIds.some((id) => id.includes(packageName))).fileName;
  return {
    ...page,
    livekit: holding("/livekit-client/"),
    markdown: holding("/markdown-it/"),
    phones: holding("/libphonenumber-js/"),
  };
}

/** What a page of the widget's loads. Every path is relative to the output directory. */
interface PageFiles {
  readonly outputs: readonly Output[];
  readonly entry: string;
  readonly css: string;
  readonly preload: readonly string[];
}

/**
 * Modules and the style sheet of one page.
 *
 * @param page `script` and `styles` below `src/widget`
 */
export async function bundlePage(page: {
  readonly name: string;
  readonly script: string;
  readonly styles: string;
}): Promise<PageFiles & { readonly chunks: readonly OutputChunk[] }> {
  const [chunks, contents] = await Promise.all([
    bundlePanel({ [page.name]: page.script }, { entryFileNames: "assets/[name]-[hash].js" }),
    bundleStyles(page.styles),
  ]);
  const styles = { file: `assets/${page.name}-${fileHash(contents)}.css`, contents };
  const entry = only(chunks, ({ isEntry }) => isEntry);
  const modules = chunks.map(({ fileName, code }) => ({
    file: fileName,
    contents: encoder.encode(code),
  }));
  return {
    chunks,
    outputs: [...modules, styles],
    entry: entry.fileName,
    css: styles.file,
    preload: staticImports(chunks, entry),
  };
}

/** @param input by name, below `src/widget`; the gallery has the launcher in it too. */
export async function bundlePanel(
  input: Readonly<Record<string, string>>,
  output: { entryFileNames: string },
): Promise<OutputChunk[]> {
  const bundle = await rolldown({
    cwd: BASE,
    tsconfig: join(SOURCE, "tsconfig.json"),
    input: Object.fromEntries(Object.entries(input).map(([name, file]) => [name, SOURCE + file])),
    transform: { target: TARGET },
    plugins: [workedOut, stylesInside, stylesApart],
  });
  const result = await bundle.generate({
    ...output,
    format: "es",
    minify: true,
    comments: false,
    chunkFileNames: "assets/[name]-[hash].js",
  });
  await bundle.close();
  return result.output.filter((one) => one.type === "chunk");
}

/** By esbuild, for Rolldown bundles no style sheets. @param file below `src/widget`. */
export async function bundleStyles(file: string): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [join(SOURCE, file)],
    bundle: true,
    write: false,
    minify: true,
    charset: "utf8",
    legalComments: "none",
    target: TARGET,
  });
  const [sheet] = outputFiles;
  if (sheet === undefined) throw new Error("The embed build made no style sheet.");
  return sheet.contents;
}

/** The panel's page links its style sheet. */
const stylesApart: Plugin = {
  name: "styles-apart",
  load: { filter: { id: /\.css$/ }, handler: () => ({ code: "", moduleType: "js" }) },
};

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
