import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PreviewManifest } from "../protocol/console-manifest.js";
import { bundlePage } from "./build-widget.js";
import { writeCompressed } from "./bundling.js";

/** Builds the page in which the console's editor shows the panel, and the manifest that names its files. */
export async function buildPreview(outDir: string): Promise<PreviewManifest> {
  const { outputs, entry, css, preload } = await bundlePage({
    name: "preview",
    script: "preview/preview.tsx",
    styles: "preview/preview.css",
  });
  await rm(outDir, { recursive: true, force: true });
  await Promise.all(outputs.map((output) => writeCompressed(outDir, output)));
  const manifest: PreviewManifest = { entry, css, preload };
  await writeFile(join(outDir, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}
