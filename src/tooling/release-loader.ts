/** Keeps today's loader for ever: the pinned snippet names it, and every later server serves it. Part of a release. */
import { readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { buildLoader } from "./build-loader.js";
import { readReleases, RELEASED, RELEASES } from "./released-loaders.js";

const manifest = new URL("../../package.json", import.meta.url);
const { version } = JSON.parse(await readFile(manifest, "utf8")) as { version: string };
const { first, frame } = await buildLoader();
const loader = basename(first.file);
const releases = await readReleases();
if (releases.some((one) => one.loader === loader)) {
  process.stdout.write(`${loader} is released already.\n`);
} else {
  for (const { file, contents } of [first, frame]) {
    await writeFile(join(RELEASED, basename(file)), contents);
  }
  const list = [...releases, { version, loader }];
  await writeFile(RELEASES, `${JSON.stringify(list, null, 2)}\n`);
  process.stdout.write(`${loader} is released with ${version}.\n`);
}
