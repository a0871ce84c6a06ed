import pg from "pg";
import { afterEach, describe, expect, test } from "vitest";
import { openDatabase, type DatabaseHandle } from "../../../src/platform/database/client.js";
import { migrate } from "../../../src/platform/database/migrate.js";
import { TestApp } from "../../support/app.js";
import { cloneDatabaseUrl, onPostgres } from "../../support/database.js";

const opened: DatabaseHandle[] = [];
afterEach(async () => {
  for (const database of opened.splice(0)) await database.close();
});

async function open(databaseUrl: string): Promise<DatabaseHandle> {
  const database = await openDatabase({ databaseUrl, dataDir: "/nowhere" });
  opened.push(database);
  return database;
}

/** Runs statements in a plain session, with the settings that the server gives it. */
async function sql(url: string, ...statements: string[]): Promise<pg.QueryResult[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const results: pg.QueryResult[] = [];
  for (const statement of statements) results.push(await client.query(statement));
  await client.end();
  return results;
}

async function withSettings(settings: Record<string, string>): Promise<string> {
  const url = await cloneDatabaseUrl();
  const name = new URL(url).pathname.slice(1);
  const set = Object.entries(settings).map(
    ([key, value]) => `ALTER DATABASE "${name}" SET ${key} = '${value}'`,
  );
  await sql(url, ...set);
  return url;
}

describe.runIf(onPostgres)("a database with settings of its own", () => {
  test.each<Record<string, string>>([
    { TimeZone: "Asia/Kathmandu" },
    { TimeZone: "America/New_York" },
    { DateStyle: "German" },
    { DateStyle: "SQL, DMY", TimeZone: "Europe/Berlin" },
    { IntervalStyle: "sql_standard", bytea_output: "escape", standard_conforming_strings: "off" },
    { default_transaction_isolation: "serializable" },
    { search_path: "nowhere" },
  ])("%j stores and answers instants as they are", async (settings) => {
    const database = await open(await withSettings(settings));
    // 8 March 2026 had no 02:30 in New York, 29 March none in Berlin.
    for (const instant of ["2026-03-08T02:30:00.001Z", "2026-03-29T02:30:00.999Z"]) {
      const createdAt = new Date(instant);
      const data = { id: `org_${createdAt.getTime()}`, name: "Acme", createdAt };
      await database.db.organization.create({ data });
      const read = await database.db.organization.findUnique({ where: { id: data.id } });
      expect(read?.createdAt).toEqual(createdAt);
      const [stored] = await database.db.$queryRaw<{ ms: number }[]>`
        SELECT (extract(epoch FROM created_at) * 1000)::float8 AS ms
        FROM organizations WHERE id = ${data.id}`;
      expect(stored?.ms).toBe(createdAt.getTime());
    }
    for (const [name, value] of Object.entries(settings)) {
      const inForce = await database.db.$queryRaw`SELECT current_setting(${name}) AS value`;
      expect(inForce, name).not.toEqual([{ value }]);
    }
    const app = await TestApp.start({ database });
    const { key } = await app.organization();
    const agent = await app.post("/core/agents", { name: "Ada" }, key);
    expect(agent.status).toBe(201);
    expect((await app.get("/core/agents", key)).status).toBe(200);
  });
});

describe.runIf(onPostgres)("a URL's schema", () => {
  test("holds one installation, which sees nothing of the other; the extension may be anywhere", async () => {
    const url = await cloneDatabaseUrl({ empty: true });
    await sql(url, "CREATE SCHEMA elsewhere", "CREATE EXTENSION pg_trgm SCHEMA elsewhere");
    for (const schema of ["parley_a", "parley_b"]) {
      const database = await open(`${url}?schema=${schema}`);
      expect(await migrate(database)).toBeGreaterThan(0);
      const createdAt = new Date();
      await database.db.organization.create({ data: { id: "org_a", name: schema, createdAt } });
      const user = { id: crypto.randomUUID(), email: "a@b.c", name: "", createdAt };
      await database.db.user.create({ data: user });
      const member = { organizationId: "org_a", userId: user.id, createdAt };
      await database.db.membership.create({ data: { ...member, role: "admin" } });
      expect(await database.db.$queryRaw`SELECT name FROM organizations`).toEqual([
        { name: schema },
      ]);
      expect(await migrate(database)).toBe(0);
    }
    const [tables] = await sql(
      url,
      "SELECT DISTINCT schemaname FROM pg_tables WHERE tablename = 'organizations' ORDER BY 1",
    );
    expect(tables?.rows).toEqual([{ schemaname: "parley_a" }, { schemaname: "parley_b" }]);
  });

  test("is made, with the extension in public for everybody, when several start at once", async () => {
    const url = `${await cloneDatabaseUrl({ empty: true })}?schema=parley_c`;
    const several = await Promise.all([1, 2, 3].map(() => open(url)));
    await Promise.all(several.map((database) => migrate(database)));
    const { db } = await open(url);
    expect(await db.organization.count()).toBe(0);
    expect(
      await db.$queryRaw`SELECT DISTINCT schemaname::text FROM pg_tables WHERE tablename = 'turns'`,
    ).toEqual([{ schemaname: "parley_c" }]);
    expect(
      await db.$queryRaw`
        SELECT nspname::text FROM pg_extension
        JOIN pg_namespace ON pg_namespace.oid = extnamespace WHERE extname = 'pg_trgm'`,
    ).toEqual([{ nspname: "public" }]);
  });
});

describe.runIf(onPostgres)("a URL's options", () => {
  test("are in force for queries", async () => {
    const url = `${await cloneDatabaseUrl()}?options=-c%20work_mem%3D12MB&application_name=mine`;
    const { db } = await open(url);
    expect(
      await db.$queryRaw`SELECT current_setting('work_mem') AS memory, current_setting('application_name') AS name`,
    ).toEqual([{ memory: "12MB", name: "mine" }]);
  });
});

describe.runIf(onPostgres)("a database that cannot be opened", () => {
  test("is one sentence that names the variable and never the password", async () => {
    for (const url of [
      "postgresql://u:PASS@127.0.0.1:1/none",
      `${await cloneDatabaseUrl()}_none`.replace("parley@", "parley:PASS@"),
      `${await cloneDatabaseUrl()}?sslmode=require`.replace("parley@", "parley:PASS@"),
    ]) {
      const error = await open(url).then(
        () => "opened",
        (refused: Error) => refused.message,
      );
      expect(error).toMatch(/^The database of DATABASE_URL cannot be opened: .+\.$/);
      expect(error).not.toContain("PASS");
    }
  });
});
