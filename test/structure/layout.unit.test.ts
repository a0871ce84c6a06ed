import { describe, expect, test } from "vitest";
import { SOURCE_FILES, STYLE_SHEETS, type SourceFile } from "./source-files.js";

/** What each program may take from the others. */
const PROGRAMS: Record<string, readonly string[]> = {
  protocol: [],
  process: [],
  "livekit-dev": ["process"],
  widget: ["protocol"],
  console: ["protocol"],
  agent: ["protocol", "process"],
  platform: ["protocol", "process", "livekit-dev"],
  tooling: ["protocol", "process", "platform"],
};

/** The platform's rooms from the ground up: each may ask those before it. */
const ROOMS = [
  "errors.ts",
  "optional-packages.ts",
  "input",
  "connection-url.ts",
  "config.ts",
  "data-dir.ts",
  "secrets.ts",
  "hs256.ts",
  "livekit",
  "database",
  "auth",
  "graphql",
  "http",
  "brand",
  "audit",
  "organizations",
  "people",
  "agents",
  "widgets",
  "conversations",
  "dispatch",
  "embed",
  "demo",
  "schema.ts",
  "rest",
  "ops",
  "resolvers.ts",
  "console",
  "resolvers.ts",
  "compose-people.ts",
  "compose.ts",
  "sweeps.ts",
  "app.ts",
  "admin",
  "main.ts",
] as const;

const program = ({ path }: Pick<SourceFile, "path">): string => path.split("/")[1] ?? "";
const room = (path: string): string => path.split("/")[2] ?? "";

/** Every import of one of our own files by another, as `from → to`. */
const ARROWS = SOURCE_FILES.flatMap((from) =>
  from.files.map((to) => ({ from: from.path, to, type: from.typeOnly.has(to) })),
);

describe("the tree", () => {
  test("has a room of the list for every file of the platform", () => {
    const known = new Set<string>(ROOMS);
    const rooms = SOURCE_FILES.filter((file) => program(file) === "platform").map(({ path }) =>
      room(path),
    );
    expect(rooms.filter((name) => !known.has(name))).toEqual([]);
    expect([...known].filter((name) => !rooms.includes(name))).toEqual([]);
  });

  test("lets a program take from another only what the two must agree on", () => {
    const wrong = ARROWS.filter(({ from, to }) => {
      const [own, other] = [program({ path: from }), program({ path: to })];
      return own !== other && !(PROGRAMS[own] ?? []).includes(other);
    });
    expect(wrong.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  test("lets a room of the platform ask those below it alone", () => {
    const height = (path: string): number => ROOMS.indexOf(room(path) as (typeof ROOMS)[number]);
    const up = ARROWS.filter(
      ({ from, to }) =>
        from.startsWith("src/platform/") &&
        to.startsWith("src/platform/") &&
        room(from) !== room(to) &&
        height(to) > height(from),
    );
    expect(up.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  test("has no circle of files", () => {
    const next = new Map<string, string[]>();
    for (const { from, to } of ARROWS) next.set(from, [...(next.get(from) ?? []), to]);
    expect(circlesOf(next)).toEqual([]);
  });

  test("has no file of more than 450 lines", () => {
    const long = [...SOURCE_FILES, ...STYLE_SHEETS].filter(
      ({ text }) => text.split("\n").length > 451,
    );
    expect(long.map(({ path }) => path)).toEqual([]);
  });
});

test("the panel's style sheet takes every sheet of its folder, once", () => {
  const [panel] = STYLE_SHEETS.filter(({ path }) => path === "src/widget/panel/panel.css");
  const taken = [...(panel?.text ?? "").matchAll(/^@import "\.\/(styles\/[^"]+)";$/gm)];
  const sheets = STYLE_SHEETS.filter(({ path }) => path.startsWith("src/widget/panel/styles/"));
  expect(taken.map(([, name]) => `src/widget/panel/${name}`).toSorted()).toEqual(
    sheets.map(({ path }) => path).toSorted(),
  );
});

describe("protocol/", () => {
  const files = SOURCE_FILES.filter((file) => program(file) === "protocol");

  test("needs neither Node nor a browser", () => {
    expect(files.length).toBeGreaterThan(3);
    for (const { path, packages, text } of files) {
      expect(
        packages.filter((name) => !/^(zod(\/mini)?|culori)$/.test(name)),
        path,
      ).toEqual([]);
      expect(text, path).not.toMatch(/\b(document|window|process|Buffer)\.\w/);
    }
  });

  const using = (packageName: RegExp, reached: ReadonlySet<string>): string[] =>
    SOURCE_FILES.filter(
      ({ path, packages }) => reached.has(path) && packages.some((name) => packageName.test(name)),
    ).map(({ path }) => path);

  test("gives the loader types and constants alone: the smallest form of zod is 6 KB", () => {
    for (const file of ["main", "frame"]) {
      const reached = reachedFrom(`src/widget/loader/${file}.ts`);
      expect(reached.size).toBeGreaterThan(5);
      expect(using(/^zod/, reached)).toEqual([]);
    }
  });

  test("gives the panel types and constants alone: the smallest form of zod is a sixth of it", () => {
    const reached = reachedFrom("src/widget/panel/main.tsx");
    expect(reached.size).toBeGreaterThan(30);
    expect(using(/^zod/, reached)).toEqual([]);
  });
});

/** Of it the widget's build keeps the values of its constants alone; the bundles' sizes hold that. */
const WORKED_OUT = "src/protocol/widget-reading.ts";

/** The files that end up in a bundle of `entry`: types are gone by then. */
function reachedFrom(entry: string): ReadonlySet<string> {
  const seen = new Set<string>();
  const visit = (path: string): void => {
    if (seen.has(path) || path === WORKED_OUT) return;
    seen.add(path);
    for (const { to } of ARROWS.filter(({ from, type }) => from === path && !type)) visit(to);
  };
  visit(entry);
  return seen;
}

/** Groups of files that reach each other, each sorted. */
function circlesOf(next: ReadonlyMap<string, readonly string[]>): string[][] {
  // Tarjan's strongly connected components.
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const found: string[][] = [];
  const visit = (path: string): void => {
    index.set(path, index.size);
    low.set(path, index.size - 1);
    stack.push(path);
    for (const to of next.get(path) ?? []) {
      if (!index.has(to)) visit(to);
      if (stack.includes(to)) low.set(path, Math.min(low.get(path) ?? 0, low.get(to) ?? 0));
    }
    if (low.get(path) !== index.get(path)) return;
    const circle = stack.splice(stack.indexOf(path));
    if (circle.length > 1) found.push(circle.toSorted());
  };
  for (const path of next.keys()) if (!index.has(path)) visit(path);
  return found;
}

test("the arrows are seen", () => {
  expect(ARROWS.length).toBeGreaterThan(400);
  expect(ARROWS).toContainEqual({
    from: "src/platform/main.ts",
    to: "src/platform/compose.ts",
    type: false,
  });
});
