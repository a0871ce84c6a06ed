import pg from "pg";
import { describe, expect, test } from "vitest";
import { TestApp } from "../../support/app.js";
import { onPostgres } from "../../support/database.js";

describe.runIf(onPostgres)("a PostgreSQL that restarts", () => {
  test("is answered with 503 and Retry-After at both doors, and is used again when it is back", async () => {
    const app = await TestApp.start();
    const { key } = await app.organization();
    const [row] = await app.db.$queryRaw<{ name: string }[]>`SELECT current_database() AS name`;
    const admin = new pg.Client({ connectionString: process.env["DATABASE_URL"] });
    await admin.connect();
    const accept = (yes: boolean) =>
      admin.query(`ALTER DATABASE "${row?.name}" WITH ALLOW_CONNECTIONS ${yes}`);
    await accept(false);
    await admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", [
      row?.name,
    ]);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const rest = await app.get("/core/agents", key);
      expect(rest.status).toBe(503);
      expect(Number(rest.headers.get("retry-after"))).toBeGreaterThan(0);
      expect(rest.text).not.toContain(row?.name);
      const graphql = await app.gql("{ me { scopes } }", {}, key);
      expect(graphql.body.errors[0].extensions.code).toBe("SERVICE_UNAVAILABLE");
      expect((await app.get("/readyz")).status).toBe(503);
    }
    await accept(true);
    await admin.end();
    expect((await app.get("/core/agents", key)).status).toBe(200);
    expect((await app.get("/readyz")).status).toBe(200);
    await app.stop();
  });
});
