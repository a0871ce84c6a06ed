import { existsSync } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
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

/** A first start, as far as what shows in DATA_DIR. */
async function firstStartUntil(
  dataDir: string,
  reached: (path: (name: string) => boolean) => boolean,
): Promise<ParleyProcess> {
  const parley = await ParleyProcess.spawn({ ...FOREIGN_LIVEKIT, DATA_DIR: dataDir });
  const exists = (name: string): boolean => existsSync(join(dataDir, name));
  let ended = false;
  void parley.exit.then(() => (ended = true));
  // Not `until`, which looks too seldom: the moments are short.
  while (!reached(exists)) {
    if (ended) throw new Error(`ended too early:\n${parley.output}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return parley;
}

describe.skipIf(onPostgres)("a first start", () => {
  test.each([
    ["the database's files are written", (exists) => exists("database.unfinished/base")],
    ["the migrations are next", (exists) => exists("database")],
    ["the migrations are done", (exists) => exists("secrets.json")],
  ] satisfies [string, Parameters<typeof firstStartUntil>[1]][])(
    "that is killed when %s: the next one comes up",
    async (_name, reached) => {
      const dataDir = await temporaryDirectory();
      const first = await firstStartUntil(dataDir, reached);
      first.kill("SIGKILL");
      expect(await first.exit).toBe("SIGKILL");
      await ParleyProcess.start({ ...FOREIGN_LIVEKIT, DATA_DIR: dataDir });
    },
  );

  test("that left a database half made: it is made anew", async () => {
    const dataDir = await temporaryDirectory();
    await mkdir(join(dataDir, "database.unfinished"));
    await writeFile(join(dataDir, "database.unfinished", "PG_VERSION"), "17\n");
    await ParleyProcess.start({ ...FOREIGN_LIVEKIT, DATA_DIR: dataDir });
  });

  test("that is interrupted ends by itself, gives its lock back, and shows no key to nobody", async () => {
    const dataDir = await temporaryDirectory();
    const first = await firstStartUntil(dataDir, (exists) => exists("database.unfinished"));
    first.kill("SIGINT");
    expect(await first.exit).toBe(0);
    expect(await readdir(dataDir)).toEqual(["database"]);
    expect(first.output).toBe("");
    const next = await ParleyProcess.start({ ...FOREIGN_LIVEKIT, DATA_DIR: dataDir });
    expect(next.output).toMatch(/API key +ak_/);
  });
});

describe.runIf(onPostgres)("on PostgreSQL, in the middle of the first migration", () => {
  /** A start that waits, half way through, for another session which has made one of the tables. */
  async function halfWay(): Promise<{
    env: Record<string, string>;
    parley: ParleyProcess;
    goOn: () => Promise<void>;
  }> {
    const url = await cloneDatabaseUrl({ empty: true });
    const session = new pg.Client({ connectionString: url });
    await session.connect();
    await session.query("BEGIN");
    await session.query('CREATE TABLE "turns" ()');
    const env = {
      ...FOREIGN_LIVEKIT,
      DATABASE_URL: url,
      DATA_DIR: await temporaryDirectory(),
      APP_SECRET: "an-app-secret-for-tests-only-0123456789abc",
    };
    const parley = await ParleyProcess.spawn(env);
    await until(
      async () => {
        // Within a transaction the first look would be the only one.
        await session.query("SELECT pg_stat_clear_snapshot()");
        const { rowCount } = await session.query(
          "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
        );
        return rowCount === 1 ? true : undefined;
      },
      () => `the migration does not wait:\n${parley.output}`,
    );
    const goOn = async (): Promise<void> => {
      await session.query("ROLLBACK");
      await session.end();
    };
    return { env, parley, goOn };
  }

  test("a start that is killed leaves nothing, and three that start at once then come up", async () => {
    const { env, parley, goOn } = await halfWay();
    parley.kill("SIGKILL");
    expect(await parley.exit).toBe("SIGKILL");
    await goOn();
    await Promise.all([1, 2, 3].map(() => ParleyProcess.start(env)));
  });

  test("a start that is asked to stop finishes the migration, and ends", async () => {
    const { env, parley, goOn } = await halfWay();
    parley.kill("SIGTERM");
    await goOn();
    expect(await parley.exit).toBe(0);
    expect(parley.output).toBe("");
    await ParleyProcess.start(env);
  });
});
