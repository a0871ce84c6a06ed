import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import pg from "pg";
import { inject } from "vitest";
import {
  embeddedHandle,
  openPostgres,
  type DatabaseHandle,
} from "../../src/platform/database/client.js";
import { inMemoryPGlite } from "../../src/platform/database/embedded.js";

/** Whether this run is on PostgreSQL: races only show there, PGlite runs one statement at a time. */
export const onPostgres = process.env["TEST_DATABASE"] === "postgres";

/** Whether every query goes through a pooler in transaction mode. */
export const onPooler = process.env["TEST_POOLER"] !== undefined;

/** A migrated, empty database of this test file's own. */
export async function cloneDatabase(): Promise<DatabaseHandle> {
  const template = inject("databaseTemplate");
  if (template.kind === "embedded") {
    return embeddedHandle(await inMemoryPGlite(new Blob([await readFile(template.dump)])));
  }
  const direct = await cloneDatabaseUrl();
  return template.poolerUrl === undefined
    ? openPostgres(direct)
    : openPostgres(throughPooler(direct), { databaseDirectUrl: direct });
}

/** The URL of the same database behind the run's pooler, said as an operator says it. */
export function throughPooler(direct: string): string {
  const template = inject("databaseTemplate");
  const pooler = template.kind === "postgres" ? template.poolerUrl : undefined;
  if (pooler === undefined) throw new Error("only behind a pooler");
  const url = new URL(direct);
  url.host = new URL(pooler).host;
  url.searchParams.set("pgbouncer", "true");
  return url.href;
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
  if (template.poolerUrl !== undefined) {
    // A pooler that mixed up its clients' settings would show at once.
    await admin.query(`ALTER DATABASE "${name}" SET TimeZone = 'Asia/Kathmandu'`);
    await admin.query(`ALTER DATABASE "${name}" SET DateStyle = 'German'`);
  }
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
