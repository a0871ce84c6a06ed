import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DatabaseHandle } from "../../../src/platform/database/client.js";
import {
  isDatabaseUnavailable,
  isUniqueViolation,
  sqlState,
} from "../../../src/platform/database/prisma-errors.js";
import { cloneDatabase, onPooler, onPostgres } from "../../support/database.js";

let database: DatabaseHandle;
beforeAll(async () => {
  database = await cloneDatabase();
});
afterAll(() => database.close());

const NOW = new Date("2026-11-29T12:00:00.123Z");
const INSERT = `
  INSERT INTO organizations (id, name, retention_days, created_at)
  VALUES ($1::text, $2::text, $3::int, $4::timestamptz) RETURNING id, retention_days, created_at`;

async function names(): Promise<string[]> {
  const rows = await database.db.organization.findMany({ orderBy: { name: "asc" } });
  return rows.map((row) => row.name);
}

describe("a prepared statement", () => {
  test("takes and gives values as Prisma's client stores them", async () => {
    const rows = await database.prepared.query(INSERT, ["one", "ünï \\ ' ☃", 30, NOW]);
    expect(rows).toEqual([
      { id: "one", retention_days: 30, created_at: "2026-11-29T12:00:00.123+00:00" },
    ]);
    expect(await database.db.organization.findUnique({ where: { id: "one" } })).toMatchObject({
      id: "one",
      name: "ünï \\ ' ☃",
      retentionDays: 30,
      createdAt: NOW,
    });
    const sql =
      "SELECT $1::bytea AS bytes, $2::jsonb AS json, $3::boolean AS yes, $4::text AS none";
    const [row] = await database.prepared.query<{ bytes: Uint8Array; json: string }>(sql, [
      new Uint8Array([0, 1, 255]),
      '{"a": [1, null]}',
      true,
      null,
    ]);
    expect([...(row?.bytes ?? [])]).toEqual([0, 1, 255]);
    expect(JSON.parse(row?.json ?? "")).toEqual({ a: [1, null] });
    expect(row).toMatchObject({ yes: true, none: null });
  });

  test.runIf(onPostgres)(
    "is prepared once on a connection, and behind a pooler not at all",
    async () => {
      const sql = "SELECT $1::int + 4711 AS sum";
      const known = await database.prepared.transaction(async (tx) => {
        await tx.query(sql, [1]);
        await tx.query(sql, [2]);
        return tx.query("SELECT name FROM pg_prepared_statements WHERE statement = $1::text", [
          sql,
        ]);
      });
      expect(known).toHaveLength(onPooler ? 0 : 1);
    },
  );

  test("fails as Prisma's does: what is busy or lost is told from what is wrong", async () => {
    const failure = (sql: string): Promise<unknown> =>
      database.prepared.query(sql, []).then(
        () => undefined,
        (error: unknown) => error,
      );
    const wrong = await failure("SELECT no_such_column");
    expect(isDatabaseUnavailable(wrong)).toBe(false);
    expect(sqlState(wrong)).toBe("42703");
    const locked = await failure(
      "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'lock_not_available'; END $$",
    );
    expect(isDatabaseUnavailable(locked)).toBe(true);
    const add = (): Promise<unknown> =>
      database.prepared.query(
        `INSERT INTO users (id, email, name, created_at)
         VALUES (gen_random_uuid(), 'ada@test.example', 'Ada', $1::timestamptz)`,
        [NOW],
      );
    await add();
    const unique = await add().catch((error: unknown) => error);
    expect(isUniqueViolation(unique, "email")).toBe(true);
    expect(isUniqueViolation(unique, "name")).toBe(false);
    expect(isUniqueViolation(wrong)).toBe(false);
  });
});

describe("a transaction of prepared statements", () => {
  test("is whole, or leaves nothing and gives its connection back", async () => {
    await database.prepared.transaction(async (tx) => {
      await tx.query(INSERT, ["three", "three", null, NOW]);
      await tx.query(INSERT, ["four", "four", null, NOW]);
    });
    // More often than there are connections.
    for (let round = 0; round < 25; round += 1) {
      const failed = database.prepared.transaction(async (tx) => {
        await tx.query(INSERT, ["five", "five", null, NOW]);
        if (round % 2 === 0) throw new Error("of ours");
        await tx.query(INSERT, ["three", "three", null, NOW]);
      });
      await expect(failed).rejects.toThrow();
    }
    expect(await names()).toEqual(expect.arrayContaining(["three", "four"]));
    expect(await names()).not.toContain("five");
  });

  test.runIf(onPostgres)("sees what another has committed since its first statement", async () => {
    await database.prepared.transaction(async (tx) => {
      await tx.query("SELECT 1 FROM organizations", []);
      await database.db.organization.create({ data: { id: "six", name: "six", createdAt: NOW } });
      expect(
        await tx.query("SELECT 1 FROM organizations WHERE id = $1::text", ["six"]),
      ).toHaveLength(1);
    });
  });
});
