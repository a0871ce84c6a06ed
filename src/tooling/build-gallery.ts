import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { bundlePanel, bundleStyles } from "./build-widget.js";

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Gallery</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/gallery.css">
</head>
<body>
<div id="root"></div>
<script type="module" src="/gallery.js"></script>
</body>
</html>
`;

/** Builds the page that shows every state of the panel; no part of what the platform serves. */
export async function buildGallery(outDir: string): Promise<void> {
  const [chunks, styles] = await Promise.all([
    bundlePanel({ gallery: "gallery/gallery.tsx" }, { entryFileNames: "[name].js" }),
    bundleStyles("gallery/gallery.css"),
  ]);
  await rm(outDir, { recursive: true, force: true });
  const files: [name: string, contents: string | Uint8Array][] = [
    ["index.html", PAGE],
    ["gallery.css", styles],
    ...chunks.map(({ fileName, code }): [string, string] => [fileName, code]),
  ];
  for (const [name, contents] of files) {
    await mkdir(dirname(join(outDir, name)), { recursive: true });
    await writeFile(join(outDir, name), contents);
  }
}
