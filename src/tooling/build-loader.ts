import { createHash } from "node:crypto";
import { join } from "node:path";
import { rolldown, type Plugin, type OutputOptions } from "rolldown";
import {
  BASE,
  fileHash,
  SOURCE,
  stylesInside,
  TARGET,
  workedOut,
  type Output,
} from "./bundling.js";

interface Loader {
  /** What a page pays before anybody acts. */
  readonly first: Output;
  readonly frame: Output;
}

const encoder = new TextEncoder();

/** The loader's two files: the first names the second and its hash. */
export async function buildLoader(): Promise<Loader> {
  const second = await bundle("loader/frame.ts", { format: "es" });
  const frame = { file: `assets/frame-${fileHash(second)}.js`, contents: second };
  // A classic script without a module loader: it has to find its own tag through `document.currentScript`.
  const first = await bundle("loader/main.ts", { format: "iife", strict: false }, [naming(frame)]);
  return { first: { file: `loader-${fileHash(first)}.js`, contents: first }, frame };
}

/** By Rolldown, which makes scripts up to 9 % smaller than esbuild does. */
async function bundle(
  entry: string,
  options: OutputOptions,
  plugins: Plugin[] = [],
): Promise<Uint8Array> {
  const bundled = await rolldown({
    cwd: BASE,
    input: join(SOURCE, entry),
    transform: { target: TARGET },
    plugins: [workedOut, stylesInside, ...plugins],
  });
  const { output } = await bundled.generate({ minify: true, comments: false, ...options });
  await bundled.close();
  return encoder.encode(output[0].code);
}

function naming({ file, contents }: Output): Plugin {
  const hash = createHash("sha256").update(contents).digest("base64");
  const code = `export const FRAME = ${JSON.stringify({ file, integrity: `sha256-${hash}` })};`;
  return {
    name: "naming",
    load: {
      filter: { id: /\/loader\/frame-name\.ts$/ },
      handler: () => ({ code, moduleType: "ts" }),
    },
  };
}
