import { spawnSync } from "node:child_process";
import {
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  rmdir,
  stat,
  truncate,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ConfigError } from "../../../src/process/environment.js";
import { openDatabase } from "../../../src/platform/database/client.js";
import { migrate } from "../../../src/platform/database/migrate.js";
import { onPostgres } from "../../support/database.js";
import {
  cleanUpProcesses,
  FOREIGN_LIVEKIT,
  ParleyProcess,
  temporaryDirectory,
} from "../../support/process.js";

const asRoot = process.getuid?.() === 0;

cleanUpProcesses();

/** A whole one, stopped in order, to be copied. */
let whole: string;
beforeAll(async () => {
  if (onPostgres) return;
  whole = await mkdtemp(join(tmpdir(), "parley-whole-"));
  const database = await openDatabase({ databaseUrl: undefined, dataDir: whole });
  await migrate(database);
  await database.db.organization.create({
    data: { id: "org", name: "Org", createdAt: new Date() },
  });
  await database.close();
});
afterAll(() => (onPostgres ? undefined : rm(whole, { recursive: true })));

/** What the database says when it is opened there, and whether that left every file as it was. */
async function opened(dataDir: string): Promise<{ sentence: string; untouched: boolean }> {
  const before = await filesIn(dataDir);
  try {
    const database = await openDatabase({ databaseUrl: undefined, dataDir });
    await database.close();
    return { sentence: "opened", untouched: false };
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    const { message } = error as ConfigError;
    return { sentence: message, untouched: (await filesIn(dataDir)) === before };
  }
}

/** Every name with its size and its last change; a directory itself changes with the lock. */
async function filesIn(directory: string): Promise<string> {
  const entries = await readdir(directory, { recursive: true }).catch(() => []);
  const lines = entries.toSorted().map(async (name) => {
    const found = await stat(join(directory, name));
    return found.isDirectory() ? `${name}/` : `${name} ${found.size} ${found.mtimeMs}`;
  });
  return (await Promise.all(lines)).join("\n");
}

const zero = async (file: string): Promise<void> => {
  const { size } = await stat(file);
  await writeFile(file, Buffer.alloc(size));
};
const firstOf = async (directory: string): Promise<string> =>
  join(directory, (await readdir(directory)).find((name) => name.startsWith("0")) ?? "none");

describe.skipIf(onPostgres)("a DATA_DIR with a part of a database in it", () => {
  test.each<[string, (database: string) => Promise<unknown>, RegExp]>([
    ["no PG_VERSION", (at) => rm(join(at, "PG_VERSION")), /PG_VERSION is missing/],
    ["another version", (at) => writeFile(join(at, "PG_VERSION"), "15\n"), /is of PostgreSQL 15/],
    ["no pg_control", (at) => rm(join(at, "global/pg_control")), /pg_control is missing/],
    ["an empty pg_control", (at) => truncate(join(at, "global/pg_control")), /pg_control is not/],
    ["a zeroed pg_control", (at) => zero(join(at, "global/pg_control")), /pg_control is not/],
    [
      "the pg_control of a PostgreSQL server",
      async (at) => {
        const file = join(at, "global/pg_control");
        const bytes = await readFile(file);
        bytes[0xf8] = 1;
        await writeFile(file, bytes);
      },
      /is a PostgreSQL server's/,
    ],
    ["no write-ahead log", async (at) => rm(await firstOf(join(at, "pg_wal"))), /pg_wal\/0\w+ is/],
    [
      "a cut log",
      async (at) => truncate(await firstOf(join(at, "pg_wal")), 999),
      /pg_wal\/0\w+ is/,
    ],
    ["a zeroed log", async (at) => zero(await firstOf(join(at, "pg_wal"))), /pg_wal\/0\w+ is/],
    ["no commit states", async (at) => rm(await firstOf(join(at, "pg_xact"))), /pg_xact is empty/],
    ["an empty directory lost", (at) => rmdir(join(at, "pg_notify")), /pg_notify is missing/],
    ["no configuration", (at) => rm(join(at, "postgresql.conf")), /postgresql.conf is missing/],
    ["no tables", (at) => rm(join(at, "base"), { recursive: true }), /base\/\S+ is missing/],
    ["a cut table", (at) => truncate(join(at, "base/5/1259"), 4096), /base\/5\/1259 is cut/],
    [
      "nothing but other files",
      async (at) => {
        await rm(at, { recursive: true });
        await mkdir(at);
        await writeFile(join(at, "notes.txt"), "mine");
      },
      /has other files in it, and no database/,
    ],
    [
      "a file for a directory",
      async (at) => {
        await rm(at, { recursive: true });
        await writeFile(at, "");
      },
      /database \(ENOTDIR\)/,
    ],
  ])("%s: says so, and touches nothing", async (_name, damage, sentence) => {
    const dataDir = await temporaryDirectory();
    await cp(whole, dataDir, { recursive: true, preserveTimestamps: true });
    await damage(join(dataDir, "database"));
    const said = await opened(dataDir);
    expect(said.sentence).toMatch(sentence);
    expect(said.sentence).toMatch(/^The embedded database cannot be used: [^\n]+\.$/);
    expect(said.untouched).toBe(true);
  });

  test("whole pages lost: says so, when PostgreSQL itself has found it", async () => {
    for (const [table, sentence] of [
      ["pg_class", /is damaged \(PostgreSQL cannot open it\)/],
      ["organizations", /is damaged \(base\/5\/\d+ is missing or empty\)/],
    ] as const) {
      const dataDir = await temporaryDirectory();
      await cp(whole, dataDir, { recursive: true });
      const database = await openDatabase({ databaseUrl: undefined, dataDir });
      const [row] = await database.db.$queryRaw<{ path: string }[]>`
        SELECT pg_relation_filepath(${table}::regclass) AS path`;
      await database.close();
      await truncate(join(dataDir, "database", row?.path ?? "none"));
      expect((await opened(dataDir)).sentence).toMatch(sentence);
    }
  });

  test("everything there: is opened, also where only a mount made the directory", async () => {
    const dataDir = await temporaryDirectory();
    await cp(whole, dataDir, { recursive: true });
    expect((await opened(dataDir)).sentence).toBe("opened");
    const empty = await temporaryDirectory();
    await mkdir(join(empty, "lost+found"));
    await mkdir(join(empty, "database"));
    expect((await opened(empty)).sentence).toBe("opened");
  });
});

describe.skipIf(onPostgres)("a DATA_DIR that is not ours", () => {
  test("with somebody else's files: says so, and makes nothing there", async () => {
    const theirs = await temporaryDirectory();
    await writeFile(join(theirs, "notes.txt"), "mine");
    const said = await opened(theirs);
    expect(said.sentence).toMatch(/^DATA_DIR cannot be used: \S+ has other files in it/);
    expect(said.untouched).toBe(true);
    // The database's own directory is one of these: what belongs beside it must not get in.
    expect((await opened(join(whole, "database"))).sentence).toMatch(/has other files in it/);
  });

  test.each([
    ["/proc/parley/data", "ENOENT"],
    ["/dev/null/data", "ENOTDIR"],
  ])("%s: ends with exit 1 and one sentence", async (dataDir, code) => {
    const parley = await ParleyProcess.spawn({ ...FOREIGN_LIVEKIT, DATA_DIR: dataDir });
    expect(await parley.exit).toBe(1);
    expect(parley.output).toBe(`DATA_DIR cannot be used: ${dataDir} (${code}).\n`);
  });

  test("of another user, or read-only: ends with exit 1 and one sentence", async () => {
    const dataDir = await temporaryDirectory();
    await chmod(dataDir, asRoot ? 0o755 : 0o555);
    // Root may do anything, so that another user has to try.
    const other = asRoot ? { uid: 65_534, gid: 65_534 } : {};
    const script = `import(${JSON.stringify(new URL("../../../dist/platform/database/client.js", import.meta.url).href)})
      .then(({ openDatabase }) => openDatabase({ dataDir: ${JSON.stringify(dataDir)} }))
      .then(() => process.exit(0), (error) => { console.log(error.message); process.exit(1); })`;
    const { status, stdout } = spawnSync(process.execPath, ["-e", script], {
      ...other,
      encoding: "utf8",
      cwd: tmpdir(),
    });
    await chmod(dataDir, 0o700);
    expect(stdout).toBe(`DATA_DIR cannot be used: ${dataDir} (EACCES).\n`);
    expect(status).toBe(1);
    expect(await readdir(dataDir)).toEqual([]);
  });
});
