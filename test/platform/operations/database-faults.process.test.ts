import pg from "pg";
import { describe, expect, test } from "vitest";
import { openPostgres } from "../../../src/platform/database/client.js";
import { isDatabaseUnavailable } from "../../../src/platform/database/prisma-errors.js";
import { TcpProxy } from "../../faults/tcp-proxy.js";
import { TestApp, type Answer } from "../../support/app.js";
import { cloneDatabaseUrl, onPostgres } from "../../support/database.js";
import { until } from "../../support/process.js";

/** A session of somebody else's in the database of `url`. */
async function another(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  return client;
}

function expectUnavailable(answer: Answer): void {
  expect(answer.status).toBe(503);
  expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
}

describe.runIf(onPostgres)("a database that does not do as it should", () => {
  test("locks a table: who needs it gets 503, who needs another is served, and so is readyz", async () => {
    const url = await cloneDatabaseUrl();
    const app = await TestApp.start({ database: openPostgres(url) });
    const { key } = await app.organization();
    const holder = await another(url);
    await holder.query("BEGIN; LOCK TABLE conversations IN ACCESS EXCLUSIVE MODE");
    // More than the pool has connections.
    const blocked = Array.from({ length: 15 }, () => app.get("/core/conversations", key));
    for (let round = 0; round < 3; round += 1) {
      expect((await app.get("/core/agents", key)).status).toBe(200);
      expect((await app.get("/readyz")).status).toBe(200);
    }
    for (const answer of await Promise.all(blocked)) expectUnavailable(answer);
    const nested = await app.gql(
      "{ agents(first: 1) { nodes { id } } conversations(first: 1) { nodes { id } } }",
      {},
      key,
    );
    expect(nested.body.errors[0].extensions.code).toBe("SERVICE_UNAVAILABLE");
    await holder.query("ROLLBACK");
    expect((await app.get("/core/conversations", key)).status).toBe(200);
    await holder.end();
    await app.stop();
  });

  test("takes no writes: they get 503, readyz says so, reads go on, until it takes them again", async () => {
    const url = await cloneDatabaseUrl();
    const app = await TestApp.start({ database: openPostgres(url) });
    const { key } = await app.organization();
    const admin = await another(url);
    const readOnly = async (value: "on" | "off"): Promise<void> => {
      await admin.query("SET default_transaction_read_only TO off");
      await admin.query(
        `ALTER DATABASE "${new URL(url).pathname.slice(1)}" SET default_transaction_read_only TO ${value}`,
      );
      await admin.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
      );
    };
    await readOnly("on");
    const written = (): Promise<Answer> =>
      app.call("POST", "/core/agents", { key, body: { name: "A" } });
    expectUnavailable(await written());
    const { body } = await app.gql(
      'mutation { createApiKey(input: { name: "n", scopes: [AGENTS_READ] }) { __typename } }',
      {},
      key,
    );
    expect(body.errors[0].extensions.code).toBe("SERVICE_UNAVAILABLE");
    expectUnavailable(await app.get("/readyz"));
    expect((await app.get("/core/agents", key)).status).toBe(200);
    await readOnly("off");
    expect((await app.get("/readyz")).status).toBe(200);
    expect((await written()).status).toBe(201);
    await admin.end();
    await app.stop();
  });

  test("falls silent on every connection: each ends, also in a transaction, and is replaced", async () => {
    const url = new URL(await cloneDatabaseUrl());
    const proxy = await TcpProxy.start(Number(url.port));
    url.host = `127.0.0.1:${proxy.port}`;
    const database = openPostgres(url.href);
    const { db } = database;
    // All ten are there, five of them in transactions.
    let begun = 0;
    let isCut = false;
    const transactions = Array.from({ length: 5 }, () =>
      db.$transaction(async (tx) => {
        await tx.organization.count();
        begun += 1;
        await until(
          () => isCut || undefined,
          () => "the cable was not cut",
        );
        await tx.organization.count();
      }),
    );
    await until(
      () => begun === 5 || undefined,
      () => "the transactions do not begin",
    );
    await Promise.all(Array.from({ length: 5 }, () => db.$queryRaw`SELECT pg_sleep(0.2)::text`));
    proxy.swallowEstablished();
    isCut = true;
    const asked = Array.from({ length: 5 }, () => db.organization.count());
    await expect(database.probe()).resolves.toBeUndefined();
    for (const result of await Promise.allSettled([...transactions, ...asked])) {
      if (result.status === "rejected") expect(isDatabaseUnavailable(result.reason)).toBe(true);
    }
    const after = Array.from({ length: 10 }, () => db.organization.count());
    expect(await Promise.all(after)).toEqual(Array.from({ length: 10 }, () => 0));
    await database.close();
    await proxy.close();
  });
});
