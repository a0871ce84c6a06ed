import { bindMigrationAwareSqlAdapterFactory } from "@prisma/driver-adapter-utils";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { OperatorError } from "../operator-error.js";
import type { DatabaseHandle } from "./client.js";
import { recordInstants, refuseShiftedInstants } from "./instants.js";
import { MIGRATION_LOCK, type MigrationAdapter } from "./migration-adapter.js";
import {
  migrationFailed,
  refuseForeignRecord,
  type AppliedMigration,
} from "./migration-refusal.js";
import { MIGRATIONS_DIR, readMigrations, readSchema, type Migration } from "./migration-files.js";

const LOCK_RETRIES = 10;

/**
 * Applies what is missing with Prisma's own schema engine (its WebAssembly build: no binary is
 * downloaded). Safe when several instances start at once: the engine takes an advisory lock. Safe to
 * interrupt at any moment: a migration and its record are one transaction.
 *
 * @param upTo the last migration to apply, for a database as an earlier release left it.
 * @returns the number of migrations that were missing.
 * @throws OperatorError when an earlier version stored instants under another TimeZone, the database
 *   is of a newer release, or a migration fails.
 */
export function migrate(handle: DatabaseHandle, upTo?: string): Promise<number> {
  return handle.withoutBounds(async (unbounded) => {
    await refuseShiftedInstants(unbounded);
    const missing = await applyMissing(unbounded, upTo);
    await recordInstants(unbounded, new Date());
    return missing;
  });
}

async function applyMissing(handle: DatabaseHandle, upTo: string | undefined): Promise<number> {
  const all = await readMigrations();
  const migrations = all.filter(({ name }) => !upTo || name <= upTo);
  for (let attempt = 0; ; attempt += 1) {
    const applied = await appliedMigrations(handle);
    refuseForeignRecord(applied, all);
    const names = new Set(applied.map((row) => row.migration_name));
    const missing = migrations.filter(({ name }) => !names.has(name)).length;
    if (missing === 0) return 0;
    await forgetInterrupted(handle);
    try {
      await applyMigrations(handle, migrations);
      return missing;
    } catch (error) {
      if (error instanceof OperatorError) throw error;
      if (attempt >= LOCK_RETRIES || !isOfAnother(error)) throw migrationFailed(undefined, error);
    }
  }
}

/**
 * @param schema Prisma's datamodel, unless it is the repository's.
 * @returns the SQL that would bring the database to the schema; empty when they agree.
 */
export async function schemaDrift(handle: DatabaseHandle, schema?: string): Promise<string> {
  const files = [{ path: "schema.prisma", content: schema ?? (await readSchema()) }];
  const filters = { externalTables: [], externalEnums: [] };
  const result = await withEngine(handle, (engine) =>
    engine.diff({
      script: true,
      exitCode: true,
      filters,
      shadowDatabaseUrl: null,
      from: { tag: "schemaDatasource", files, configDir: "." },
      to: { tag: "schemaDatamodel", files },
    }),
  );
  return result.exitCode === 0 ? "" : (result.stdout ?? "The schema and the migrations differ.");
}

/** @returns the SQL that makes the schema from nothing: how a first migration is written. */
export async function schemaScript(handle: DatabaseHandle): Promise<string> {
  const files = [{ path: "schema.prisma", content: await readSchema() }];
  const result = await withEngine(handle, (engine) =>
    engine.diff({
      script: true,
      exitCode: null,
      filters: { externalTables: [], externalEnums: [] },
      shadowDatabaseUrl: null,
      from: { tag: "empty" },
      to: { tag: "schemaDatamodel", files },
    }),
  );
  return result.stdout ?? "";
}

async function applyMigrations(
  handle: DatabaseHandle,
  migrations: readonly Migration[],
): Promise<void> {
  const lockfile = await readFile(join(MIGRATIONS_DIR, "migration_lock.toml"), "utf8");
  const failures: unknown[] = [];
  await withEngine(
    handle,
    (engine) =>
      engine.applyMigrations({
        filters: { externalTables: [], externalEnums: [] },
        migrationsList: {
          baseDir: MIGRATIONS_DIR,
          shadowDbInitScript: "",
          lockfile: { path: "migration_lock.toml", content: lockfile },
          migrationDirectories: migrations.map(({ name, sql }) => ({
            path: name,
            migrationFile: { path: "migration.sql", content: { tag: "ok", value: sql } },
          })),
        },
      }),
    (adapter) =>
      recordInScript(adapter, migrations, (name, error) =>
        failures.push(migrationFailed(name, error)),
      ),
  ).catch((error: unknown) => {
    // Of an error that is not its own adapter's the engine tells nothing.
    throw failures[0] ?? error;
  });
}

/**
 * The engine records a migration's end after its script: between the two it can be killed. Here the
 * script itself records it, so that what has no end in the record was undone as a whole.
 */
function recordInScript(
  { factory, prepare, runScript }: MigrationAdapter,
  migrations: readonly Migration[],
  failed: (name: string, error: unknown) => void,
): MigrationAdapter["factory"] {
  return {
    provider: factory.provider,
    adapterName: factory.adapterName,
    connectToShadowDb: () => factory.connectToShadowDb(),
    connect: async () => {
      await prepare();
      const adapter = await factory.connect();
      const executeScript = adapter.executeScript.bind(adapter);
      adapter.executeScript = async (script) => {
        const migration = migrations.find(({ sql }) => sql === script);
        if (!migration) return executeScript(script);
        const record = `UPDATE "_prisma_migrations" SET "finished_at" = now()
WHERE "migration_name" = '${migration.name}' AND "finished_at" IS NULL AND "rolled_back_at" IS NULL`;
        await runScript(`${script}\n${record}`).catch((error: unknown) => {
          failed(migration.name, error);
          throw error;
        });
      };
      return adapter;
    },
  };
}

/** Unless another instance is at it: then what has no end yet is its own. */
async function forgetInterrupted({ db }: DatabaseHandle): Promise<void> {
  await db.$transaction(async (tx) => {
    const [state] = await tx.$queryRaw<{ free: boolean; recorded: boolean }[]>`
      SELECT pg_try_advisory_xact_lock(${MIGRATION_LOCK}) AS free,
        to_regclass('_prisma_migrations') IS NOT NULL AS recorded`;
    if (!state?.free || !state.recorded) return;
    await tx.$executeRaw`
      UPDATE _prisma_migrations SET rolled_back_at = now()
      WHERE finished_at IS NULL AND rolled_back_at IS NULL`;
  });
}

async function appliedMigrations({ db }: DatabaseHandle): Promise<AppliedMigration[]> {
  const [table] = await db.$queryRaw<{ present: boolean }[]>`
    SELECT to_regclass('_prisma_migrations') IS NOT NULL AS present`;
  if (!table?.present) return [];
  return db.$queryRaw`
    SELECT migration_name, checksum FROM _prisma_migrations
    WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY migration_name`;
}

/** The part of the engine's surface that we use; its own types come without the result's fields. */
interface Engine {
  applyMigrations(input: object): Promise<unknown>;
  diff(input: object): Promise<{ exitCode: number; stdout: string | null }>;
}

async function withEngine<T>(
  handle: DatabaseHandle,
  work: (engine: Engine) => Promise<T>,
  factoryOf = ({ factory }: MigrationAdapter): MigrationAdapter["factory"] => factory,
): Promise<T> {
  const adapter = handle.migrationAdapter();
  try {
    const bindings = await loadEngine();
    const engine = await bindings.SchemaEngine.new(
      { datamodels: [["schema.prisma", await readSchema()]] },
      () => {},
      bindMigrationAwareSqlAdapterFactory(factoryOf(adapter)),
    );
    // The package types its inputs only; see Engine.
    return await work(engine as unknown as Engine);
  } finally {
    await adapter.release();
  }
}

/** Part of every JavaScript engine, but typed only for browsers. */
declare const WebAssembly: {
  instantiate(
    bytes: Uint8Array,
    imports: Record<string, object>,
  ): Promise<{ instance: { exports: Record<string, unknown> } }>;
};

let engineBindings:
  | Promise<typeof import("@prisma/schema-engine-wasm/schema_engine_bg")>
  | undefined;

/** The package's main file imports the WebAssembly as a module, which Node 20 cannot: bind it by hand. */
function loadEngine(): NonNullable<typeof engineBindings> {
  engineBindings ??= (async () => {
    const bindings = await import("@prisma/schema-engine-wasm/schema_engine_bg");
    const main = createRequire(import.meta.url).resolve("@prisma/schema-engine-wasm");
    const wasm = await readFile(join(main, "..", "schema_engine_bg.wasm"));
    const loaded = await WebAssembly.instantiate(wasm, { "./schema_engine_bg.js": bindings });
    const start = loaded.instance.exports["__wbindgen_start"];
    bindings.__wbg_set_wasm(loaded.instance.exports);
    if (typeof start === "function") start();
    return bindings;
  })();
  return engineBindings;
}

/** P1002: another instance holds the lock, and will have done the work; P3009: it was killed at it. */
function isOfAnother(error: unknown): boolean {
  return (
    error instanceof Error &&
    /P1002|P3009|advisory lock/i.test(`${error.message} ${String(Reflect.get(error, "code"))}`)
  );
}
