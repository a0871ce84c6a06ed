import { PrismaPg } from "@prisma/adapter-pg";
import type { SqlMigrationAwareDriverAdapterFactory } from "@prisma/driver-adapter-utils";
import pg from "pg";
import type { ConnectionUrl } from "../connection-url.js";
import { poolOptions } from "./connection-settings.js";

/** The key that Prisma's own tools lock while they apply migrations. */
export const MIGRATION_LOCK = 72_707_369;

/** Runs SQL in a transaction. @returns the rows of the last statement. */
export type RunSql = <Row>(sql: string) => Promise<Row[]>;

/** How a database is migrated, on a connection of its own where there are several. */
export interface MigrationAdapter {
  /** For Prisma's schema engine, which only development has. */
  readonly factory: SqlMigrationAwareDriverAdapterFactory;
  /** Makes what a migration needs to stand in. Safe when several do it at once. */
  prepare(): Promise<void>;
  /** Commits what `work` did, or nothing of it. */
  transaction<T>(work: (run: RunSql) => Promise<T>): Promise<T>;
  /** Runs a migration's statements where its names are found. */
  runScript(run: RunSql, script: string): Promise<void>;
  /** Ends the connections of this adapter. */
  release(): Promise<void>;
}

/** @param url of the database itself: a pooler may have bounds of its own. */
export function postgresMigrationAdapter(url: ConnectionUrl): MigrationAdapter {
  const pool = new pg.Pool({ ...poolOptions(url), max: 1 });
  return {
    factory: new PrismaPg(pool, { schema: url.schema }),
    prepare: () => makeSchema(pool, url.schema),
    transaction: (work) => inTransaction(pool, work),
    runScript: async (run, script) => {
      const [found] = await run<Surroundings>(surroundings(url.schema));
      // An index names its operator class, which may stand in any schema: in front stands ours.
      const path = [url.schema, found?.trigrams ?? url.schema].map(pg.escapeIdentifier).join(", ");
      await run(`SET LOCAL search_path TO ${path}`);
      await run(script);
    },
    release: () => pool.end(),
  };
}

async function inTransaction<T>(pool: pg.Pool, work: (run: RunSql) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    const result = await work(async (sql) => lastRows(await client.query(sql)));
    await client.query("COMMIT");
    client.release();
    return result;
  } catch (error) {
    // The connection's end undoes what was begun.
    client.release(true);
    throw error;
  }
}

/** Of several statements there are several results, which node-postgres's types do not know of. */
function lastRows<Row>(result: unknown): Row[] {
  const last: unknown = Array.isArray(result) ? result.at(-1) : result;
  return (last as { rows: Row[] }).rows;
}

async function makeSchema(pool: pg.Pool, schema: string): Promise<void> {
  const { rows } = await pool.query<Surroundings>(surroundings(schema));
  const [found] = rows;
  const missing: string[] = [];
  if (!found?.present) missing.push(`CREATE SCHEMA IF NOT EXISTS ${pg.escapeIdentifier(schema)}`);
  // Not in a schema of ours, if possible: other installations in the database use it as well.
  const home = pg.escapeIdentifier(found?.shared ? "public" : schema);
  if (!found?.trigrams) missing.push(`CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA ${home}`);
  if (missing.length === 0) return;
  await pool.query([`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`, ...missing].join(";\n"));
}

interface Surroundings {
  readonly present: boolean;
  readonly shared: boolean;
  /** The schema of the extension for substring search. */
  readonly trigrams: string | null;
}

function surroundings(schema: string): string {
  return `SELECT to_regnamespace(${pg.escapeLiteral(pg.escapeIdentifier(schema))}) IS NOT NULL AS present,
    to_regnamespace('public') IS NOT NULL AS shared,
    (SELECT nspname FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace
      WHERE extname = 'pg_trgm') AS trigrams`;
}
