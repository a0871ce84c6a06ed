import { PrismaPg } from "@prisma/adapter-pg";
import type { SqlMigrationAwareDriverAdapterFactory } from "@prisma/driver-adapter-utils";
import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Prisma, PrismaClient } from "./generated/client.js";
import { lockDirectory } from "./directory-lock.js";

export type Database = PrismaClient;
/** The client inside an interactive transaction: the only one to use there. */
export type Transaction = Prisma.TransactionClient;

/** An open database. */
export interface DatabaseHandle {
  readonly kind: "postgres" | "embedded";
  readonly db: Database;
  /** For migrations: how Prisma's schema engine reaches the same database. */
  readonly migrationAdapter: () => MigrationAdapter;
  close(): Promise<void>;
}

export interface MigrationAdapter {
  readonly factory: SqlMigrationAwareDriverAdapterFactory;
  /** Ends the connections of this adapter, and with them the engine's advisory lock. */
  release(): Promise<void>;
}

/** Closes PGlite once, whoever asks. */
interface EmbeddedDatabase {
  readonly closed: boolean;
  close(): Promise<void>;
}

/**
 * Opens PostgreSQL when there is a URL, else the embedded database in `dataDir`.
 *
 * @throws Error with a sentence for the operator when another process has `dataDir` open.
 */
export async function openDatabase(options: {
  databaseUrl: string | undefined;
  dataDir: string;
}): Promise<DatabaseHandle> {
  return options.databaseUrl === undefined
    ? openEmbedded(options.dataDir)
    : openPostgres(options.databaseUrl);
}

/** @param url a postgresql:// URL. @param maxConnections connections of the pool. */
export function openPostgres(url: string, maxConnections = 10): DatabaseHandle {
  const factory = new PrismaPg(
    { connectionString: url, max: maxConnections, connectionTimeoutMillis: 5_000 },
    // Without a name pg prepares a statement anew at every call; the text's hash names it.
    { statementNameGenerator: (query) => statementName(query.sql) },
  );
  const db = new PrismaClient({ adapter: factory, errorFormat: "minimal" });
  return {
    kind: "postgres",
    db,
    migrationAdapter: () => postgresMigrationAdapter(url),
    close: () => db.$disconnect(),
  };
}

async function openEmbedded(dataDir: string): Promise<DatabaseHandle> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const unlock = await lockDirectory(dataDir);
  try {
    // Imported only here: with PostgreSQL none of it is loaded.
    const { PGlite } = await import("@electric-sql/pglite");
    const { pg_trgm } = await import("@electric-sql/pglite/contrib/pg_trgm");
    const pglite = await PGlite.create(join(dataDir, "database"), { extensions: { pg_trgm } });
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

/** @param pglite an open PGlite with the pg_trgm extension; the handle closes it. */
export async function embeddedHandle(
  pglite: import("@electric-sql/pglite").PGlite & EmbeddedDatabase,
): Promise<DatabaseHandle> {
  const { PrismaPGlite } = await import("pglite-prisma-adapter");
  const factory = new PrismaPGlite(pglite);
  const db = new PrismaClient({ adapter: factory, errorFormat: "minimal" });
  return {
    kind: "embedded",
    db,
    migrationAdapter: () => ({ factory, release: async () => {} }),
    close: async () => {
      await db.$disconnect();
      if (!pglite.closed) await pglite.close();
    },
  };
}

/** One connection, so that the engine's advisory lock ends with it. */
function postgresMigrationAdapter(url: string): MigrationAdapter {
  const inner = new PrismaPg({ connectionString: url, max: 1, connectionTimeoutMillis: 5_000 });
  const open: { dispose(): Promise<void> }[] = [];
  const remember = async <T extends { dispose(): Promise<void> }>(
    adapter: Promise<T>,
  ): Promise<T> => {
    open.push(await adapter);
    return adapter;
  };
  return {
    factory: {
      provider: inner.provider,
      adapterName: inner.adapterName,
      connect: () => remember(inner.connect()),
      connectToShadowDb: () => remember(inner.connectToShadowDb()),
    },
    release: async () => {
      await Promise.all(open.map((adapter) => adapter.dispose()));
    },
  };
}

function statementName(sql: string): string {
  return createHash("sha1").update(sql).digest("base64url");
}
