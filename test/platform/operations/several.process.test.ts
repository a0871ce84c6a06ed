import { randomBytes } from "node:crypto";
import pg from "pg";
import { describe, expect, test } from "vitest";
import { cloneDatabaseUrl, onPostgres } from "../../support/database.js";
import {
  cleanUpProcesses,
  FOREIGN_LIVEKIT,
  ParleyProcess,
  temporaryDirectory,
  until,
} from "../../support/process.js";

cleanUpProcesses();

describe.runIf(onPostgres)("two instances on one PostgreSQL", () => {
  test("sweep once, and the other goes on when one is killed", async () => {
    const env = {
      ...FOREIGN_LIVEKIT,
      DATABASE_URL: await cloneDatabaseUrl(),
      APP_SECRET: "an-app-secret-of-two-instances-with-32-characters",
      DATA_DIR: await temporaryDirectory(),
    };
    const first = await ParleyProcess.start(env);
    await ParleyProcess.start(env);
    const db = new pg.Client({ connectionString: env.DATABASE_URL });
    await db.connect();
    const holder = async (): Promise<string | undefined> =>
      (await db.query<{ holder: string }>("SELECT holder FROM leases")).rows[0]?.holder;
    const before = await holder();
    expect(before).toBeDefined();
    first.kill("SIGKILL");
    await first.exit;
    // What a sweep forgets, as it stands after the death.
    await db.query(
      "INSERT INTO used_identity_tokens (token_hash, used_at, expires_at) VALUES ($1, $2, $2)",
      [randomBytes(32), "2026-01-01T00:00:00Z"],
    );
    await until(
      async () => {
        const { rowCount } = await db.query("SELECT 1 FROM used_identity_tokens");
        return rowCount === 0 ? true : undefined;
      },
      () => "nobody sweeps",
    );
    expect(await holder()).not.toBe(before);
    await db.end();
  });
});
