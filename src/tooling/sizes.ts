import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { ConsoleManifest } from "../protocol/console-manifest.js";
import type { EmbedManifest } from "../protocol/widget-manifest.js";

/**
 * What a visitor may be made to pay, in gzip bytes: the loader on every page, its second file at the first intent, the panel on the first click, LiveKit at
 * the first intent to talk, Markdown with the first text that has any, the world's telephone numbers with the first
 * card that asks for one. An owner pays for the console's first page.
 */
export const SIZE_LIMITS = {
  loader: 5 * 1024,
  frame: 6 * 1024,
  panel: 60 * 1024,
  livekit: 170 * 1024,
  markdown: 45 * 1024,
  phones: 45 * 1024,
  console: 250 * 1024,
} as const;

export interface SizeReport {
  lines: string[];
  problems: string[];
}

/** @param page of the console. */
export function checkSizes(manifest: EmbedManifest, page: ConsoleManifest): SizeReport {
  const report: SizeReport = { lines: [], problems: [] };
  for (const part of Object.keys(SIZE_LIMITS) as (keyof typeof SIZE_LIMITS)[]) {
    const { gzipBytes } = part === "console" ? page : manifest[part];
    const limit = SIZE_LIMITS[part];
    const line = `${part}: ${kilobytes(gzipBytes)} KB gzip of ${kilobytes(limit)}`;
    report.lines.push(line);
    if (gzipBytes === 0 || gzipBytes > limit) report.problems.push(`${line}: out of bounds`);
  }
  return report;
}

function kilobytes(bytes: number): string {
  return (bytes / 1024).toFixed(1);
}

/** As a command: prints what was built, and fails when a part has grown too large. */
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const read = async (path: string): Promise<unknown> =>
    JSON.parse(await readFile(new URL(`../../dist/${path}`, import.meta.url), "utf8"));
  const report = checkSizes(
    (await read("widget/manifest.json")) as EmbedManifest,
    (await read("console/manifest.json")) as ConsoleManifest,
  );
  process.stdout.write(`${[...report.lines, ...report.problems].join("\n")}\n`);
  if (report.problems.length > 0) process.exitCode = 1;
}
