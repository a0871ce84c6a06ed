import { createReadStream } from "node:fs";
import { open, rm } from "node:fs/promises";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import type { Database, Transaction } from "../database/client.js";
import { Prisma } from "../database/generated/client.js";
import { AppError } from "../errors.js";

/** Parents before children, so that a restore never meets a missing one. */
const TABLES = [
  "organizations",
  "users",
  "memberships",
  "personal_access_tokens",
  "api_keys",
  "agents",
  "agent_versions",
  "widgets",
  "conversations",
  "conversation_rooms",
  "turns",
] as const;

const FORMAT = "parley-backup-1";
const BATCH = 500;

/**
 * A backup is one gzip file of JSON lines, the same from PostgreSQL and from the embedded database,
 * so that it also moves an installation from one to the other. Secrets of the installation
 * (`APP_SECRET`, LiveKit's) are not in it.
 */
export class BackupService {
  constructor(private readonly db: Database) {}

  /** One consistent snapshot. @returns the number of rows. */
  async backup(path: string): Promise<number> {
    return this.db.$transaction(
      async (tx) => {
        let rows = 0;
        const lines = this.lines(tx, () => {
          rows += 1;
        });
        const file = await open(path, "wx", 0o600);
        try {
          await pipeline(Readable.from(lines), createGzip(), file.createWriteStream());
        } catch (error) {
          await rm(path);
          throw error;
        }
        return rows;
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
        return this.load(tx, path).catch((error: unknown) => {
          throw isGzipError(error) ? notOurs(error) : error;
        });
      },
      { timeout: 3_600_000, maxWait: 10_000 },
    );
  }

  private async *lines(tx: Transaction, count: () => void): AsyncGenerator<string> {
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
          count();
          yield `${JSON.stringify({ table, row })}\n`;
        }
        if (rows.length < BATCH) break;
      }
      await tx.$executeRaw`CLOSE backup`;
    }
  }

  private async load(tx: Transaction, path: string): Promise<number> {
    const input = createGunzip();
    createReadStream(path)
      .on("error", (error) => input.destroy(error))
      .pipe(input);
    let rows = 0;
    let header: string | undefined;
    let table = "";
    let batch: unknown[] = [];
    const flush = async (): Promise<void> => {
      if (batch.length === 0) return;
      const name = Prisma.raw(`"${table}"`);
      // By name, so that a column that an older release did not have gets its default.
      const columns = Prisma.raw(columnsOf(batch[0]));
      await tx.$executeRaw`INSERT INTO ${name} (${columns}) SELECT ${columns} FROM json_populate_recordset(NULL::${name}, ${JSON.stringify(batch)}::json)`;
      batch = [];
    };
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      if (header === undefined) {
        header = line;
        if (!line.includes(`"${FORMAT}"`)) throw notOurs();
        continue;
      }
      const entry = readLine(line);
      if (!(TABLES as readonly string[]).includes(entry.table))
        throw new AppError("invalid", "The backup names a table that is not ours.");
      if (entry.table !== table || batch.length >= BATCH) {
        await flush();
        table = entry.table;
      }
      batch.push(entry.row);
      rows += 1;
    }
    await flush();
    if (header === undefined) throw notOurs();
    return rows;
  }
}

function readLine(line: string): { table: string; row: unknown } {
  try {
    return JSON.parse(line) as { table: string; row: unknown };
  } catch (error) {
    throw notOurs(error);
  }
}

/** @throws AppError `invalid` for what is no row of a table of ours: the names become part of a statement. */
function columnsOf(row: unknown): string {
  const names = typeof row === "object" && row !== null ? Object.keys(row) : [];
  if (names.length === 0 || !names.every((name) => /^[a-z_]+$/.test(name))) throw notOurs();
  return names.map((name) => `"${name}"`).join(", ");
}

/** Not compressed, or cut off. */
function isGzipError(error: unknown): boolean {
  return error instanceof Error && "code" in error && String(error.code).startsWith("Z_");
}

function notOurs(cause?: unknown): AppError {
  return new AppError("invalid", "This is no backup of ours.", { cause });
}
