import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { EmbedManifest } from "../protocol/widget-manifest.js";
import { SOURCE, type Output } from "./bundling.js";

/** Loaders that websites have pinned by name and hash: kept as they were built, and served for ever. */

export const RELEASED = join(SOURCE, "released");
export const RELEASES = join(RELEASED, "releases.json");

/** Oldest first. */
export type Releases = readonly { readonly version: string; readonly loader: string }[];

export async function readReleases(): Promise<Releases> {
  return JSON.parse(await readFile(RELEASES, "utf8")) as Releases;
}

/** Every file that was ever released: loaders, and the second files that they name. */
export async function releasedFiles(): Promise<Output[]> {
  const names = (await readdir(RELEASED)).filter((name) => name.endsWith(".js"));
  return Promise.all(
    names.map(async (name) => ({
      file: `assets/${name}`,
      contents: await readFile(join(RELEASED, name)),
    })),
  );
}

/** What a snippet says of the loader that was released last. */
export async function lastRelease(files: readonly Output[]): Promise<EmbedManifest["released"]> {
  const [last] = (await readReleases()).slice(-1);
  const output = files.find(({ file }) => file === `assets/${last?.loader}`);
  if (output === undefined) return undefined;
  const hash = createHash("sha384").update(output.contents).digest("base64");
  return { file: output.file, integrity: `sha384-${hash}` };
}
