import { PrismaPg } from "@prisma/adapter-pg";
import { join } from "node:path";
import pg from "pg";
import { ConfigError } from "../../process/environment.js";
import { unusable } from "../config.js";
import { prepareDataDir } from "../data-dir.js";
import { parseConnectionUrl } from "../connection-url.js";
import { poolOptions, probePoolOptions, requestPoolOptions } from "./connection-settings.js";
import { idleConnections } from "./idle-connections.js";
import { inspectConnection } from "./inspect-connection.js";
import { postgresMigrationAdapter, type MigrationAdapter } from "./migration-adapter.js";
import { Prisma, PrismaClient } from "./generated/client.js";
import { DirectoryInUseError, lockDirectory } from "./directory-lock.js";
import { openPGlite } from "./embedded.js";
import { giveTurns } from "./loop-turns.js";
import { poolStatements, statementName } from "./pool-statements.js";
import { createPrepared, type Prepared } from "./prepared.js";
import { Probe } from "./probe.js";
import { watchedAdapter } from "./watched-adapter.js";

export type Database = PrismaClient;
/** The client inside an interactive transaction: the only one to use there. */
export type Transaction = Prisma.TransactionClient;

/** How many connections there are, and how many callers wait for one. */
export interface PoolState {
  readonly inUse: number;
  readonly idle: number;
  readonly waiting: number;
}

/** An open database. */
export interface DatabaseHandle {
  readonly kind: "postgres" | "embedded";
  readonly db: Database;
  /** The same database for the few statements that every visitor needs. See hot-statements.ts. */
  readonly prepared: Prepared;
  /** Of requests' connections, now; absent where there is one connection, our own. */
  readonly pool?: () => PoolState;
  /** How the same database is migrated. */
  readonly migrationAdapter: () => MigrationAdapter;
  /** @throws within 2 s when the database does not answer, or takes no writes. */
  probe(): Promise<void>;
  /** For work of unknown length, which the bounds of requests would end. */
  withoutBounds<T>(work: (handle: DatabaseHandle) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/**
 * Opens PostgreSQL when there is a URL, else the embedded database in `dataDir`.
 *
 * @throws DirectoryInUseError when another process has `dataDir` open; ConfigError when it cannot be
 *   used, or the PostgreSQL server cannot be reached.
 */
export async function openDatabase(options: {
  databaseUrl: string | undefined;
  databaseDirectUrl?: string | undefined;
  dataDir: string;
  /** For an operator's command, which may take as long as it needs. */
  isUnbounded?: boolean;
}): Promise<DatabaseHandle> {
  const { databaseUrl, databaseDirectUrl, dataDir } = options;
  if (databaseUrl === undefined) return openEmbedded(dataDir);
  await inspectDatabase(databaseUrl, databaseDirectUrl);
  return openPostgres(databaseUrl, options);
}

/**
 * @param databaseUrl a postgresql:// URL. `databaseDirectUrl` is of the same database without a
 *   pooler, for migrations.
 * @throws ConfigError as `clientOptions`.
 */
export function openPostgres(
  databaseUrl: string,
  options: { databaseDirectUrl?: string | undefined; isUnbounded?: boolean } = {},
): DatabaseHandle {
  const { databaseDirectUrl = databaseUrl, isUnbounded = false } = options;
  const url = parseConnectionUrl(databaseUrl);
  const pool = new pg.Pool(isUnbounded ? poolOptions(url) : requestPoolOptions(url));
  // The next use of a broken connection tells of it.
  pool.on("error", () => {});
  // Prisma gives back a connection also when its end of a transaction got no answer.
  pool.on("release", (_error, client) => {
    if (client.getTransactionStatus() !== "I") void client.end();
  });
  const probePool = new pg.Pool(probePoolOptions(url));
  // The next use of a broken connection tells of it.
  probePool.on("error", () => {});
  const probe = new Probe((sql) => probePool.query(sql));
  const factory = new PrismaPg(pool, {
    schema: url.schema,
    disposeExternalPool: true,
    // A pooler gives the next call a server connection that has other names, or the same for another text.
    ...(url.hasPooler ? {} : { statementNameGenerator: (query) => statementName(query.sql) }),
  });
  const onRefusal = (sqlState: string): void => probe.noteRefusal(sqlState);
  const onLost = idleConnections(pool);
  const adapter = watchedAdapter(factory, { onRefusal, onLost });
  const db = new PrismaClient({ adapter, errorFormat: "minimal" });
  const handle: DatabaseHandle = {
    kind: "postgres",
    db,
    prepared: poolStatements(pool, { isNamed: !url.hasPooler, onRefusal, onLost }),
    pool: () => ({
      inUse: pool.totalCount - pool.idleCount,
      idle: pool.idleCount,
      waiting: pool.waitingCount,
    }),
    migrationAdapter: () => postgresMigrationAdapter(parseConnectionUrl(databaseDirectUrl)),
    probe: () => probe.look(),
    withoutBounds: async (work) => {
      if (isUnbounded) return work(handle);
      const unbounded = openPostgres(databaseUrl, { ...options, isUnbounded: true });
      return work(unbounded).finally(() => unbounded.close());
    },
    close: async () => {
      await Promise.all([db.$disconnect(), probePool.end()]);
    },
  };
  return handle;
}

/** Looks at both URLs before anything is done there. @throws ConfigError as `inspectConnection`. */
async function inspectDatabase(databaseUrl: string, directUrl: string | undefined): Promise<void> {
  const database = await inspectConnection(parseConnectionUrl(databaseUrl), "DATABASE_URL");
  if (directUrl === undefined) return;
  const direct = await inspectConnection(parseConnectionUrl(directUrl), "DATABASE_DIRECT_URL");
  if (direct !== database) {
    throw new ConfigError("DATABASE_DIRECT_URL names another database than DATABASE_URL.");
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
  giveTurns(pglite);
  const factory = new PrismaPGlite(pglite);
  const probe = new Probe((sql) => pglite.exec(sql));
  const adapter = watchedAdapter(factory, { onRefusal: (state) => probe.noteRefusal(state) });
  const db = new PrismaClient({ adapter, errorFormat: "minimal" });
  const handle: DatabaseHandle = {
    kind: "embedded",
    db,
    prepared: createPrepared(() => adapter.connect()),
    migrationAdapter: () => ({
      factory,
      prepare: async () => {},
      transaction: (work) =>
        pglite.transaction((tx) =>
          // What the rows are, the statement knows.
          work(async <Row>(sql: string) => (await tx.exec(sql)).at(-1)?.rows as Row[]),
        ),
      runScript: async (run, script) => {
        await run(script);
      },
      release: async () => {},
    }),
    probe: () => probe.look(),
    withoutBounds: (work) => work(handle),
    close: async () => {
      await db.$disconnect();
      if (!pglite.closed) await pglite.close();
    },
  };
  return handle;
}
