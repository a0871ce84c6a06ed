import pg from "pg";
import { ConfigError } from "../../process/environment.js";
import type { ConnectionUrl } from "../connection-url.js";
import { clientOptions, prepareSession, settingsOf } from "./connection-settings.js";

/** Often enough that a pooler that hands out its connections in turn is found as well. */
const PROBES = 4;
/** A pooler with a single connection lets the second client wait. */
const WAIT_MS = 2_000;

type Answer = Readonly<Record<string, unknown>>;

/**
 * Opens one connection as the pool will, and looks at what is really in force on it.
 *
 * @param url read from the variable `name`.
 * @returns what tells this database from every other one.
 * @throws ConfigError with what the server or the network says; when a setting that we depend on is
 *   otherwise; when a pooler in transaction mode is not declared.
 */
export async function inspectConnection(url: ConnectionUrl, name: string): Promise<string> {
  return withClient(url, name, async (client) => {
    // In a query of its own: a pooler may have given the settings to another server connection.
    const wrong = await settingsNotInForce(client, url);
    if (!url.hasPooler && (await isTransactionPooler(client, url, name))) {
      throw new ConfigError(
        `A pooler in transaction mode stands before the database of ${name}: ${
          name === "DATABASE_URL"
            ? "add pgbouncer=true to it, and name the database without the pooler in DATABASE_DIRECT_URL"
            : "migrations need a connection of their own, so it must name the database without the pooler"
        }.`,
      );
    }
    if (wrong.length > 0) {
      throw new ConfigError(
        `The database of ${name} has other settings in force than Parley needs, and a pooler or a role keeps them: ALTER ROLE … SET ${wrong.join(", ")}.`,
      );
    }
    return identityOf(client);
  });
}

async function withClient<T>(
  url: ConnectionUrl,
  name: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client(clientOptions(url));
  // What happens to the connection later is of no interest.
  client.on("error", () => {});
  try {
    await client.connect();
    await prepareSession(client, url);
    return await work(client);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    // Of a name with several addresses each has an error of its own.
    const first = error instanceof AggregateError ? error.errors[0] : error;
    const reason = first instanceof Error ? first.message : String(first);
    throw new ConfigError(`The database of ${name} cannot be opened: ${reason}.`);
  } finally {
    await client.end();
  }
}

/** @returns each as `ALTER ROLE … SET` takes it. */
async function settingsNotInForce(client: pg.Client, url: ConnectionUrl): Promise<string[]> {
  const settings = settingsOf(url);
  const { rows } = await client.query<Answer>(
    "SELECT name, current_setting(name) AS value, current_schema() AS schema FROM unnest($1::text[]) AS name",
    [settings.map(({ name }) => name)],
  );
  const inForce = new Map(rows.map((row) => [row["name"], row["value"]]));
  return settings
    .filter(({ name, value }) => {
      // A longer path is as good when it begins with our schema.
      if (name === "search_path" && rows[0]?.["schema"] === value) return false;
      return inForce.get(name) !== value;
    })
    .map(({ name, value }) => `${name} = ${pg.escapeLiteral(value)}`);
}

/**
 * Whether another client is served by the server connection that served us: then what is prepared
 * on ours is not there at the next call.
 */
async function isTransactionPooler(
  client: pg.Client,
  url: ConnectionUrl,
  name: string,
): Promise<boolean> {
  const own = await backendOf(client);
  // Without a pooler this is the process that PostgreSQL itself named at the beginning.
  if (Reflect.get(client, "processID") === own) return false;
  return withClient(url, name, async (other) => {
    for (let probe = 0; probe < PROBES; probe += 1) {
      await other.query("BEGIN");
      const taken = await backendOf(other);
      const mine = taken === own ? undefined : await backendOf(client);
      await other.query("ROLLBACK");
      if (mine !== own) return true;
    }
    return false;
  });
}

async function backendOf(client: pg.Client): Promise<number> {
  const query: pg.QueryConfig & { query_timeout: number } = {
    text: "SELECT pg_backend_pid() AS pid",
    query_timeout: WAIT_MS,
  };
  const { rows } = await client.query<{ pid: number }>(query);
  return rows[0]?.pid ?? 0;
}

async function identityOf(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ identity: string }>(
    "SELECT pg_postmaster_start_time() || '/' || current_database() || '/' || oid AS identity FROM pg_database WHERE datname = current_database()",
  );
  return rows[0]?.identity ?? "";
}
