import { afterAll, beforeAll, expect, test } from "vitest";
import type { DatabaseHandle } from "../../../src/platform/database/client.js";
import { cloneDatabase, onPostgres } from "../../support/database.js";

let database: DatabaseHandle;
beforeAll(async () => {
  database = await cloneDatabase();
});
afterAll(() => database.close());

test.skipIf(onPostgres)(
  "statements that wait for the embedded database let the event loop turn",
  async () => {
    let turns = 0;
    let isOver = false;
    const count = (): void => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    const statements = Array.from({ length: 200 }, () => database.db.$queryRaw`SELECT 1`);
    await Promise.all(statements);
    isOver = true;
    // Connections are taken and answers leave among them, not only after the last.
    expect(turns).toBeGreaterThan(2);
  },
);
