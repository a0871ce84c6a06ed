import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ConsoleManifest, PreviewManifest } from "../../protocol/console-manifest.js";
import { loadBuiltFiles, type EmbedFile } from "../embed/embed-files.js";

/** What was built for one page, held in memory. */
interface PageFiles<Manifest> {
  readonly manifest: Manifest;
  /** By the path in the manifest, with its hash. */
  readonly files: ReadonlyMap<string, EmbedFile>;
}

/** The built console, and the page in which its editor shows the panel. */
export interface ConsoleFiles extends PageFiles<ConsoleManifest> {
  readonly preview: PageFiles<PreviewManifest>;
}

/**
 * @param directory the output of `buildConsole`
 * @param previewDirectory that of `buildPreview`
 * @returns undefined when one of the two was not built.
 */
export async function loadConsoleFiles(
  directory: string,
  previewDirectory: string,
): Promise<ConsoleFiles | undefined> {
  const [page, preview] = await Promise.all([
    loadPage<ConsoleManifest>(directory),
    loadPage<PreviewManifest>(previewDirectory),
  ]);
  return page && preview && { ...page, preview };
}

async function loadPage<Manifest>(directory: string): Promise<PageFiles<Manifest> | undefined> {
  const manifestPath = join(directory, "manifest.json");
  if (!existsSync(manifestPath)) return undefined;
  const manifest = JSON.parse(await readFile(manifestPath, "utf8")) as Manifest;
  return { manifest, files: await loadBuiltFiles(directory) };
}
