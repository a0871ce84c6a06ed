import { PrismaPg } from "@prisma/adapter-pg";
import type { SqlMigrationAwareDriverAdapterFactory } from "@prisma/driver-adapter-utils";
import { createHash } from "node:crypto";
import { join } from "node:path";
import pg from "pg";
import { ConfigError, unusable } from "../config.js";
import { prepareDataDir } from "../data-dir.js";
import { parseConnectionUrl, type ConnectionUrl } from "./connection-url.js";
import { clientOptions, poolOptions, prepareSession } from "./connection.js";
import { Prisma, PrismaClient } from "./generated/client.js";
import { DirectoryInUseError, lockDirectory } from "./directory-lock.js";
import { openPGlite } from "./embedded.js";

export type Database = PrismaClient;
/** The client inside an interactive transaction: the only one to use there. */
export type Transaction = Prisma.TransactionClient;

/** An open database. */
export interface DatabaseHandle {
  readonly kind: "postgres" | "embedded";
  readonly db: Database;
  /** How Prisma's schema engine reaches the same database. */
  readonly migrationAdapter: () => MigrationAdapter;
  close(): Promise<void>;
}

export interface MigrationAdapter {
  readonly factory: SqlMigrationAwareDriverAdapterFactory;
  /** Runs statements in one transaction. The adapters' own way commits each by itself, or does not wait. */
  runScript(script: string): Promise<unknown>;
  /** Ends the connections of this adapter. */
  release(): Promise<void>;
}

/**
 * Opens PostgreSQL when there is a URL, else the embedded database in `dataDir`.
 *
 * @throws DirectoryInUseError when another process has `dataDir` open; ConfigError when it cannot be
 *   used, or the PostgreSQL server cannot be reached.
 */
export async function openDatabase(options: {
  databaseUrl: string | undefined;
  dataDir: string;
}): Promise<DatabaseHandle> {
  if (options.databaseUrl === undefined) return openEmbedded(options.dataDir);
  await tryConnection(options.databaseUrl);
  return openPostgres(options.databaseUrl);
}

/** @param text a postgresql:// URL. @param maxConnections unless the URL says. @throws ConfigError as `clientOptions`. */
export function openPostgres(text: string, maxConnections?: number): DatabaseHandle {
  const url = parseConnectionUrl(text);
  const factory = new PrismaPg(new pg.Pool(poolOptions(url, maxConnections)), {
    schema: url.schema,
    disposeExternalPool: true,
    // Without a name pg prepares a statement anew at every call; the text's hash names it. A pooler
    // gives the next call a server connection that has other names, or the same for another text.
    ...(url.hasPooler ? {} : { statementNameGenerator: (query) => statementName(query.sql) }),
  });
  const db = new PrismaClient({ adapter: factory, errorFormat: "minimal" });
  return {
    kind: "postgres",
    db,
    migrationAdapter: () => postgresMigrationAdapter(url),
    close: () => db.$disconnect(),
  };
}

/** Prisma's own error is a page long. @throws ConfigError with what the server or the network says. */
async function tryConnection(text: string): Promise<void> {
  const url = parseConnectionUrl(text);
  const client = new pg.Client(clientOptions(url));
  // What happens to the connection later is of no interest.
  client.on("error", () => {});
  try {
    await client.connect();
    await prepareSession(client, url);
  } catch (error) {
    // Of a name with several addresses each has an error of its own.
    const first = error instanceof AggregateError ? error.errors[0] : error;
    const reason = first instanceof Error ? first.message : String(first);
    throw new ConfigError(`The database of DATABASE_URL cannot be opened: ${reason}.`);
  } finally {
    await client.end();
  }
}

async function openEmbedded(dataDir: string): Promise<DatabaseHandle> {
  const unlock = await lockDataDir(dataDir);
  try {
    const pglite = await openPGlite(join(dataDir, "database"));
    const handle = await embeddedHandle(pglite);
    return {
      ...handle,
      close: async () => {
        await handle.close();
        await unlock();
      },
    };
  } catch (error) {
    await unlock();
    throw error;
  }
}

async function lockDataDir(dataDir: string): Promise<() => Promise<void>> {
  await prepareDataDir(dataDir);
  try {
    return await lockDirectory(dataDir);
  } catch (error) {
    throw error instanceof DirectoryInUseError ? error : unusable("DATA_DIR", dataDir, error);
  }
}

/** @param pglite an open PGlite with the pg_trgm extension; the handle closes it. */
export async function embeddedHandle(
  pglite: import("@electric-sql/pglite").PGlite,
): Promise<DatabaseHandle> {
  const { PrismaPGlite } = await import("pglite-prisma-adapter");
  const factory = new PrismaPGlite(pglite);
  const db = new PrismaClient({ adapter: factory, errorFormat: "minimal" });
  return {
    kind: "embedded",
    db,
    migrationAdapter: () => ({
      factory,
      runScript: (script) => pglite.exec(script),
      release: async () => {},
    }),
    close: async () => {
      await db.$disconnect();
      if (!pglite.closed) await pglite.close();
    },
  };
}

function postgresMigrationAdapter(url: ConnectionUrl): MigrationAdapter {
  const pool = new pg.Pool({ ...poolOptions(url), max: 1 });
  return {
    factory: new PrismaPg(pool, { schema: url.schema }),
    runScript: (script) => pool.query(script),
    release: () => pool.end(),
  };
}

function statementName(sql: string): string {
  return createHash("sha1").update(sql).digest("base64url");
}
