import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { PLATFORM_VARIABLES } from "../../src/platform/config.js";
import { WORKER_VARIABLES } from "../../src/process/worker-environment.js";
import { openPostgres, type DatabaseHandle } from "../../src/platform/database/client.js";
import { schemaDrift, schemaScript } from "../../src/tooling/schema-engine.js";
import { cloneDatabase, cloneDatabaseUrl, onPostgres } from "../support/database.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

interface SourceFile {
  /** From the root: `src/platform/widgets/origins.ts`. */
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
  expect(importersOf(/^express$/)).toContain("src/platform/app.ts");
  expect(importersOf(/^src\/platform\/widgets\/origins\.js$/)).toContain(
    "src/platform/widgets/widget.service.ts",
  );
});

describe("dependencies point one way", () => {
  test("only services and database/ import Prisma", () => {
    const excepted = {
      "src/platform/conversations/close-rooms.ts": "what two services do when rights end",
      "src/platform/conversations/close-talk.ts": "the end of a talk that two services share",
      "src/platform/conversations/end-unjoined.ts": "one statement that two services share",
      "src/platform/conversations/lock-conversation.ts": "a lock that services share",
      "src/platform/organizations/change-organization.ts": "a change that two services share",
      "src/tooling/schema-engine.ts": "Prisma's own differ, for development",
      "src/platform/dispatch/worker-input.ts": "names the type of the JSON column that it prepares",
      "src/platform/widgets/visit-lock.ts": "a lock and a question that services share",
    };
    const importers = importersOf(/^@prisma\/|^src\/platform\/database\/generated\/|^pg$|pglite/);
    expect(offenders(importers, /\.service\.ts$|^src\/platform\/database\//, excepted)).toEqual([]);
    for (const path of Object.keys(excepted)) expect(importers).toContain(path);
  });

  test("what development alone needs is not imported by what runs in production", () => {
    expect(importersOf(/schema-engine-wasm/)).toEqual(["src/tooling/schema-engine.ts"]);
    expect(offenders(importersOf(/^src\/tooling\//), /^src\/tooling\//)).toEqual([]);
  });

  test("only platform/livekit/, livekit-dev/ and agent/ import LiveKit's server SDKs, only the panel its client", () => {
    expect(
      offenders(
        importersOf(/^livekit-server-sdk$|^@livekit\//),
        /^src\/platform\/livekit\/|^src\/livekit-dev\/|^src\/agent\//,
      ),
    ).toEqual([]);
    expect(offenders(importersOf(/^livekit-client$/), /^src\/widget\/panel\//)).toEqual([]);
  });

  test("services know neither Express nor GraphQL nor REST", () => {
    const services = FILES.filter(({ path }) => path.endsWith(".service.ts"));
    expect(services.length).toBeGreaterThan(5);
    for (const { path, imports } of services) {
      const known = imports.filter((name) =>
        /^express$|^graphql|^type-graphql$|^@apollo|^src\/platform\/(graphql|rest|http)\/|\.resolver\.js$/.test(
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

  test("a resolver asks services alone, which have the first lock", () => {
    const resolvers = FILES.filter(({ path }) => path.endsWith(".resolver.ts"));
    expect(resolvers.length).toBeGreaterThan(3);
    for (const { path, text } of resolvers) expect(text, path).not.toMatch(/\bctx\./);
  });

  test("REST never imports a resolver or a feature's service", () => {
    const importers = importersOf(/\.(resolver|service)\.js$/).filter((path) =>
      path.startsWith("src/platform/rest/"),
    );
    // Its route alone has no GraphQL twin.
    expect(importers).toEqual(["src/platform/rest/embed-ticket.ts"]);
  });

  test("nobody but compose.ts, its part for people and the commands makes a service", () => {
    const makers = FILES.filter(({ text }) => /\bnew [A-Z]\w*Service\(/.test(text)).map(
      ({ path }) => path,
    );
    expect(makers).toContain("src/platform/compose.ts");
    expect(
      offenders(makers, /^src\/platform\/compose(-people)?\.ts$|^src\/platform\/admin\//),
    ).toEqual([]);
  });

  test("the browser room imports nothing of the server but plain types", () => {
    for (const { path, text } of FILES.filter((file) => file.path.startsWith("src/widget/"))) {
      const outside = [...text.matchAll(/^import (type )?[^;]*?"(\.[^"]+)";/gms)].filter(
        ([, , name = ""]) => !/^src\/(widget|protocol)\//.test(join(path, "..", name)),
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
        !/\b(loadConfig|loadWorkerConfig|workerEnvironment|hostEnvironment)\(process\.env/.test(
          line,
        ),
    );
    expect(readers).toEqual([]);
    expect(reads.map(({ path }) => path)).toContain("src/platform/main.ts");
  });

  test("has the same names in the code, in .env.example and in the README's table", () => {
    const names = [...new Set([...PLATFORM_VARIABLES, ...WORKER_VARIABLES])].toSorted();
    const example = readFileSync(join(ROOT, ".env.example"), "utf8");
    const inExample = [...example.matchAll(/^#?\s?([A-Z][A-Z_]+)=/gm)].map(([, name = ""]) => name);
    expect(inExample.toSorted()).toEqual(names);
    const readme = readFileSync(join(ROOT, "README.md"), "utf8");
    const inReadme = [...readme.matchAll(/^\| `([A-Z][A-Z_]+)`\s+\|/gm)].map(
      ([, name = ""]) => name,
    );
    expect(inReadme.toSorted()).toEqual(names);
  });
});

describe("the database", () => {
  test.skipIf(onPostgres)("has exactly the schema, after the migrations alone", async () => {
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

  // Prisma's adapter for pg cannot describe a database ("char" columns of the catalogue), so there
  // the catalogue itself is compared with a database made from the schema.
  test.runIf(onPostgres)(
    "has exactly the schema, after the migrations alone, on PostgreSQL",
    async () => {
      const migrated = await cloneDatabase();
      const made = openPostgres(`${await cloneDatabaseUrl({ empty: true })}?connection_limit=1`);
      try {
        const script = await schemaScript(made);
        await made.db.$executeRawUnsafe("CREATE EXTENSION pg_trgm");
        for (const statement of script.split(/;\s*\n/).filter((text) => /\S/.test(text))) {
          await made.db.$executeRawUnsafe(statement);
        }
        const expected = await catalogueOf(made);
        expect(expected.length).toBeGreaterThan(80);
        expect(await catalogueOf(migrated)).toEqual(expected);
      } finally {
        await migrated.close();
        await made.close();
      }
    },
  );
});

/** Columns, indexes, constraints and enums, a line each. Prisma's schema has no words for a partial index. */
async function catalogueOf({ db }: DatabaseHandle): Promise<string[]> {
  const rows = await db.$queryRaw<{ line: string }[]>`
    SELECT concat_ws(' ', table_name, column_name, udt_name, datetime_precision, is_nullable, column_default) AS line
      FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND indexdef NOT LIKE '% WHERE %'
    UNION ALL SELECT concat_ws(' ', conrelid::regclass::text, conname, pg_get_constraintdef(oid))
      FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', enumtypid::regtype::text, enumlabel) FROM pg_enum`;
  return rows
    .map(({ line }) => line)
    .filter((line) => !line.includes("_prisma_migrations"))
    .toSorted();
}

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

test("every process that a test starts ends with the test process", () => {
  const starts = filesOf(join(ROOT, "test")).flatMap((file) => {
    const text = readFileSync(file, "utf8");
    const found = [...text.matchAll(/(endsWithUs\(\s*)?(?<![.\w"`]|async )(?:spawn|fork)\(/g)];
    return found.map(([, tied]) => ({ path: relative(ROOT, file), tied: tied !== undefined }));
  });
  expect(starts.length).toBeGreaterThan(10);
  const loose = starts.filter(({ tied }) => !tied).map(({ path }) => path);
  // The warden is what ends them.
  expect(loose).toEqual(["test/support/children.ts"]);
});
