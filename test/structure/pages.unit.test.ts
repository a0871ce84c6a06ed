import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** What is not written by us, or not there in a clean checkout. */
const NOT_OURS = /^(node_modules|dist|\.git|\.data|generated|coverage)$/;
const ENDINGS = "tsx?|[cm]?js|css|json|md|prisma|graphql|sql|toml|gz";

const FILES = new Set(filesBelow(""));
const FOLDERS = new Set([...FILES].flatMap(foldersOf));
const SCRIPTS = Object.keys(
  (JSON.parse(read("package.json")) as { scripts: Record<string, string> }).scripts,
);
const SECTIONS = new Set(
  [...read("src/protocol/contract.md").matchAll(/^## (\d+)\./gm)].map(([, number]) => number),
);
/** The build names what it writes; nothing of it is there in a clean checkout. */
const BUILD = read("src/tooling/build.ts");

/** Of files that are not ours, or not there: why a text may name them. */
const NAMED_ALL_THE_SAME: Readonly<Record<string, string>> = {
  "ipaddr.js": "a package",
  "assets/panel-1A2B3C4D.js": "an example of a name with a hash",
  "readme.md": "an example of what is no address",
};

interface Text {
  /** Where it stands, from the root. */
  readonly path: string;
  /** A page, or all comments of a source file. */
  readonly words: string;
}

const PAGES: readonly Text[] = [...FILES]
  .filter((path) => path.endsWith(".md"))
  .map((path) => ({ path, words: read(path) }));
const COMMENTS: readonly Text[] = [...FILES]
  .filter((path) => /^(src|test|prisma|\.config)\/.*\.(tsx?|[cm]js|css|prisma)$/.test(path))
  .map((path) => ({ path, words: commentsOf(read(path)) }));
const TEXTS = [...PAGES, ...COMMENTS];

function read(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

function filesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    if (NOT_OURS.test(entry.name)) return [];
    const path = posix.join(folder, entry.name);
    if (entry.isDirectory()) return filesBelow(path);
    return entry.isFile() ? [path] : [];
  });
}

function foldersOf(path: string): string[] {
  const folder = dirname(path);
  return folder === "." ? [] : [folder, ...foldersOf(folder)];
}

/** Lines that are comments, and what stands behind code; joined, since a citation may go over two lines. */
function commentsOf(code: string): string {
  return code
    .split("\n")
    .flatMap((line) => /^\s*(?:\/\/\/?|\/\*\*?|\*)(.*)$|\s\/\/ (.*)$/.exec(line)?.slice(1) ?? [])
    .filter((words) => words !== undefined)
    .join("\n");
}

/** What `pattern`'s groups find in every text and `exists` does not know, each with its place. */
function unknown(
  texts: readonly Text[],
  pattern: RegExp,
  exists: (name: string, path: string) => boolean,
): { seen: number; wrong: string[] } {
  const found = texts.flatMap(({ path, words }) =>
    [...words.matchAll(pattern)].flatMap(([, ...names]) =>
      names.filter((name) => name !== undefined).map((name) => ({ path, name })),
    ),
  );
  const wrong = found.filter(({ path, name }) => !exists(name, path));
  return { seen: found.length, wrong: wrong.map(({ path, name }) => `${path}: ${name}`) };
}

/** From the root, from where it is named, or the end of a path: `rest/routes.ts`. Code says `.js` for `.ts`. */
function isFile(name: string, from: string): boolean {
  if (Object.hasOwn(NAMED_ALL_THE_SAME, name)) return true;
  if (name.startsWith("dist/")) {
    return BUILD.includes(`"${name}"`) || BUILD.includes(`"${name.slice("dist/".length)}"`);
  }
  const plain = posix.normalize(name);
  return [plain, plain.replace(/\.js$/, ".ts"), plain.replace(/\.js$/, ".tsx")].some(
    (path) =>
      FILES.has(path) ||
      FILES.has(posix.join(dirname(from), path)) ||
      [...FILES].some((file) => file.endsWith(`/${path}`)),
  );
}

test("the comments and pages are seen", () => {
  expect(PAGES.map(({ path }) => path)).toContain("README.md");
  expect(PAGES.length).toBeGreaterThan(20);
  expect(COMMENTS.filter(({ words }) => words !== "").length).toBeGreaterThan(200);
  expect(commentsOf("/** One (contract\n * section 3). */\nf(); // two")).toBe(
    " One (contract\n section 3). */\ntwo",
  );
});

test("a file that a comment or a page names exists", () => {
  const { seen, wrong } = unknown(
    TEXTS,
    new RegExp(
      String.raw`(?<![\w./@:*<>{}$#-])((?:[\w.-]+/)*[\w.-]*\w\.(?:${ENDINGS}))(?![\w-])`,
      "g",
    ),
    isFile,
  );
  expect(seen).toBeGreaterThan(100);
  expect(wrong).toEqual([]);
});

test("what may be named though it is no file of ours is named, and no file of ours", () => {
  for (const name of Object.keys(NAMED_ALL_THE_SAME)) {
    expect(
      TEXTS.some(({ words }) => words.includes(name)),
      name,
    ).toBe(true);
    expect(
      [...FILES].some((file) => file === name || file.endsWith(`/${name}`)),
      name,
    ).toBe(false);
  }
});

test("a folder that a comment or a page names exists", () => {
  const { seen, wrong } = unknown(
    TEXTS,
    /(?<![\w./-])((?:src|test|prisma|\.github|\.config|\.ci)\/[\w./-]*\w)\/?(?![\w/*{-]|\.\w)/g,
    (name) => FOLDERS.has(name) || FILES.has(name),
  );
  expect(seen).toBeGreaterThan(30);
  expect(wrong).toEqual([]);
});

test("a link of a page leads somewhere", () => {
  const { seen, wrong } = unknown(PAGES, /\]\((?!https?:|mailto:|#)([^)#\s]+)/g, (name, path) => {
    const target = posix.join(dirname(path), name).replace(/\/$/, "");
    return FILES.has(target) || FOLDERS.has(target);
  });
  expect(seen).toBeGreaterThan(15);
  expect(wrong).toEqual([]);
});

test("a section of the contract that a comment or a page cites exists", () => {
  expect(SECTIONS.size).toBe(8);
  const { seen, wrong } = unknown(
    TEXTS,
    /contract(?:\.md)?[\s\])(,'’a-z/.]{1,40}?sections?\s+(\d+)(?:\s+and\s+(\d+))?/gi,
    (number) => SECTIONS.has(number),
  );
  expect(seen).toBeGreaterThan(20);
  expect(wrong).toEqual([]);
});

test("a script that a comment or a page names exists", () => {
  const { seen, wrong } = unknown(TEXTS, /\bnpm (?:run ([a-z][\w:-]*)|(test|start)\b)/g, (name) =>
    SCRIPTS.includes(name),
  );
  expect(seen).toBeGreaterThan(15);
  expect(wrong).toEqual([]);
});
