import { randomUUID } from "node:crypto";
import pg from "pg";

/** Where a platform that is measured keeps its data. */
export interface OwnDatabase {
  /** Of the platform's process. */
  readonly env: Readonly<Record<string, string>>;
  /** When the platform is gone. */
  drop(): Promise<void>;
}

/**
 * A database of its own on the PostgreSQL of `DATABASE_URL`, whose user may create databases. Where that is unset the
 * platform has its embedded one, which takes a part of the cores that it is measured on.
 */
export async function ownDatabase(): Promise<OwnDatabase> {
  const server = process.env["DATABASE_URL"];
  if (server === undefined) return { env: {}, drop: async () => undefined };
  const name = `parley_density_${randomUUID().slice(0, 8)}`;
  await ask(server, `CREATE DATABASE "${name}"`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    env: { DATABASE_URL: url.href },
    drop: () => ask(server, `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`),
  };
}

async function ask(server: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
