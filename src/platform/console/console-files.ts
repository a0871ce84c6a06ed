import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ConsoleManifest } from "../../protocol/console-manifest.js";
import { loadBuiltFiles, type EmbedFile } from "../embed/embed-files.js";

/** The built console, held in memory. */
export interface ConsoleFiles {
  readonly manifest: ConsoleManifest;
  /** By the path in the manifest, with its hash. */
  readonly files: ReadonlyMap<string, EmbedFile>;
}

/** @param directory the output of `buildConsole`. @returns undefined when the console was not built. */
export async function loadConsoleFiles(directory: string): Promise<ConsoleFiles | undefined> {
  const manifestPath = join(directory, "manifest.json");
  if (!existsSync(manifestPath)) return undefined;
  const manifest = JSON.parse(await readFile(manifestPath, "utf8")) as ConsoleManifest;
  return { manifest, files: await loadBuiltFiles(directory) };
}
