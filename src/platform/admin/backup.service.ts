import { createReadStream } from "node:fs";
import { open, rm } from "node:fs/promises";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { atCommandLine } from "../audit/author.js";
import { recordAudit } from "../audit/record-audit.js";
import type { Database, Transaction } from "../database/client.js";
import { instantColumns, instantOfBackup } from "../database/instants.js";
import { Prisma } from "../database/generated/client.js";
import { sqlState } from "../database/prisma-errors.js";
import { AppError, errorCode } from "../errors.js";

/** Parents before children, so that a restore never meets a missing one. */
const TABLES = [
  "organizations",
  "users",
  "memberships",
  "personal_access_tokens",
  "second_factors",
  "recovery_codes",
  "passkeys",
  "oidc_accounts",
  "api_keys",
  "agents",
  "agent_versions",
  "widgets",
  "widget_revisions",
  "widget_drafts",
  "conversations",
  "conversation_rooms",
  "turns",
  "usage_days",
  "test_usage_days",
  "ended_visitor_keys",
  "used_identity_tokens",
  "audit_entries",
] as const;

const FORMAT = "parley-backup-2";
/** Release 0.1.0's, which did not say how many rows there are. */
const UNCOUNTED_FORMAT = "parley-backup-1";
const BATCH = 500;
/** PostgreSQL's, for a row that another one belongs to. */
const MISSING_ROW = "23503";

/**
 * A backup is one gzip file of JSON lines, the same from PostgreSQL and from the embedded database,
 * so that it also moves an installation from one to the other. The first line names the format, the
 * last one says how many rows there are: without it the file is not whole. Secrets of the installation
 * (`APP_SECRET`, LiveKit's) are not in it.
 */
export class BackupService {
  constructor(
    private readonly db: Database,
    private readonly now: () => Date,
  ) {}

  /** One consistent snapshot. @returns the number of rows. */
  async backup(path: string): Promise<number> {
    return this.db.$transaction(
      async (tx) => {
        const counted = { rows: 0 };
        const lines = this.lines(tx, counted);
        const file = await open(path, "wx", 0o600);
        try {
          await pipeline(Readable.from(lines), createGzip(), file.createWriteStream());
        } catch (error) {
          await rm(path);
          throw error;
        }
        return counted.rows;
      },
      { isolationLevel: "RepeatableRead", timeout: 3_600_000, maxWait: 10_000 },
    );
  }

  /**
   * Only into an empty database; everything or nothing. Takes what an earlier release wrote.
   *
   * @returns the number of rows.
   * @throws AppError `conflict`; `invalid` for what is no backup of ours; ENOENT.
   */
  async restore(path: string): Promise<number> {
    return this.db.$transaction(
      async (tx) => {
        if ((await tx.organization.count()) > 0) {
          throw new AppError(
            "conflict",
            "A restore needs an empty database; this one has organizations.",
          );
        }
        const rows = await this.load(tx, path).catch((error: unknown) => {
          if (sqlState(error) === MISSING_ROW) throw notWhole(error);
          throw isOfTheFile(error) ? notOurs(error) : error;
        });
        await recordAudit(tx, atCommandLine(null), {
          action: "installation.restore",
          subjectId: null,
          changes: [{ path: "rows", before: 0, after: rows }],
          at: this.now(),
        });
        return rows;
      },
      { timeout: 3_600_000, maxWait: 10_000 },
    );
  }

  /**
   * The rows of a file alone, also into a database as an earlier release left it.
   *
   * @returns their number. @throws as `restore`.
   */
  async load(tx: Transaction, path: string): Promise<number> {
    const instants = await instantColumns(tx);
    const workedOut = await generatedColumns(tx);
    // Nothing may be waited for from here on: an error of the file's would find nobody.
    const input = createGunzip();
    createReadStream(path)
      .on("error", (error) => input.destroy(error))
      .pipe(input);
    let rows = 0;
    let format: unknown;
    let expected: unknown;
    let table = "";
    let batch: unknown[] = [];
    const flush = async (): Promise<void> => {
      if (batch.length === 0) return;
      const name = Prisma.raw(`"${table}"`);
      // By name, so that a column that an older release did not have gets its default.
      const columns = Prisma.raw(columnsOf(batch[0], workedOut));
      await tx.$executeRaw`INSERT INTO ${name} (${columns}) SELECT ${columns} FROM json_populate_recordset(NULL::${name}, ${JSON.stringify(batch)}::json)`;
      batch = [];
    };
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      const entry = readLine(line);
      if (format === undefined) {
        format = entry["format"];
        if (format !== FORMAT && format !== UNCOUNTED_FORMAT) throw notOurs();
        continue;
      }
      if (expected !== undefined) throw notOurs();
      if ("rows" in entry) {
        expected = entry["rows"];
        continue;
      }
      const named = TABLES.find((name) => name === entry["table"]);
      if (!named) throw new AppError("invalid", "The backup names a table that is not ours.");
      if (named !== table || batch.length >= BATCH) {
        await flush();
        table = named;
      }
      batch.push(withInstants(entry["row"], instants.get(table) ?? []));
      rows += 1;
    }
    await flush();
    if (format === undefined) throw notOurs();
    if (format === FORMAT && rows !== expected) {
      throw notWhole();
    }
    return rows;
  }

  private async *lines(tx: Transaction, counted: { rows: number }): AsyncGenerator<string> {
    yield `${JSON.stringify({ format: FORMAT, tables: TABLES })}\n`;
    for (const table of TABLES) {
      const name = Prisma.raw(`"${table}"`);
      await tx.$executeRaw`
        DECLARE backup NO SCROLL CURSOR FOR SELECT row_to_json(source) AS row FROM ${name} AS source`;
      for (;;) {
        const rows = await tx.$queryRaw<
          { row: unknown }[]
        >`FETCH ${Prisma.raw(String(BATCH))} FROM backup`;
        for (const { row } of rows) {
          counted.rows += 1;
          yield `${JSON.stringify({ table, row })}\n`;
        }
        if (rows.length < BATCH) break;
      }
      await tx.$executeRaw`CLOSE backup`;
    }
    yield `${JSON.stringify(counted)}\n`;
  }
}

function readLine(line: string): Record<string, unknown> {
  try {
    const entry: unknown = JSON.parse(line);
    if (typeof entry === "object" && entry !== null) return entry as Record<string, unknown>;
  } catch (error) {
    throw notOurs(error);
  }
  throw notOurs();
}

function withInstants(row: unknown, columns: readonly string[]): unknown {
  if (typeof row !== "object" || row === null) return row;
  const found = columns.map((name) => [name, Reflect.get(row, name)] as const);
  const texts = found.filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return {
    ...row,
    ...Object.fromEntries(texts.map(([name, text]) => [name, instantOfBackup(text)])),
  };
}

/** What the database works out itself, and lets nobody write. */
async function generatedColumns(tx: Transaction): Promise<ReadonlySet<string>> {
  const rows = await tx.$queryRaw<{ name: string }[]>`
    SELECT attname::text AS name FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND attgenerated <> ''`;
  return new Set(rows.map(({ name }) => name));
}

/** @throws AppError `invalid` for what is no row of a table of ours: the names become part of a statement. */
function columnsOf(row: unknown, workedOut: ReadonlySet<string>): string {
  const given = typeof row === "object" && row !== null ? Object.keys(row) : [];
  const names = given.filter((name) => !workedOut.has(name));
  if (names.length === 0 || !names.every((name) => /^[a-z_]+$/.test(name))) throw notOurs();
  return names.map((name) => `"${name}"`).join(", ");
}

/** Not compressed, cut off, or rows that the tables do not take. */
function isOfTheFile(error: unknown): boolean {
  return errorCode(error)?.startsWith("Z_") || /^(22|23|42703)/.test(sqlState(error) ?? "");
}

function notWhole(cause?: unknown): AppError {
  return new AppError("invalid", "This backup is not whole: rows are missing.", { cause });
}

function notOurs(cause?: unknown): AppError {
  return new AppError("invalid", "This is no backup of ours.", { cause });
}
