import pg from "pg";
import { afterEach, describe, expect, test } from "vitest";
import {
  openDatabase,
  openPostgres,
  type DatabaseHandle,
} from "../../../src/platform/database/client.js";
import { migrate } from "../../../src/platform/database/migrate.js";
import { TestApp } from "../../support/app.js";
import { cloneDatabaseUrl, onPooler, throughPooler } from "../../support/database.js";

const opened: DatabaseHandle[] = [];
afterEach(async () => {
  for (const database of opened.splice(0)) await database.close();
});

async function open(databaseUrl: string, databaseDirectUrl?: string): Promise<DatabaseHandle> {
  const database = await openDatabase({ databaseUrl, databaseDirectUrl, dataDir: "/nowhere" });
  opened.push(database);
  return database;
}

async function rows<T extends object>(url: string, text: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<T>(text)).rows;
  } finally {
    await client.end();
  }
}

describe.runIf(onPooler)("behind a pooler in transaction mode", () => {
  test("a start without pgbouncer=true refuses, and says what to say", async () => {
    const direct = await cloneDatabaseUrl();
    const bare = throughPooler(direct).replace("?pgbouncer=true", "");
    await expect(open(bare)).rejects.toThrow("add pgbouncer=true");
    await expect(open(`${bare}?pgbouncer=true`, bare)).rejects.toThrow(
      "DATABASE_DIRECT_URL: migrations need a connection of their own",
    );
  });

  test("a platform that such a pooler came upon answers 503, and readyz says so", async () => {
    const direct = await cloneDatabaseUrl();
    const bare = throughPooler(direct).replace("?pgbouncer=true", "");
    const { key } = await (await TestApp.start({ database: await open(direct) })).organization();
    const ask = async (app: TestApp): Promise<number[]> => {
      const calls = Array.from({ length: 20 }, () => app.get("/core/agents", key));
      return (await Promise.all(calls)).map(({ status }) => status);
    };
    const apps: TestApp[] = [];
    // The second one's statements are on the server connections already.
    for (let start = 0; start < 2; start += 1) {
      const database = openPostgres(bare);
      opened.push(database);
      apps.push(await TestApp.start({ database }));
    }
    const statuses = (await Promise.all(apps.map(ask))).flat();
    expect(statuses).toContain(503);
    expect(statuses).not.toContain(500);
    const ready = await Promise.all(apps.map((app) => app.get("/readyz")));
    expect(ready.map(({ status }) => status)).toContain(503);
  });

  test("a direct URL of another database is refused", async () => {
    const url = throughPooler(await cloneDatabaseUrl());
    await expect(open(url, await cloneDatabaseUrl())).rejects.toThrow("names another database");
  });

  test("migrations leave no lock behind, and a schema needs the role's search path", async () => {
    const direct = await cloneDatabaseUrl({ empty: true });
    const database = await open(throughPooler(direct), direct);
    expect(await migrate(database)).toBeGreaterThan(0);
    expect(await migrate(database)).toBe(0);
    const left =
      "SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = database WHERE locktype = 'advisory' AND datname = current_database()";
    expect(await rows(direct, left)).toEqual([]);
    const url = `${throughPooler(direct)}&schema=parley_a`;
    await expect(open(url, `${direct}?schema=parley_a`)).rejects.toThrow(
      "SET search_path = 'parley_a'",
    );
  });

  test("several platforms, one after the other and at once, answer everything; instants are as they are", async () => {
    const direct = await cloneDatabaseUrl();
    for (let start = 0; start < 2; start += 1) {
      const apps = await Promise.all(
        [1, 2].map(async () =>
          TestApp.start({ database: await open(throughPooler(direct), direct) }),
        ),
      );
      for (const app of apps) {
        const { key } = await app.organization();
        const calls = Array.from({ length: 30 }, (_, index) =>
          index % 3 === 0
            ? app.post("/core/agents", { name: `Agent ${index}` }, key)
            : app.get(index % 3 === 1 ? "/core/agents" : "/core/conversations", key),
        );
        const answers = await Promise.all(calls);
        expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 201]));
        expect((await app.get("/readyz")).status).toBe(200);
      }
    }
    const [stored] = await rows<{ seconds: number }>(
      direct,
      "SELECT extract(epoch FROM max(created_at))::float8 AS seconds FROM agents",
    );
    expect(Math.abs((stored?.seconds ?? 0) - Date.now() / 1000)).toBeLessThan(600);
    const [session] = await rows<{ zone: string }>(
      direct,
      "SELECT current_setting('TimeZone') AS zone",
    );
    expect(session?.zone).toBe("Asia/Kathmandu");
  });

  test("a transaction is whole, or leaves nothing", async () => {
    const direct = await cloneDatabaseUrl();
    const { db } = await open(throughPooler(direct), direct);
    const data = (id: string) => ({ id, name: id, createdAt: new Date() });
    const fails = db.$transaction(async (tx) => {
      await tx.organization.create({ data: data("one") });
      throw new Error("undone");
    });
    await expect(fails).rejects.toThrow("undone");
    await Promise.all(
      ["two", "three", "four", "five", "six"].map((id) =>
        db.$transaction(async (tx) => {
          await tx.organization.create({ data: data(id) });
          await tx.organization.update({ where: { id }, data: { name: "done" } });
        }),
      ),
    );
    expect(await db.organization.count({ where: { name: "done" } })).toBe(5);
    expect(await db.organization.count()).toBe(5);
  });
});
