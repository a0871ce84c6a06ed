import { AppError } from "../errors.js";
import { OperatorError } from "../../process/operator-error.js";
import type { Database, DatabaseHandle, Transaction } from "./client.js";
import { Prisma } from "./generated/client.js";
import { readMigrations } from "./migration-files.js";
import { sqlState } from "./prisma-errors.js";

/*
 * Earlier versions left the TimeZone to the database, and Prisma's adapter sends an instant as the
 * digits of UTC without a zone. Under another zone the digits were taken for local time: read in that
 * zone they are still the right digits. In the hour that a zone skips in spring PostgreSQL moved them
 * by an hour, which nothing can tell any more.
 */

/** The bookkeeping of Prisma's engine and our own. */
const NOT_OURS = ["_prisma_migrations", "instant_record"];
const RECORD_MIGRATION = /_instant_record$/;
/** An instant that is stored long before it comes: it goes by its row's creation. */
const PLANNED = /expires_at$/;
/** Later than this no clock is ahead of the database's. */
const CLOCK_MINUTES = 10;
/** The names of zones in which nothing was shifted, so that nothing has to be looked for. */
const UTC = /^(Etc\/)?(UTC|UCT|GMT|GMT[+-]?0|Greenwich|Universal|Zulu)$/i;
const REPAIR_MS = 3_600_000;

/** The columns with instants, by table. */
export type InstantColumns = ReadonlyMap<string, readonly string[]>;

/** What a repair does to one column. */
export interface ColumnRepair {
  readonly table: string;
  readonly column: string;
  readonly values: number;
  /** One value, before and after. */
  readonly stored: Date;
  readonly repaired: Date;
}

export interface RepairOptions {
  /** The TimeZone under which they were stored; UTC says that they are right. */
  readonly from: string;
  /** Repairs only what was written earlier. */
  readonly before?: Date | undefined;
  /** False: what would change is told, and nothing is changed. */
  readonly apply: boolean;
  readonly now: Date;
}

/** Every column with an instant, from the catalogue, so that no table is forgotten. */
export async function instantColumns(db: Database | Transaction): Promise<InstantColumns> {
  const rows = await db.$queryRaw<{ table_name: string; columns: string[] }[]>`
    SELECT relname::text AS table_name, array_agg(attname::text ORDER BY attnum) AS columns
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND attnum > 0
      AND NOT attisdropped AND atttypid = 'timestamptz'::regtype
      AND relname::text <> ALL(${NOT_OURS})
    GROUP BY relname ORDER BY relname`;
  return new Map(rows.map((row) => [row.table_name, row.columns]));
}

/**
 * Looks, once in a database's life and before anything is written, whether an earlier version stored
 * instants under another zone.
 *
 * @throws OperatorError that names the command which repairs them.
 */
export async function refuseShiftedInstants({ db }: DatabaseHandle): Promise<void> {
  if (await readRecord(db)) return;
  await db.$transaction(
    async (tx) => {
      await allowTime(tx);
      await refuseShifted(tx);
    },
    { timeout: REPAIR_MS, maxWait: 10_000 },
  );
}

/** Notes, once, that all instants are right. */
export async function recordInstants({ db }: DatabaseHandle, now: Date): Promise<void> {
  if (!(await hasRecordTable(db))) return;
  const data = { writtenUnder: "UTC", repaired: 0, recordedAt: now };
  await db.instantRecord.createMany({ data, skipDuplicates: true });
}

/**
 * Gives back their value to instants that were stored under another zone: all in one transaction,
 * recorded, never twice.
 *
 * @returns what is changed, or would be.
 * @throws AppError `conflict` when it was done before; `invalid` for an unknown zone.
 */
export async function repairInstants(
  { db }: DatabaseHandle,
  options: RepairOptions,
): Promise<ColumnRepair[]> {
  return db
    .$transaction(
      async (tx) => {
        await tx.$queryRaw`SELECT set_config('statement_timeout', '0', true)`;
        const migrations = await readMigrations();
        // The database is still as the earlier version left it.
        const record = migrations.find(({ name }) => RECORD_MIGRATION.test(name));
        if (options.apply && record) await tx.$executeRawUnsafe(withoutComments(record.sql));
        const columns = await instantColumns(tx);
        if (options.apply) await lock(tx, [...columns.keys()]);
        const earlier = await readRecord(tx);
        if (earlier && earlier.writtenUnder !== "UTC") {
          throw new AppError(
            "conflict",
            `These instants were repaired on ${earlier.recordedAt.toISOString()}, from ${earlier.writtenUnder}: twice would shift them again.`,
          );
        }
        // What was written since is right.
        const before = earliest(options.before, earlier?.recordedAt);
        const changes = await plan(tx, columns, { from: options.from, before });
        if (options.apply) {
          for (const table of new Set(changes.map((change) => change.table))) {
            await repairTable(tx, table, columns.get(table) ?? [], { from: options.from, before });
          }
          const repaired = changes.reduce((sum, { values }) => sum + values, 0);
          const data = { writtenUnder: options.from, repaired, recordedAt: options.now };
          const all = { ...data, before: before ?? null };
          await tx.instantRecord.upsert({ where: { id: 1 }, create: all, update: all });
        }
        return changes;
      },
      { timeout: REPAIR_MS, maxWait: 10_000 },
    )
    .catch((error: unknown) => {
      throw sqlState(error) === "22023"
        ? new AppError("invalid", "PostgreSQL knows no such time zone.")
        : error;
    });
}

/** A backup's instant, of whichever version: an offset is that of a zone under which it was stored. */
export function instantOfBackup(text: string): string {
  return text.replace(/[+-]\d\d(:\d\d){0,2}$/, "+00:00");
}

async function refuseShifted(tx: Transaction): Promise<void> {
  const columns = await instantColumns(tx);
  // The zone of a session that sets none, as every session of an earlier version.
  const [session] = await tx.$queryRaw<{ zone: string }[]>`
    SELECT reset_val AS zone FROM pg_settings WHERE name = 'TimeZone'`;
  const zone = session?.zone ?? "UTC";
  const command = "node dist/admin/main.js database repair-instants --from";
  if (!UTC.test(zone) && (await plan(tx, columns, { from: zone })).length > 0) {
    throw new OperatorError(
      `An earlier version stored the instants in this database under its TimeZone, ${zone}, so that they are shifted: stop every server, back the database up, and run "${command} ${zone}", which shows first what it would change ("--from UTC" if they are right).`,
    );
  }
  const table = await tableFromTheFuture(tx, columns);
  if (table !== undefined) {
    throw new OperatorError(
      `The table ${table} has rows of the future, which an earlier version may have stored under another TimeZone than the database has now: run "${command} ZONE" with the zone that it had then, which shows first what it would change ("--from UTC" if they are right).`,
    );
  }
}

/** Whole tables are read, once in a database's life: a bound of everyday statements is not for that. */
async function allowTime(tx: Transaction): Promise<void> {
  await tx.$queryRaw`SELECT set_config('statement_timeout', '0', true)`;
}

interface Shift {
  readonly from: string;
  readonly before?: Date | undefined;
}

async function plan(
  tx: Transaction,
  columns: InstantColumns,
  shift: Shift,
): Promise<ColumnRepair[]> {
  const changes: ColumnRepair[] = [];
  for (const [table, names] of columns) {
    for (const column of names) {
      const stored = Prisma.raw(`"${column}"`);
      const repaired = repairedValue(column, names, shift);
      const [first] = await tx.$queryRaw<Omit<ColumnRepair, "table" | "column">[]>`
        SELECT ${stored} AS stored, ${repaired} AS repaired, (count(*) OVER ())::int AS values
        FROM ${Prisma.raw(`"${table}"`)} WHERE ${repaired} <> ${stored} ORDER BY 1 LIMIT 1`;
      if (first) changes.push({ table, column, ...first });
    }
  }
  return changes;
}

async function repairTable(
  tx: Transaction,
  table: string,
  names: readonly string[],
  shift: Shift,
): Promise<void> {
  const all = names.map((column) => ({
    stored: Prisma.raw(`"${column}"`),
    repaired: repairedValue(column, names, shift),
  }));
  const set = all.map(({ stored, repaired }) => Prisma.sql`${stored} = ${repaired}`);
  const differs = all.map(({ stored, repaired }) => Prisma.sql`${stored} <> ${repaired}`);
  await tx.$executeRaw`
    UPDATE ${Prisma.raw(`"${table}"`)} SET ${Prisma.join(set)} WHERE ${Prisma.join(differs, " OR ")}`;
}

/** The digits as they were taken, read as what they are. Names are the catalogue's. */
function repairedValue(column: string, names: readonly string[], shift: Shift): Prisma.Sql {
  const repaired = (name: string): Prisma.Sql =>
    Prisma.sql`((${Prisma.raw(`"${name}"`)} AT TIME ZONE ${shift.from}) AT TIME ZONE 'UTC')`;
  if (!shift.before) return repaired(column);
  const writtenAt = PLANNED.test(column) && names.includes("created_at") ? "created_at" : column;
  return Prisma.sql`CASE WHEN ${repaired(writtenAt)} < ${shift.before}::timestamptz
    THEN ${repaired(column)} ELSE ${Prisma.raw(`"${column}"`)} END`;
}

async function lock(tx: Transaction, tables: readonly string[]): Promise<void> {
  if (tables.length === 0) return;
  const names = tables.map((table) => `"${table}"`).join(", ");
  await tx.$executeRaw`LOCK TABLE ${Prisma.raw(names)} IN SHARE ROW EXCLUSIVE MODE`;
}

async function tableFromTheFuture(
  tx: Transaction,
  columns: InstantColumns,
): Promise<string | undefined> {
  for (const [table, names] of columns) {
    if (!names.includes("created_at")) continue;
    const rows = await tx.$queryRaw<unknown[]>`
      SELECT 1 FROM ${Prisma.raw(`"${table}"`)}
      WHERE created_at > now() + make_interval(mins => ${CLOCK_MINUTES}) LIMIT 1`;
    if (rows.length > 0) return table;
  }
  return undefined;
}

async function hasRecordTable(db: Database | Transaction): Promise<boolean> {
  const [table] = await db.$queryRaw<{ present: boolean }[]>`
    SELECT to_regclass('instant_record') IS NOT NULL AS present`;
  return table?.present === true;
}

async function readRecord(
  db: Database | Transaction,
): Promise<{ writtenUnder: string; recordedAt: Date } | null> {
  return (await hasRecordTable(db)) ? db.instantRecord.findUnique({ where: { id: 1 } }) : null;
}

function earliest(...instants: (Date | undefined)[]): Date | undefined {
  return instants
    .filter((instant) => instant !== undefined)
    .toSorted((a, b) => a.getTime() - b.getTime())[0];
}

function withoutComments(sql: string): string {
  return sql.replace(/^--.*$/gm, "");
}
