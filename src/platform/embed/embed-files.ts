import { existsSync } from "node:fs";
import { readFile, readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import type { EmbedManifest } from "../../protocol/widget-manifest.js";

export type Encoding = "br" | "gzip" | "identity";

/** One built file in every form that a browser may ask for. */
export interface EmbedFile {
  readonly type: string;
  readonly bytes: Readonly<Record<Encoding, Buffer>>;
}

/** The built loader and panel, held in memory: a few hundred kilobytes that every visitor asks for. */
export interface EmbedFiles {
  readonly manifest: EmbedManifest;
  /** By the path in the manifest, such as `assets/panel-1A2B3C4D.js`. */
  readonly files: ReadonlyMap<string, EmbedFile>;
}

const TYPES: Readonly<Record<string, string>> = {
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
};

/** @param directory the output of `buildEmbed`. @returns undefined when the embed was not built. */
export async function loadEmbedFiles(directory: string): Promise<EmbedFiles | undefined> {
  const manifestPath = join(directory, "manifest.json");
  if (!existsSync(manifestPath)) return undefined;
  const manifest = JSON.parse(await readFile(manifestPath, "utf8")) as EmbedManifest;
  return { manifest, files: await loadBuiltFiles(directory) };
}

/** Every script and style sheet below a directory, by its path there. Each has its compressed forms beside it. */
export async function loadBuiltFiles(directory: string): Promise<ReadonlyMap<string, EmbedFile>> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true });
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .filter((name) => TYPES[extension(name)] !== undefined);
  const files = await Promise.all(
    names.map(async (name) => [name, await loadFile(directory, name)] as const),
  );
  return new Map(files);
}

async function loadFile(directory: string, name: string): Promise<EmbedFile> {
  const path = join(directory, name);
  const [identity, br, gzip] = await Promise.all([
    readFile(path),
    readFile(`${path}.br`),
    readFile(`${path}.gz`),
  ]);
  return {
    type: TYPES[extension(name)] ?? "application/octet-stream",
    bytes: { identity, br, gzip },
  };
}

function extension(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}
