import { readFileSync } from "node:fs";
import { checkServerIdentity, type ConnectionOptions } from "node:tls";
import pg from "pg";
import { unusable } from "../config.js";
import type { ConnectionUrl, TlsChoice } from "../connection-url.js";

const CONNECT_MS = 5_000;
const POOL_SIZE = 10;
const KEEP_ALIVE_MS = 10_000;

/**
 * What a request may take of the database, so that none waits for one that is locked, frozen or gone.
 * A lock ends before the queue for a connection does: who needs another table gets one. A frozen
 * server ends nothing, so that the client gives up by itself, last.
 */
const BOUNDS = { lockMs: 2_000, statementMs: 7_000, answerMs: 8_000, idleMs: 10_000 } as const;
/** A look at whether the database is well is part of an answer that comes within 2 s. */
export const PROBE_MS = 1_500;

/**
 * What Prisma's adapter and our statements depend on; a server, a database or a role may have it
 * otherwise. The adapter sends instants without a zone, and drops the zone of those that it reads.
 */
const SETTINGS: readonly Setting[] = [
  { name: "TimeZone", value: "UTC", followsClient: true },
  { name: "DateStyle", value: "ISO, MDY", followsClient: true },
  { name: "client_encoding", value: "UTF8", followsClient: true },
  { name: "standard_conforming_strings", value: "on", followsClient: true },
  { name: "IntervalStyle", value: "postgres", followsClient: false },
  { name: "bytea_output", value: "hex", followsClient: false },
  { name: "default_transaction_isolation", value: "read committed", followsClient: false },
];

/** Set where there is no pooler: behind one they would stay with somebody else's session (see the README). */
const REQUEST_SETTINGS: readonly Setting[] = [
  { name: "lock_timeout", value: String(BOUNDS.lockMs), followsClient: false },
  { name: "statement_timeout", value: String(BOUNDS.statementMs), followsClient: false },
  {
    name: "idle_in_transaction_session_timeout",
    value: String(BOUNDS.idleMs),
    followsClient: false,
  },
];

/** A setting that every connection has. */
export interface Setting {
  readonly name: string;
  readonly value: string;
  /** Whether PgBouncer gives it to whichever server connection serves the client next. */
  readonly followsClient: boolean;
}

/** What must be in force on every connection of `url`. */
export function settingsOf(url: ConnectionUrl): readonly Setting[] {
  return [...SETTINGS, { name: "search_path", value: url.schema, followsClient: false }];
}

/**
 * The options of every connection to PostgreSQL, whoever opens it. The caller of a single client
 * hands it to `prepareSession` as soon as it is connected.
 *
 * @throws ConfigError when a certificate's file cannot be read.
 */
export function clientOptions(url: ConnectionUrl): pg.ClientConfig {
  return {
    host: url.host,
    port: url.port,
    user: url.user,
    password: url.password,
    database: url.database,
    application_name: url.applicationName,
    options: url.options,
    // Unset: node-postgres reads PGSSLMODE.
    ssl: url.tls && tlsOptions(url.tls),
    connectionTimeoutMillis: connectMs(url),
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
  };
}

/** For work of unknown length: migrations, backups, repairs. @throws ConfigError as `clientOptions`. */
export function poolOptions(url: ConnectionUrl): pg.PoolConfig {
  return {
    ...clientOptions(url),
    max: url.maxConnections ?? POOL_SIZE,
    onConnect: (client) => prepareSession(client, url),
  };
}

/** For requests: what takes too long ends. @throws ConfigError as `clientOptions`. */
export function requestPoolOptions(url: ConnectionUrl): pg.PoolConfig {
  return {
    ...poolOptions(url),
    query_timeout: BOUNDS.answerMs,
    onConnect: (client) => prepareSession(client, url, REQUEST_SETTINGS),
  };
}

/** One connection of its own, so that a look never queues behind requests. @throws ConfigError as `clientOptions`. */
export function probePoolOptions(url: ConnectionUrl): pg.PoolConfig {
  return {
    ...clientOptions(url),
    max: 1,
    connectionTimeoutMillis: PROBE_MS,
    query_timeout: PROBE_MS,
  };
}

/** Fixes what we depend on. Behind a pooler the other settings would stay with somebody else's session. */
export async function prepareSession(
  client: pg.ClientBase,
  url: ConnectionUrl,
  more: readonly Setting[] = [],
): Promise<void> {
  const settings = [...settingsOf(url), ...more].filter(
    (setting) => setting.followsClient || !url.hasPooler,
  );
  const statements = settings.map(({ name, value }) => `SET ${name} TO ${pg.escapeLiteral(value)}`);
  // node-postgres takes a bound of a single query, but its types do not know of it.
  const query: pg.QueryConfig & { query_timeout: number } = {
    text: statements.join("; "),
    query_timeout: connectMs(url),
  };
  await client.query(query);
}

function connectMs({ connectTimeoutSeconds }: ConnectionUrl): number {
  return connectTimeoutSeconds === undefined ? CONNECT_MS : connectTimeoutSeconds * 1000;
}

/** What libpq means by each mode; `no-verify` is node-postgres's own name for `require`. */
function tlsOptions({ mode, ...files }: TlsChoice): ConnectionOptions | false {
  if (mode === "disable") return false;
  const ca = readPem("sslrootcert", files.rootCertificate);
  const isVerified = mode === "verify-full" || ca !== undefined;
  return {
    ca,
    cert: readPem("sslcert", files.certificate),
    key: readPem("sslkey", files.key),
    passphrase: files.keyPassword,
    rejectUnauthorized: isVerified,
    checkServerIdentity: mode === "verify-full" ? checkServerIdentity : () => undefined,
  };
}

function readPem(name: string, path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw unusable(`The ${name} of the database's URL`, path, error);
  }
}
