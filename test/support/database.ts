import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import pg from "pg";
import { inject } from "vitest";
import { embeddedHandle, openPostgres, type DatabaseHandle } from "../../src/database/client.js";

/** Whether this run is on PostgreSQL: races only show there, PGlite runs one statement at a time. */
export const onPostgres = process.env["TEST_DATABASE"] === "postgres";

/** A migrated, empty database of this test file's own. */
export async function cloneDatabase(): Promise<DatabaseHandle> {
  const template = inject("databaseTemplate");
  if (template.kind === "embedded") {
    const { PGlite } = await import("@electric-sql/pglite");
    const { pg_trgm } = await import("@electric-sql/pglite/contrib/pg_trgm");
    const loadDataDir = new Blob([await readFile(template.dump)]);
    return embeddedHandle(await PGlite.create({ loadDataDir, extensions: { pg_trgm } }));
  }
  const name = `${template.template}_${randomUUID().slice(0, 8)}`;
  const admin = new pg.Client({ connectionString: template.adminUrl });
  await admin.connect();
  await createFromTemplate(admin, name, template.template);
  await admin.end();
  const url = new URL(template.adminUrl);
  url.pathname = `/${name}`;
  return openPostgres(url.href);
}

/** The URL of a fresh clone, for a process of its own. Only on PostgreSQL. */
export async function cloneDatabaseUrl(options: { empty?: boolean } = {}): Promise<string> {
  const template = inject("databaseTemplate");
  if (template.kind !== "postgres") throw new Error("only on PostgreSQL");
  const name = `${template.template}_${randomUUID().slice(0, 8)}`;
  const admin = new pg.Client({ connectionString: template.adminUrl });
  await admin.connect();
  if (options.empty) await admin.query(`CREATE DATABASE "${name}"`);
  else await createFromTemplate(admin, name, template.template);
  await admin.end();
  const url = new URL(template.adminUrl);
  url.pathname = `/${name}`;
  return url.href;
}

/** Two test files may clone at the same moment, which PostgreSQL refuses for a busy template. */
async function createFromTemplate(admin: pg.Client, name: string, template: string): Promise<void> {
  await admin.query("SELECT pg_advisory_lock(4711)");
  await admin.query(`CREATE DATABASE "${name}" TEMPLATE "${template}"`);
  await admin.query("SELECT pg_advisory_unlock(4711)");
}
