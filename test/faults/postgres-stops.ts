import type { Bench } from "./bench.js";
import { Tally, seconds, sleep, type Fault, type Outcome } from "./fault.js";
import type { Load } from "./load.js";
import type { Platform } from "./platform.js";

const SETTLE_MS = 1500;
/** How soon the platform is well when its database is. */
export const WELL_WITHIN_MS = 10_000;

/** Reads and writes of an owner, without a pause worth the name. */
export function ownersLoad(bench: Bench, platform: Platform, prefix: string): Promise<Load> {
  return bench.load({
    url: platform.url,
    key: platform.key,
    workers: 6,
    requests: [{ path: "/core/agents?limit=1" }, { path: "/core/agents", write: true }],
    pauseMs: 5,
    prefix,
  });
}

/** Does something to a database under load that it gets over, several times. */
async function underLoad(
  bench: Bench,
  options: {
    rounds: number;
    unit: string;
    /** Ends when the database is well again. */
    hurt: (postgres: Awaited<ReturnType<Bench["postgres"]>>) => Promise<void>;
  },
): Promise<Outcome> {
  const postgres = await bench.postgres();
  const platform = await bench.platform("postgres", { databaseUrl: postgres.url() });
  const tally = new Tally();
  const acknowledged: string[] = [];
  let [slowest, worstWait, answers] = [0, 0, 0];
  for (let round = 0; round < options.rounds; round += 1) {
    const load = await ownersLoad(bench, platform, `stop-${round}`);
    await sleep(SETTLE_MS);
    await options.hurt(postgres);
    const wellAt = Date.now();
    await platform.isWell(WELL_WITHIN_MS);
    const report = await load.stop();
    const recovery = Math.max(0, report.lastFailureAt - wellAt);
    acknowledged.push(...report.acknowledged);
    slowest = Math.max(slowest, recovery);
    worstWait = Math.max(worstWait, report.worstMs);
    answers += report.replies.length;
    tally.check(report.wrong.length === 0 && recovery <= WELL_WITHIN_MS, report.failuresInWords);
  }
  const kept = await platform.agentNames();
  const lost = acknowledged.filter((name) => !kept.has(name)).length;
  if (lost > 0) tally.check(false, `${lost} acknowledged writes lost`);
  return tally.outcome(
    options.unit,
    `${answers} requests, last failure ${seconds(slowest)} after the database was well, longest wait ${seconds(worstWait)}`,
  );
}

const BAR = "no 500, each 503 says when to come again, no write is lost, well within 10 s";

export const postgresKilled: Fault = {
  name: "kill-postgres",
  bar: BAR,
  databases: ["postgres"],
  run: (bench) =>
    underLoad(bench, {
      rounds: bench.isShort ? 1 : 5,
      unit: "kills under load",
      hurt: async (postgres) => {
        await postgres.stop("immediate");
        await sleep(1000);
        await postgres.resume();
      },
    }),
};

export const postgresStopped: Fault = {
  name: "stop-postgres",
  bar: BAR,
  databases: ["postgres"],
  run: (bench) =>
    underLoad(bench, {
      rounds: bench.isShort ? 1 : 9,
      unit: "orderly stops under load",
      hurt: async (postgres) => {
        await postgres.stop("orderly");
        await sleep(1000);
        await postgres.resume();
      },
    }),
};

export const backendsTerminated: Fault = {
  name: "terminate-backends",
  bar: BAR,
  databases: ["postgres"],
  long: ["postgres"],
  run: (bench) =>
    underLoad(bench, {
      rounds: bench.isShort ? 1 : 5,
      unit: "times all sessions ended under load",
      hurt: async (postgres) => {
        await postgres.query(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'",
        );
      },
    }),
};
