import "reflect-metadata";
import pg from "pg";
import type { TestProject } from "vitest/node";
import { openPostgres } from "../../src/platform/database/client.js";
import { migrate } from "../../src/platform/database/migrate.js";
import { embeddedTemplate } from "./embedded-template.js";
import { startPooler } from "./pooler.js";

/** What every test file clones its own database from. */
export type DatabaseTemplate =
  | { readonly kind: "embedded"; readonly dump: string }
  | {
      readonly kind: "postgres";
      readonly adminUrl: string;
      readonly template: string;
      /** Present when every query is to go through a pooler in transaction mode. */
      readonly poolerUrl: string | undefined;
    };

declare module "vitest" {
  export interface ProvidedContext {
    databaseTemplate: DatabaseTemplate;
  }
}

/** Migrates one database for the whole run; test files clone it. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | void> {
  if (process.env["TEST_DATABASE"] === "postgres") return setupPostgres(project);
  project.provide("databaseTemplate", { kind: "embedded", dump: await embeddedTemplate() });
}

async function setupPostgres(project: TestProject): Promise<() => Promise<void>> {
  const adminUrl = process.env["DATABASE_URL"];
  if (!adminUrl)
    throw new Error("npm run test:postgres needs DATABASE_URL, of a user who may create databases");
  // Each of vitest's projects sets up its own.
  const template = `parley_test_${process.pid}_${project.name}`;
  await asAdmin(adminUrl, `CREATE DATABASE ${template}`);
  const url = new URL(adminUrl);
  url.pathname = `/${template}`;
  const handle = openPostgres(url.href);
  await migrate(handle);
  await handle.close();
  const pooler = process.env["TEST_POOLER"] ? await startPooler(adminUrl) : undefined;
  project.provide("databaseTemplate", {
    kind: "postgres",
    adminUrl,
    template,
    poolerUrl: pooler?.url,
  });
  return async () => {
    await pooler?.stop();
    const leftovers = await asAdmin<{ datname: string }>(
      adminUrl,
      `SELECT datname FROM pg_database WHERE datname LIKE '${template}%' ORDER BY datname DESC`,
    );
    for (const { datname } of leftovers)
      await asAdmin(adminUrl, `DROP DATABASE "${datname}" WITH (FORCE)`);
  };
}

async function asAdmin<T extends object>(url: string, sql: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<T>(sql)).rows;
  } finally {
    await client.end();
  }
}
