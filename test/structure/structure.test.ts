import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { CONFIG_NAMES } from "../../src/config.js";
import { schemaDrift } from "../../src/database/migrate.js";
import { cloneDatabase } from "../support/database.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

interface SourceFile {
  /** From the root: `src/widgets/origins.ts`. */
  readonly path: string;
  readonly text: string;
  /** What it imports: a package's name, or a path from the root. */
  readonly imports: readonly string[];
}

const FILES: readonly SourceFile[] = filesOf(join(ROOT, "src")).map((file) => {
  const path = relative(ROOT, file);
  const text = readFileSync(file, "utf8");
  const found = text.matchAll(/\b(?:from|import)\s*\(?\s*"([^"]+)"/g);
  const imports = [...found].map(([, name = ""]) =>
    name.startsWith(".") ? relative(ROOT, join(file, "..", name)) : name,
  );
  return { path, text, imports };
});

function filesOf(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return entry.name === "generated" ? [] : filesOf(path);
    return /\.tsx?$/.test(entry.name) ? [path] : [];
  });
}

/** The files that import what `pattern` matches. */
function importersOf(pattern: RegExp): string[] {
  return FILES.filter(({ imports }) => imports.some((name) => pattern.test(name))).map(
    ({ path }) => path,
  );
}

/** Those of `paths` that neither match `allowed` nor are excepted with a reason. */
function offenders(
  paths: readonly string[],
  allowed: RegExp,
  excepted: Record<string, string> = {},
): string[] {
  return paths.filter((path) => !allowed.test(path) && !Object.hasOwn(excepted, path));
}

test("the import test sees the code", () => {
  expect(FILES.length).toBeGreaterThan(80);
  expect(importersOf(/^express$/)).toContain("src/app.ts");
  expect(importersOf(/^src\/widgets\/origins\.js$/)).toContain("src/widgets/widget.service.ts");
});

describe("dependencies point one way", () => {
  test("only services and database/ import Prisma", () => {
    const excepted = {
      "src/workers/worker-input.ts": "names the type of the JSON column that it prepares",
    };
    const importers = importersOf(/^@prisma\/|^src\/database\/generated\/|^pg$|pglite/);
    expect(offenders(importers, /\.service\.ts$|^src\/database\//, excepted)).toEqual([]);
    for (const path of Object.keys(excepted)) expect(importers).toContain(path);
  });

  test("only livekit/ and agent-worker/ import LiveKit's server SDKs, only the panel its client", () => {
    expect(
      offenders(
        importersOf(/^livekit-server-sdk$|^@livekit\//),
        /^src\/livekit\/|^src\/agent-worker\//,
      ),
    ).toEqual([]);
    expect(offenders(importersOf(/^livekit-client$/), /^src\/embed\/panel\//)).toEqual([]);
  });

  test("services know neither Express nor GraphQL nor REST", () => {
    const services = FILES.filter(({ path }) => path.endsWith(".service.ts"));
    expect(services.length).toBeGreaterThan(5);
    for (const { path, imports } of services) {
      const known = imports.filter((name) =>
        /^express$|^graphql|^type-graphql$|^@apollo|^src\/(graphql|rest|http)\/|\.resolver\.js$/.test(
          name,
        ),
      );
      expect(known, path).toEqual([]);
    }
  });

  test("a service's types of GraphQL classes are types only, so that no decorator is loaded for them", () => {
    for (const { path, text } of FILES.filter((file) => file.path.endsWith(".service.ts"))) {
      const values = [
        ...text.matchAll(/^import (?!type\b)[^;]*?"(\.[^"]*\.(?:type|input)\.js)";/gms),
      ];
      expect(
        values.map((match) => match[1]),
        path,
      ).toEqual([]);
    }
  });

  test("REST never imports a resolver or a feature's service", () => {
    const rest = FILES.filter(({ path }) => path.startsWith("src/rest/"));
    expect(rest.length).toBeGreaterThan(3);
    for (const { path, text } of rest) {
      expect(text, path).not.toMatch(/from "[^"]*\.resolver\.js"/);
      // A type of a service is no call to it.
      expect(text, path).not.toMatch(/^import (?!type\b)[^;]*\.service\.js"/m);
    }
  });

  test("nobody but compose.ts and the commands makes a service", () => {
    const makers = FILES.filter(({ text }) => /\bnew [A-Z]\w*Service\(/.test(text)).map(
      ({ path }) => path,
    );
    expect(makers).toContain("src/compose.ts");
    expect(offenders(makers, /^src\/compose\.ts$|^src\/admin\//)).toEqual([]);
  });

  test("the browser room imports nothing of the server but plain types", () => {
    for (const { path, text } of FILES.filter((file) => file.path.startsWith("src/embed/"))) {
      const outside = [...text.matchAll(/^import (type )?[^;]*?"(\.[^"]+)";/gms)].filter(
        ([, , name = ""]) => !join(path, "..", name).startsWith("src/embed/"),
      );
      for (const [statement, isType] of outside)
        expect(isType, `${path}: ${statement}`).toBe("type ");
      expect(text, path).not.toMatch(/from "node:/);
    }
  });
});

describe("the environment", () => {
  test("is read by config.ts alone; commands hand it over", () => {
    const reads = FILES.flatMap(({ path, text }) =>
      text
        .split("\n")
        .filter((line) => line.includes("process.env") && !/^\s*(\*|\/\/|\/\*)/.test(line))
        .map((line) => ({ path, line: line.trim() })),
    );
    // Handing the whole over is no reading; a name behind it would be.
    const readers = reads.filter(
      ({ line }) =>
        /process\.env(?!\s*[,)])/.test(line) ||
        !/\b(loadConfig|loadWorkerConfig|workerEnvironment)\(process\.env/.test(line),
    );
    expect(readers).toEqual([]);
    expect(reads.map(({ path }) => path)).toContain("src/main.ts");
  });

  test("has the same names in config.ts, in .env.example and in the README's table", () => {
    const example = readFileSync(join(ROOT, ".env.example"), "utf8");
    const inExample = [...example.matchAll(/^#?\s?([A-Z][A-Z_]+)=/gm)].map(([, name = ""]) => name);
    expect(inExample.toSorted()).toEqual(CONFIG_NAMES.toSorted());
    const readme = readFileSync(join(ROOT, "README.md"), "utf8");
    const inReadme = [...readme.matchAll(/^\| `([A-Z][A-Z_]+)` \|/gm)].map(([, name = ""]) => name);
    expect(inReadme.toSorted()).toEqual(CONFIG_NAMES.toSorted());
  });
});

describe("the database", () => {
  test("has exactly the schema, after the migrations alone", async () => {
    const database = await cloneDatabase();
    try {
      expect(await schemaDrift(database)).toBe("");
      // The check sees what differs.
      await database.db.$executeRawUnsafe('ALTER TABLE "agents" ADD COLUMN "extra" TEXT');
      expect(await schemaDrift(database)).toContain("extra");
    } finally {
      await database.close();
    }
  });
});

describe("the code", () => {
  test("has no `any` and no `!` hidden behind a comment", () => {
    const hidden = FILES.filter(({ text }) =>
      /oxlint-disable[^\n]*(no-explicit-any|no-non-null-assertion)|@ts-(ignore|nocheck)/.test(text),
    ).map(({ path }) => path);
    expect(hidden).toEqual([]);
  });

  test("names its files in lower case with hyphens", () => {
    // Preact's components too.
    expect(FILES.map(({ path }) => path).filter((path) => !/^[a-z\d/.-]+$/.test(path))).toEqual([]);
  });
});
