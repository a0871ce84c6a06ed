import { PrismaPg } from "@prisma/adapter-pg";
import type { SqlMigrationAwareDriverAdapterFactory } from "@prisma/driver-adapter-utils";
import pg from "pg";
import type { ConnectionUrl } from "./connection-url.js";
import { poolOptions } from "./connection.js";

/** The key that Prisma's engine locks while it applies migrations. */
export const MIGRATION_LOCK = 72_707_369;

/** How Prisma's schema engine reaches a database, on a connection of its own where there are several. */
export interface MigrationAdapter {
  readonly factory: SqlMigrationAwareDriverAdapterFactory;
  /** Makes what a migration needs to stand in. Safe when several do it at once. */
  prepare(): Promise<void>;
  /** Runs statements in one transaction. The adapters' own way commits each by itself, or does not wait. */
  runScript(script: string): Promise<unknown>;
  /** Ends the connections of this adapter. */
  release(): Promise<void>;
}

/** @param url of the database itself: the engine's lock would stay behind on a pooler's connection. */
export function postgresMigrationAdapter(url: ConnectionUrl): MigrationAdapter {
  const pool = new pg.Pool({ ...poolOptions(url), max: 1 });
  return {
    factory: new PrismaPg(pool, { schema: url.schema }),
    prepare: () => makeSchema(pool, url.schema),
    runScript: async (script) => {
      const { trigrams } = await surroundings(pool, url.schema);
      // An index names its operator class, which may stand in any schema: in front stands ours.
      const path = [url.schema, trigrams ?? url.schema].map(pg.escapeIdentifier).join(", ");
      return pool.query(`SET LOCAL search_path TO ${path};\n${script}`);
    },
    release: () => pool.end(),
  };
}

async function makeSchema(pool: pg.Pool, schema: string): Promise<void> {
  const found = await surroundings(pool, schema);
  const missing: string[] = [];
  if (!found.present) missing.push(`CREATE SCHEMA IF NOT EXISTS ${pg.escapeIdentifier(schema)}`);
  // Not in a schema of ours, if possible: other installations in the database use it as well.
  const home = pg.escapeIdentifier(found.shared ? "public" : schema);
  if (!found.trigrams) missing.push(`CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA ${home}`);
  if (missing.length === 0) return;
  await pool.query([`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`, ...missing].join(";\n"));
}

interface Surroundings {
  readonly present: boolean;
  readonly shared: boolean;
  /** The schema of the extension for substring search. */
  readonly trigrams: string | null;
}

async function surroundings(pool: pg.Pool, schema: string): Promise<Surroundings> {
  const { rows } = await pool.query<Surroundings>(
    `SELECT to_regnamespace($1) IS NOT NULL AS present, to_regnamespace('public') IS NOT NULL AS shared,
      (SELECT nspname FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace WHERE extname = 'pg_trgm') AS trigrams`,
    [schema],
  );
  return rows[0] ?? { present: false, shared: false, trigrams: null };
}
