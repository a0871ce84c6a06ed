import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import pg from "pg";
import { afterEach, describe, expect, test } from "vitest";
import { BackupService } from "../../../src/platform/admin/backup.service.js";
import { openPostgres, type DatabaseHandle } from "../../../src/platform/database/client.js";
import { instantColumns, repairInstants } from "../../../src/platform/database/instants.js";
import { migrate } from "../../../src/platform/database/migrate.js";
import { cloneDatabase, cloneDatabaseUrl, onPostgres } from "../../support/database.js";

const LAST_OF_RELEASE = "20261121120000_transcripts_and_sweeps";
const SCHEMA = fileURLToPath(new URL("../../../prisma/schema.prisma", import.meta.url));

let database: DatabaseHandle | undefined;
afterEach(async () => {
  await database?.close();
  database = undefined;
});

interface Key {
  readonly id: string;
  readonly createdAt: string;
  readonly expiresAt: string;
}

/** Digits of UTC: both halves of the hour that New York has twice, summer, winter. */
const KEYS: readonly Key[] = [
  { id: "winter", createdAt: "2026-01-15T10:00:00.123Z", expiresAt: "2030-07-01T00:00:00.000Z" },
  { id: "summer", createdAt: "2026-07-15T23:59:59.999Z", expiresAt: "2030-01-01T00:00:00.000Z" },
  { id: "early", createdAt: "2025-11-02T01:30:00.000Z", expiresAt: "2025-11-02T05:30:00.000Z" },
];

/** A database as an earlier version left it whose session had `zone`: it wrote digits without one. */
async function earlier(zone: string, keys = KEYS): Promise<DatabaseHandle> {
  const url = await cloneDatabaseUrl({ empty: true });
  const handle = openPostgres(url);
  database = handle;
  await migrate(handle, LAST_OF_RELEASE);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`ALTER DATABASE "${new URL(url).pathname.slice(1)}" SET TimeZone = '${zone}'`);
  await client.query(`SET TimeZone = '${zone}'`);
  await client.query("INSERT INTO organizations VALUES ('org_a', 'Acme', NULL, $1)", [
    digits("2026-01-01T00:00:00.000Z"),
  ]);
  for (const key of keys) {
    await client.query(
      "INSERT INTO api_keys (id, organization_id, name, secret_hash, scopes, expires_at, created_at) VALUES ($1, 'org_a', '', '', '{}', $2, $3)",
      [key.id, digits(key.expiresAt), digits(key.createdAt)],
    );
  }
  await client.end();
  // What the database has is read when a session begins.
  await handle.close();
  database = openPostgres(url);
  return database;
}

/** As Prisma's adapter sends an instant. */
function digits(instant: string): string {
  return instant.replace("T", " ").replace("Z", "");
}

async function keysOf({ db }: DatabaseHandle): Promise<Key[]> {
  const rows = await db.apiKey.findMany({
    select: { id: true, createdAt: true, expiresAt: true },
  });
  return rows
    .map(({ id, createdAt, expiresAt }) => ({
      id,
      createdAt: createdAt.toISOString(),
      expiresAt: expiresAt?.toISOString() ?? "",
    }))
    .toSorted(
      (a, b) => KEYS.findIndex(({ id }) => id === a.id) - KEYS.findIndex(({ id }) => id === b.id),
    );
}

const now = new Date();

describe.runIf(onPostgres)("instants that an earlier version stored under another zone", () => {
  test.each(["Asia/Kathmandu", "America/New_York", "Europe/London"])(
    "%s: the start refuses and names the command, which shows, repairs once and is recorded",
    async (from) => {
      const open = await earlier(from);
      await expect(migrate(open)).rejects.toThrow(`database repair-instants --from ${from}"`);
      const shifted = await keysOf(open);
      expect(shifted).not.toEqual(KEYS);

      const shown = await repairInstants(open, { from, apply: false, now });
      expect(new Set(shown.map(({ table }) => table))).toContain("api_keys");
      const [first] = shown.filter(({ column }) => column === "expires_at");
      expect(first?.repaired).not.toEqual(first?.stored);
      expect(await keysOf(open)).toEqual(shifted);
      await expect(migrate(open)).rejects.toThrow("repair-instants");

      expect(await repairInstants(open, { from, apply: true, now })).toEqual(shown);
      expect(await keysOf(open)).toEqual(KEYS);
      const again = repairInstants(open, { from, apply: true, now });
      await expect(again).rejects.toThrow("twice would shift them again");
      expect(await migrate(open)).toBeGreaterThan(0);
      expect(await keysOf(open)).toEqual(KEYS);
      expect(await open.db.instantRecord.findMany()).toMatchObject([{ writtenUnder: from }]);
    },
  );

  test("of two repairs at once one is done", async () => {
    const from = "Asia/Kathmandu";
    const open = await earlier(from);
    const both = [1, 2].map(() => repairInstants(open, { from, apply: true, now }));
    const outcomes = await Promise.allSettled(both);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect(await keysOf(open)).toEqual(KEYS);
  });

  test("are left as they are when the operator says that they are right", async () => {
    const open = await earlier("Asia/Kathmandu");
    const stored = await keysOf(open);
    expect(await repairInstants(open, { from: "UTC", apply: true, now })).toEqual([]);
    await migrate(open);
    expect(await keysOf(open)).toEqual(stored);
  });

  test("of the future are found although the database's zone was changed meanwhile", async () => {
    const createdAt = new Date(Date.now() - 60_000).toISOString();
    const open = await earlier("America/New_York", [
      { id: "winter", createdAt, expiresAt: "2030-07-01T00:00:00.000Z" },
    ]);
    await open.db.$executeRawUnsafe(
      `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET TimeZone = ''UTC''', current_database()); END $$`,
    );
    const [row] = await open.db.$queryRaw<{ name: string }[]>`SELECT current_database() AS name`;
    await open.close();
    const url = new URL(process.env["DATABASE_URL"] ?? "");
    url.pathname = `/${row?.name}`;
    database = openPostgres(url.href);
    await expect(migrate(database)).rejects.toThrow("api_keys has rows of the future");
    await repairInstants(database, { from: "America/New_York", apply: true, now });
    await migrate(database);
    expect((await keysOf(database))[0]?.createdAt).toBe(createdAt);
  });

  test("are repaired up to a moment; what is planned goes with its row", async () => {
    const open = await earlier("Asia/Kathmandu");
    const before = new Date("2026-03-01T00:00:00Z");
    const stored = await keysOf(open);
    await repairInstants(open, { from: "Asia/Kathmandu", before, apply: true, now });
    expect(await keysOf(open)).toEqual([KEYS[0], stored[1], KEYS[2]]);
  });

  test("are refused an unknown zone, and nothing is recorded", async () => {
    const open = await earlier("Asia/Kathmandu");
    const unknown = repairInstants(open, { from: "Nowhere/Land", apply: true, now });
    await expect(unknown).rejects.toThrow("knows no such time zone");
    await expect(migrate(open)).rejects.toThrow("repair-instants");
  });

  test("are not looked for again once a start found them right", async () => {
    const open = await earlier("UTC");
    await migrate(open);
    expect(await keysOf(open)).toEqual(KEYS);
    expect(await open.db.instantRecord.findMany()).toMatchObject([
      { writtenUnder: "UTC", repaired: 0 },
    ]);
  });
});

test("a repair finds every instant of the schema, of whichever table", async () => {
  database = await cloneDatabase();
  const found = await instantColumns(database.db);
  const inSchema = readFileSync(SCHEMA, "utf8")
    .split(/^model /m)
    .slice(1)
    .filter((model) => !model.startsWith("InstantRecord"))
    .flatMap((model) => {
      const table = /@@map\("(\w+)"\)/.exec(model)?.[1];
      // A day is no instant: it has no zone to be shifted from.
      const columns = [...model.matchAll(/^ {2}(\w+) +DateTime(?!\?? +@db\.Date\b)\??(.*)$/gm)];
      return columns.map(
        ([, name, rest = ""]) => `${table}.${/@map\("(\w+)"\)/.exec(rest)?.[1] ?? name}`,
      );
    });
  expect(inSchema.length).toBeGreaterThan(20);
  expect(
    [...found].flatMap(([table, names]) => names.map((name) => `${table}.${name}`)).toSorted(),
  ).toEqual(inSchema.toSorted());
});

test("a backup that an earlier version made under another zone restores what it had answered", async () => {
  database = await cloneDatabase();
  const directory = await mkdtemp(join(tmpdir(), "parley-instants-"));
  const row = { id: "org_a", name: "At +05:45", created_at: "2026-11-29T09:15:08.031+05:45" };
  const lines = [
    { format: "parley-backup-2", tables: ["organizations"] },
    { table: "organizations", row },
    { rows: 1 },
  ];
  const file = join(directory, "old.backup.gz");
  await writeFile(file, gzipSync(lines.map((line) => JSON.stringify(line)).join("\n")));
  await new BackupService(database.db, () => new Date()).restore(file);
  expect(await database.db.organization.findMany()).toMatchObject([
    { name: "At +05:45", createdAt: new Date("2026-11-29T09:15:08.031Z") },
  ]);
  await rm(directory, { recursive: true });
});
