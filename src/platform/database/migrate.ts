import { randomUUID } from "node:crypto";
import { OperatorError } from "../../process/operator-error.js";
import type { DatabaseHandle } from "./client.js";
import { recordInstants, refuseShiftedInstants } from "./instants.js";
import { MIGRATION_LOCK, type MigrationAdapter, type RunSql } from "./migration-adapter.js";
import {
  checksumOf,
  migrationFailed,
  refuseForeignRecord,
  type AppliedMigration,
} from "./migration-refusal.js";
import { readMigrations, type Migration } from "./migration-files.js";

/** How long a start waits for another one's migration. */
const LOCK_WAIT = "100s";

/** As Prisma's own tools make it. */
const RECORD_TABLE = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id VARCHAR(36) PRIMARY KEY NOT NULL,
  checksum VARCHAR(64) NOT NULL,
  finished_at TIMESTAMPTZ,
  migration_name VARCHAR(255) NOT NULL,
  logs TEXT,
  rolled_back_at TIMESTAMPTZ,
  started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  applied_steps_count INTEGER NOT NULL DEFAULT 0
)`;
const APPLIED = `SELECT migration_name, checksum FROM _prisma_migrations
  WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY migration_name`;

/**
 * Applies what is missing, and records it as Prisma's own tools do. Safe when several instances start at
 * once: each migration is under a lock, which ends with its transaction. Safe to interrupt at any
 * moment: a migration and its record are one transaction.
 *
 * @param upTo the last migration to apply, for a database as an earlier release left it.
 * @returns the number of migrations that were applied.
 * @throws OperatorError when an earlier version stored instants under another TimeZone, the database
 *   is of a newer release, or a migration fails.
 */
export function migrate(handle: DatabaseHandle, upTo?: string): Promise<number> {
  return handle.withoutBounds(async (unbounded) => {
    await refuseShiftedInstants(unbounded);
    const applied = await applyMissing(unbounded, upTo);
    await recordInstants(unbounded, new Date());
    return applied;
  });
}

async function applyMissing(handle: DatabaseHandle, upTo: string | undefined): Promise<number> {
  const all = await readMigrations();
  const recorded = await appliedMigrations(handle);
  refuseForeignRecord(recorded, all);
  const wanted = all.filter(({ name }) => !upTo || name <= upTo);
  const missing = wanted.filter((one) => !isRecorded(recorded, one));
  if (missing.length === 0) return 0;
  const adapter = handle.migrationAdapter();
  let failing: string | undefined;
  try {
    await adapter.prepare();
    let count = 0;
    for (const migration of missing) {
      failing = undefined;
      const isApplied = await adapter.transaction(async (run) => {
        // Another start may have been faster.
        const found = await lockRecord(run);
        refuseForeignRecord(found, all);
        if (isRecorded(found, migration)) return false;
        failing = migration.name;
        await apply(adapter, run, migration);
        return true;
      });
      if (isApplied) count += 1;
    }
    return count;
  } catch (error) {
    throw error instanceof OperatorError ? error : migrationFailed(failing, error);
  } finally {
    await adapter.release();
  }
}

/** Until the transaction's end nobody else migrates. @returns what is recorded. */
async function lockRecord(run: RunSql): Promise<AppliedMigration[]> {
  await run(`SET LOCAL lock_timeout = '${LOCK_WAIT}'`);
  await run(`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`);
  await run("SET LOCAL lock_timeout = 0");
  await run(RECORD_TABLE);
  // Prisma's engine, which release 0.1.0 ran, recorded a beginning by itself: what has no end was undone.
  await run(`UPDATE _prisma_migrations SET rolled_back_at = now()
    WHERE finished_at IS NULL AND rolled_back_at IS NULL`);
  return run<AppliedMigration>(APPLIED);
}

async function apply(adapter: MigrationAdapter, run: RunSql, migration: Migration): Promise<void> {
  const id = randomUUID();
  // A folder's name and a checksum: neither has a quote.
  await run(`INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at)
    VALUES ('${id}', '${checksumOf(migration.sql)}', '${migration.name}', clock_timestamp())`);
  await adapter.runScript(run, migration.sql);
  await run(`UPDATE _prisma_migrations SET finished_at = clock_timestamp(), applied_steps_count = 1
    WHERE id = '${id}'`);
}

function isRecorded(recorded: readonly AppliedMigration[], { name }: Migration): boolean {
  return recorded.some((row) => row.migration_name === name);
}

async function appliedMigrations({ db }: DatabaseHandle): Promise<AppliedMigration[]> {
  const [table] = await db.$queryRaw<{ present: boolean }[]>`
    SELECT to_regclass('_prisma_migrations') IS NOT NULL AS present`;
  return table?.present ? db.$queryRawUnsafe(APPLIED) : [];
}
