import { readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { DatabaseHandle } from "../../src/platform/database/client.js";
import { readSchema } from "../../src/platform/database/migration-files.js";
import { writeMigration } from "../../src/tooling/new-migration.js";
import { cloneDatabase, onPostgres } from "../support/database.js";

const NOW = new Date("2030-01-02T03:04:05.678Z");

let database: DatabaseHandle;
let directory: string;
let schema: string;

beforeAll(async () => {
  database = await cloneDatabase();
  schema = (await readSchema()).replace("model Agent {", "model Agent {\n  nickname String?");
});
afterAll(() => database.close());
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "parley-migrations-"));
});
afterEach(() => rm(directory, { recursive: true }));

// Developers write migrations with the embedded database; Prisma's adapter for pg cannot describe one.
test.skipIf(onPostgres)(
  "a new migration has what the schema has more than the migrations",
  async () => {
    const path = await writeMigration(database, { name: "nicknames", now: NOW, schema, directory });
    expect(path).toBe(join(directory, "20300102030405_nicknames", "migration.sql"));
    const sql = readFileSync(path ?? "", "utf8");
    expect(sql).toContain('ALTER TABLE "agents" ADD COLUMN     "nickname" TEXT;');
    await database.db.$executeRawUnsafe('ALTER TABLE "agents" ADD COLUMN "nickname" TEXT');
    const next = { name: "again", now: new Date(NOW.getTime() + 1000), schema, directory };
    expect(await writeMigration(database, next)).toBeUndefined();
    expect(readdirSync(directory)).toEqual(["20300102030405_nicknames"]);
  },
);

test.each(["", "Nicknames", "../nicknames", "1st", "nick names"])(
  "%j is no name of a migration",
  async (name) => {
    await expect(writeMigration(database, { name, now: NOW, directory })).rejects.toThrow(
      "A migration's name has small letters, digits and underscores",
    );
    expect(readdirSync(directory)).toEqual([]);
  },
);

test.each(["20300102030405_nicknames", "20300102030406_later"])(
  "a migration takes the place of none that is there, and comes before none: %s",
  async (existing) => {
    await mkdir(join(directory, existing));
    const written = writeMigration(database, { name: "nicknames", now: NOW, schema, directory });
    await expect(written).rejects.toThrow(`would come before ${existing}`);
    expect(readdirSync(directory)).toEqual([existing]);
  },
);
