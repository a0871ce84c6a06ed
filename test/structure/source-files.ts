import { readdirSync, readFileSync } from "node:fs";
import { join, posix, relative } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface SourceFile {
  /** From the root: `src/platform/widgets/origins.ts`. */
  readonly path: string;
  readonly text: string;
  /** What it imports: a package's name, or a path from the root as it is written (`….js`). */
  readonly imports: readonly string[];
  /** Of the imports, the packages. */
  readonly packages: readonly string[];
  /** Of the imports, our own source files. */
  readonly files: readonly string[];
  /** Of `files`, those of which only types are taken. */
  readonly typeOnly: ReadonlySet<string>;
}

const PATHS = pathsBelow(join(ROOT, "src"), /\.tsx?$/);
const KNOWN = new Set(PATHS);

/** Every TypeScript file of `src`, generated ones aside. */
export const SOURCE_FILES: readonly SourceFile[] = PATHS.map((path) => {
  const text = readFileSync(join(ROOT, path), "utf8");
  const statements = [
    ...text.matchAll(/^(?:import|export)\s+(type\s+)?[^;"]*?from\s+"([^"]+)"/gms),
    ...text.matchAll(/^import\s+()"([^"]+)"/gm),
    ...text.matchAll(/\bimport\(()"([^"]+)"\)/g),
  ].map(([, type, name = ""]) => ({
    isType: type !== undefined && type !== "",
    name: name.startsWith(".") ? posix.join(posix.dirname(path), name) : name,
    isOwn: name.startsWith("."),
  }));
  const own = statements.filter(({ isOwn }) => isOwn);
  const resolved = own.flatMap(({ name, isType }) => {
    const file = [name, name.replace(/\.js$/, ".ts"), name.replace(/\.js$/, ".tsx")].find((each) =>
      KNOWN.has(each),
    );
    return file === undefined ? [] : [{ file, isType }];
  });
  return {
    path,
    text,
    imports: statements.map(({ name }) => name),
    packages: statements.filter(({ isOwn }) => !isOwn).map(({ name }) => name),
    files: [...new Set(resolved.map(({ file }) => file))],
    typeOnly: new Set(
      resolved
        .filter(({ file }) => resolved.every((each) => each.file !== file || each.isType))
        .map(({ file }) => file),
    ),
  };
});

/** Every style sheet of `src`. */
export const STYLE_SHEETS = pathsBelow(join(ROOT, "src"), /\.css$/).map((path) => ({
  path,
  text: readFileSync(join(ROOT, path), "utf8"),
}));

function pathsBelow(directory: string, named: RegExp): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return entry.name === "generated" ? [] : pathsBelow(path, named);
    return named.test(entry.name) ? [relative(ROOT, path)] : [];
  });
}
