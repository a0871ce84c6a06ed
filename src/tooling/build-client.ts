import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { isolatedDeclarationSync } from "rolldown/experimental";
import { BASE, SOURCE, stylesInside, TARGET, workedOut } from "./bundling.js";

const CLIENT = join(SOURCE, "client");
const ROOT = join(BASE, "..");
/** What the package's types are made of; nothing else is imported by them. */
const TYPED = ["api", "index", "react"];

/** The loader as a package: ES modules, their types, and a React component; `npm pack` takes the folder as it is. */
export async function buildClient(outDir: string): Promise<void> {
  const bundled = await rolldown({
    cwd: BASE,
    input: { index: join(CLIENT, "index.ts"), react: join(CLIENT, "react.ts") },
    external: ["react"],
    transform: { target: TARGET },
    plugins: [workedOut, stylesInside],
  });
  await rm(outDir, { recursive: true, force: true });
  await mkdir(outDir, { recursive: true });
  await bundled.write({ dir: outDir, format: "es", comments: false, chunkFileNames: "[name].js" });
  await bundled.close();
  for (const name of TYPED) {
    const source = await readFile(join(CLIENT, `${name}.ts`), "utf8");
    const { code, errors } = isolatedDeclarationSync(`${name}.ts`, source, {});
    if (errors[0]) throw new Error(`${name}.ts: ${errors[0].message}`);
    await writeFile(join(outDir, `${name}.d.ts`), code);
  }
  await cp(join(CLIENT, "README.md"), join(outDir, "README.md"));
  await cp(join(ROOT, "LICENSE"), join(outDir, "LICENSE"));
  const { version, license } = JSON.parse(
    await readFile(join(ROOT, "package.json"), "utf8"),
  ) as Record<string, string>;
  const entry = (name: string): object => ({ types: `./${name}.d.ts`, default: `./${name}.js` });
  const manifest = {
    name: "parley-client",
    version,
    description: "Puts a Parley chat-and-voice widget on a page.",
    license,
    type: "module",
    sideEffects: false,
    exports: { ".": entry("index"), "./react": entry("react") },
    peerDependencies: { react: ">=18" },
    peerDependenciesMeta: { react: { optional: true } },
  };
  await writeFile(join(outDir, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
}
