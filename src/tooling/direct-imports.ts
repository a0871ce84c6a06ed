import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Plugin } from "esbuild";

/** Packages whose one file names every part that they have. */
const WHOLE = ["@mantine/core", "@mantine/hooks", "lucide-react"];

const RE_EXPORT = /^export \{([^}]*)\} from ['"]([^'"]+)['"];$/gm;
const IMPORT = /^import \{([^}]*)\} from "([^"]+)";$/gm;

/** Where a part of a package stands, and its name there. */
interface Part {
  readonly file: string;
  readonly name: string;
}

/**
 * Imports the parts of such packages from where they stand. By way of the one file that names them all, what any page
 * uses would be in the first page's chunk: that file is one module, which all chunks share.
 */
export const directImports: Plugin = {
  name: "direct-imports",
  setup(build) {
    const parts = new Map(WHOLE.map((name) => [name, partsOf(name)]));
    build.onLoad({ filter: /\/src\/console\/.*\.tsx?$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      const found = await Promise.all(
        WHOLE.map(
          async (name) => [name, (await parts.get(name)) ?? new Map<string, Part>()] as const,
        ),
      );
      return {
        contents: withDirectImports(text, new Map(found)),
        loader: path.endsWith("x") ? "tsx" : "ts",
      };
    });
  },
};

/** @param packages the parts of each, by the names that importers use */
function withDirectImports(
  text: string,
  packages: ReadonlyMap<string, ReadonlyMap<string, Part>>,
): string {
  return text.replaceAll(IMPORT, (statement, names: string, from: string) => {
    const parts = packages.get(from);
    if (parts === undefined) return statement;
    return named(names)
      .filter(([name]) => !name.startsWith("type "))
      .map(([name, as]) => {
        const part = parts.get(name);
        if (part === undefined) return `import { ${name} as ${as} } from "${from}";`;
        return `import { ${part.name} as ${as} } from ${JSON.stringify(part.file)};`;
      })
      .join(" ");
  });
}

async function partsOf(packageName: string): Promise<ReadonlyMap<string, Part>> {
  // Not every package lets its manifest be imported.
  const main = createRequire(import.meta.url).resolve(packageName);
  const inside = `/node_modules/${packageName}/`;
  const root = main.slice(0, main.lastIndexOf(inside) + inside.length);
  const manifest = await readFile(join(root, "package.json"), "utf8");
  const index = join(root, (JSON.parse(manifest) as { module: string }).module);
  const parts = new Map<string, Part>();
  for (const [, names = "", from = ""] of (await readFile(index, "utf8")).matchAll(RE_EXPORT)) {
    // What comes from another package stays as it is.
    if (!from.startsWith(".")) continue;
    for (const [name, as] of named(names))
      parts.set(as, { file: join(dirname(index), from), name });
  }
  return parts;
}

/** `A, B as C` as pairs of the name there and the name here. */
function named(list: string): (readonly [name: string, as: string])[] {
  return list
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "")
    .map((one) => {
      const [name = "", as = name] = one.split(" as ");
      return [name, as] as const;
    });
}
