import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { transform } from "esbuild";
import type { Plugin } from "rolldown";

/** What all bundles for browsers have in common. */

const compressGzip = promisify(gzip);
const compressBrotli = promisify(brotliCompress);

export interface Output {
  file: string;
  contents: Uint8Array;
}

export const SOURCE = fileURLToPath(new URL("../widget/", import.meta.url));
export const BASE = dirname(SOURCE.replace(/\/$/, ""));
/** The oldest browsers that a visitor may have. */
export const TARGET = ["chrome99", "firefox101", "safari16.4"];

const WORKED_OUT = /\/protocol\/(widget-reading|limits|launcher-words)\.ts$/;

export const workedOut: Plugin = {
  name: "worked-out",
  load: {
    filter: { id: WORKED_OUT },
    handler: async (path) => ({ code: await workOut(path), moduleType: "ts" }),
  },
};

/** The launcher's style sheet travels inside the loader, as text for a constructed sheet. */
export const stylesInside: Plugin = {
  name: "styles-inside",
  load: {
    filter: { id: /\/loader\/[\w-]+\.css$/ },
    handler: async (path) => {
      const source = await readFile(path, "utf8");
      const { code } = await transform(source, { loader: "css", minify: true });
      // esbuild leaves the blank that custom properties need not have.
      return { code: code.trim().replace(/(--\w+): /g, "$1:"), moduleType: "text" };
    },
  },
};

export function fileHash(contents: Uint8Array): string {
  return createHash("sha256").update(contents).digest("hex").slice(0, 8);
}

/** Writes a file and its compressed forms beside it. @returns the size of the gzip form. */
export async function writeCompressed(outDir: string, { file, contents }: Output): Promise<number> {
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
