import { createReadStream, createWriteStream } from "node:fs";
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
        await pipeline(
          Readable.from(lines),
          createGzip(),
          createWriteStream(path, { flags: "wx", mode: 0o600 }),
        );
        return rows;
      },
      { isolationLevel: "RepeatableRead", timeout: 3_600_000, maxWait: 10_000 },
    );
  }

  /** Only into an empty database; everything or nothing. @returns the number of rows. */
  async restore(path: string): Promise<number> {
    return this.db.$transaction(
      async (tx) => {
        if ((await tx.organization.count()) > 0) {
          throw new AppError(
            "conflict",
            "A restore needs an empty database; this one has organizations.",
          );
        }
        return this.load(tx, path);
      },
      { timeout: 3_600_000, maxWait: 10_000 },
    );
  }

  private async *lines(tx: Transaction, count: () => void): AsyncGenerator<string> {
    yield `${JSON.stringify({ format: FORMAT, tables: TABLES })}\n`;
    for (const table of TABLES) {
      const name = Prisma.raw(`"${table}"`);
      for (let offset = 0; ; offset += BATCH) {
        // ctid is the rows' own order, which stands still inside one snapshot.
        const rows = await tx.$queryRaw<{ row: unknown }[]>`
          SELECT row_to_json(source) AS row FROM ${name} AS source ORDER BY source.ctid LIMIT ${BATCH} OFFSET ${offset}`;
        for (const { row } of rows) {
          count();
          yield `${JSON.stringify({ table, row })}\n`;
        }
        if (rows.length < BATCH) break;
      }
    }
  }

  private async load(tx: Transaction, path: string): Promise<number> {
    const input = createReadStream(path).pipe(createGunzip());
    let rows = 0;
    let header: string | undefined;
    let table = "";
    let batch: unknown[] = [];
    const flush = async (): Promise<void> => {
      if (batch.length === 0) return;
      const name = Prisma.raw(`"${table}"`);
      await tx.$executeRaw`INSERT INTO ${name} SELECT * FROM json_populate_recordset(NULL::${name}, ${JSON.stringify(batch)}::json)`;
      batch = [];
    };
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      if (header === undefined) {
        header = line;
        if (!line.includes(`"${FORMAT}"`))
          throw new AppError("invalid", "This is no backup of ours.");
        continue;
      }
      const entry = JSON.parse(line) as { table: string; row: unknown };
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
    return rows;
  }
}
