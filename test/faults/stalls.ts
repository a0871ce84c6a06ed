import { ask, isRightAnswer, nameOf, waitOf, watch, worstWait, type Reply } from "./ask.js";
import type { Bench } from "./bench.js";
import { Tally, seconds, sleep, type Fault, type Outcome } from "./fault.js";
import type { LoadReport } from "./load.js";
import type { Platform } from "./platform.js";
import { ownersLoad, WELL_WITHIN_MS } from "./postgres-stops.js";

/** Two seconds are promised; the rest is the machine's, which does all of this at once. */
const READYZ_MS = 3000;
/** A request ends, well or not, however long the database stands still. */
const REQUEST_MS = 20_000;
/** Of what needs another table: it may queue behind two waves of waiters, whose lock is given up after 2 s. */
const OTHER_TABLE_MS = 6000;
/** More than everything that stops takes together. */
const STOP_MS = 45_000;

/** What every stall is held to. @param wellAt when the database was well again. */
function judge(report: LoadReport, readiness: readonly Reply[], wellAt: number): Outcome {
  const tally = new Tally();
  for (const reply of report.replies) {
    tally.check(waitOf(reply) <= REQUEST_MS && isRightAnswer(reply), nameOf(reply));
  }
  for (const reply of readiness) {
    tally.check(reply.status > 0 && waitOf(reply) <= READYZ_MS, "readyz late");
  }
  const recovery = Math.max(0, report.lastFailureAt - wellAt);
  tally.check(recovery <= WELL_WITHIN_MS, "not well within 10 s");
  return tally.outcome(
    "answers",
    `longest wait ${seconds(report.worstMs)}, readyz ${seconds(worstWait(readiness))}, last failure ${seconds(recovery)} after`,
  );
}

export const freeze: Fault = {
  name: "freeze-postgres",
  bar: "readyz answers within 2 s, every request ends, well 10 s after the database thaws",
  databases: ["postgres"],
  run: async (bench) => {
    const postgres = await bench.postgres();
    const platform = await bench.platform("postgres", { databaseUrl: postgres.url() });
    const load = await ownersLoad(bench, platform, "freeze");
    await sleep(1000);
    postgres.freeze();
    const frozen = sleep(bench.isShort ? 6000 : 30_000);
    const readiness = await watch(`${platform.url}/readyz`, frozen, { timeoutMs: REQUEST_MS });
    postgres.thaw();
    const thawedAt = Date.now();
    await platform.isWell(WELL_WITHIN_MS + 2000);
    return judge(await load.stop(), readiness, thawedAt);
  },
};

/** @param blindMs how long new connections are swallowed too; 0: only those that there are. */
function silentLoss(name: string, blindMs: number): Fault {
  return {
    name,
    bar: "readyz answers within 2 s, every request ends, well 10 s after connections pass again",
    databases: ["postgres"],
    run: async (bench) => {
      const postgres = await bench.postgres();
      const cable = await bench.cable(postgres);
      const url = new URL(postgres.url());
      url.port = String(cable.port);
      const platform = await bench.platform("postgres", { databaseUrl: url.href });
      const load = await ownersLoad(bench, platform, "loss");
      await sleep(1000);
      if (blindMs === 0) cable.swallowEstablished();
      else cable.swallowAll();
      const lostAt = Date.now();
      const over = sleep(blindMs).then(() => {
        cable.mend();
        return platform.isWell(WELL_WITHIN_MS + 5000);
      });
      const readiness = await watch(`${platform.url}/readyz`, over, { timeoutMs: REQUEST_MS });
      return judge(await load.stop(), readiness, lostAt + blindMs);
    },
  };
}

export const lostConnections = silentLoss("lose-connections", 0);
export const lostNetwork: Fault = { ...silentLoss("lose-network", 15_000), long: ["postgres"] };

/** Holds a table, lets visitors run against it, and asks for what does not need it. */
async function whileLocked(
  bench: Bench,
  table: string,
  run: (platform: Platform, widgetId: string) => { blocked: string; free: string; key?: string },
): Promise<Outcome> {
  const postgres = await bench.postgres();
  const platform = await bench.platform("postgres", { databaseUrl: postgres.url() });
  const { blocked, free, key } = run(platform, await platform.makeWidget());
  // Ends by itself: the lock is gone with its session.
  const held = postgres.query(
    `BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(${bench.isShort ? 6 : 15}); COMMIT`,
  );
  await sleep(300);
  // Twice the pool, and fewer than the limits of one address.
  const visitors = Array.from({ length: 24 }, () =>
    ask(platform.url + blocked, { timeoutMs: REQUEST_MS * 2 }),
  );
  await sleep(500);
  const [readiness, others] = await Promise.all([
    watch(`${platform.url}/readyz`, held, { timeoutMs: REQUEST_MS }),
    watch(platform.url + free, held, { timeoutMs: REQUEST_MS, ...(key ? { key } : {}) }),
  ]);
  await held;
  const tally = new Tally();
  for (const reply of others) tally.check(reply.status === 200, `other table: ${nameOf(reply)}`);
  for (const reply of others) tally.check(waitOf(reply) <= OTHER_TABLE_MS, "other table late");
  for (const reply of readiness) {
    tally.check(reply.status > 0 && waitOf(reply) <= READYZ_MS, "readyz late");
  }
  for (const reply of await Promise.all(visitors)) {
    tally.check(isRightAnswer(reply) && waitOf(reply) <= REQUEST_MS, `locked: ${nameOf(reply)}`);
  }
  await sleep(1000);
  const after = await Promise.all(
    [1, 2, 3, 4].map(() => platform.ask("/core/agents?limit=1", { timeoutMs: 5000 })),
  );
  for (const reply of after) tally.check(reply.status === 200, `afterwards: ${nameOf(reply)}`);
  return tally.outcome(
    "answers",
    `other table ${seconds(worstWait(others))}, readyz ${seconds(worstWait(readiness))}`,
  );
}

const LOCK_BAR = "what needs another table goes on, readyz answers within 2 s, every request ends";

export const conversationsLocked: Fault = {
  name: "lock-conversations",
  bar: LOCK_BAR,
  databases: ["postgres"],
  run: (bench) =>
    whileLocked(bench, "conversations", (_, widgetId) => ({
      blocked: `/core/public/web-widgets/${widgetId}/conversations?user_id=a`,
      free: `/core/public/web-widgets/${widgetId}`,
    })),
};

export const widgetsLocked: Fault = {
  name: "lock-widgets",
  bar: LOCK_BAR,
  databases: ["postgres"],
  long: ["postgres"],
  run: (bench) =>
    whileLocked(bench, "widgets", ({ key }, widgetId) => ({
      blocked: `/core/public/web-widgets/${widgetId}`,
      free: "/core/agents?limit=1",
      key,
    })),
};

export const stopWhileFrozen: Fault = {
  name: "stop-while-frozen",
  bar: "SIGTERM ends with exit code 0, in bounded time, while the database stands still",
  databases: ["postgres"],
  run: async (bench) => {
    const postgres = await bench.postgres();
    const platform = await bench.platform("postgres", { databaseUrl: postgres.url() });
    const load = await ownersLoad(bench, platform, "stop");
    await sleep(500);
    postgres.freeze();
    await sleep(1000);
    const asked = Date.now();
    platform.process.kill("SIGTERM");
    const code = await Promise.race([platform.process.exit, sleep(STOP_MS).then(() => "alive")]);
    const took = Date.now() - asked;
    postgres.thaw();
    load.kill();
    const tally = new Tally();
    tally.check(code === 0, code === "alive" ? "it did not end" : `exit ${code}`);
    return tally.outcome("stop", `took ${seconds(took)}`);
  },
};
