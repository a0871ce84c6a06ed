import { nameOf, type Reply } from "./ask.js";
import type { Bench } from "./bench.js";
import { Skipped, Tally, type Fault } from "./fault.js";
import { hasPgBouncer } from "./pgbouncer.js";
import type { Platform } from "./platform.js";
import { WELL_WITHIN_MS } from "./postgres-stops.js";

const CALLS = 60;
const PARALLEL = 8;
const NO_BOUNCER = new Skipped("PgBouncer is not installed");
/** Reads and writes in turn, eight at a time, on the way of an owner. */
async function call(platform: Platform): Promise<Reply[]> {
  const replies: Reply[] = [];
  const lane = async (): Promise<void> => {
    while (replies.length < CALLS) {
      const isWrite = replies.length % 3 === 0;
      const index =
        replies.push({ startedAt: 0, endedAt: 0, status: 0, headers: {}, body: "" }) - 1;
      replies[index] = await platform.ask(
        "/core/agents",
        isWrite ? { method: "POST", body: { name: `pooled ${index}` } } : {},
      );
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, lane));
  return replies;
}

/** A database behind PgBouncer, and how the README tells an operator to start the platform there. */
async function behindPooler(bench: Bench, database: string) {
  const postgres = await bench.postgres();
  const directUrl = await postgres.createDatabase(database);
  const bouncer = await bench.bouncer(postgres);
  const start = (): Promise<Platform> =>
    bench.platform("postgres", {
      databaseUrl: `${bouncer.url(database)}?pgbouncer=true`,
      env: { DATABASE_DIRECT_URL: directUrl },
    });
  return { postgres, start };
}

export const pooler: Fault = {
  name: "pooler",
  bar: "60 calls, eight at a time, through PgBouncer in transaction mode, again after a restart; no lock stays behind",
  databases: ["postgres"],
  run: async (bench) => {
    if (!hasPgBouncer()) return NO_BOUNCER;
    const { postgres, start } = await behindPooler(bench, "pooled");
    const tally = new Tally();
    const platform = await start();
    for (const round of ["first", "after a restart"]) {
      await platform.isWell(WELL_WITHIN_MS);
      for (const reply of await call(platform)) {
        tally.check(reply.status >= 200 && reply.status < 300, `${round}: ${nameOf(reply)}`);
      }
      platform.process.kill("SIGTERM");
      await platform.process.exit;
      if (round === "first") await platform.startAgain();
    }
    const locks = await postgres.query("SELECT 1 FROM pg_locks WHERE locktype = 'advisory'");
    if (locks.length > 0) tally.check(false, `${locks.length} advisory locks left behind`);
    return tally.outcome("calls", "");
  },
};

export const poolerZone: Fault = {
  name: "pooler-zone",
  bar: "behind PgBouncer, a database whose zone is not UTC stores the instants that it was told",
  databases: ["postgres"],
  long: ["postgres"],
  run: async (bench) => {
    if (!hasPgBouncer()) return NO_BOUNCER;
    const { postgres, start } = await behindPooler(bench, "elsewhere");
    await postgres.query(`ALTER DATABASE elsewhere SET timezone = 'Asia/Kathmandu'`);
    const platform = await start();
    await platform.isWell(WELL_WITHIN_MS);
    const replies = await call(platform);
    const rows = await postgres.query<{ name: string; ms: string }>(
      "SELECT name, extract(epoch FROM created_at) * 1000 AS ms FROM agents",
      "elsewhere",
    );
    const stored = new Map(rows.map(({ name, ms }) => [name, Number(ms)]));
    const tally = new Tally();
    let worstHours = 0;
    for (const { status, body } of replies) {
      tally.check(status >= 200 && status < 300, String(status));
      if (status !== 201) continue;
      const { name, created_at } = JSON.parse(body) as { name: string; created_at: string };
      const off = Math.abs((stored.get(name) ?? 0) - Date.parse(created_at));
      worstHours = Math.max(worstHours, off / 3_600_000);
      tally.check(off < 1, "stored as another instant");
    }
    return tally.outcome("answers and instants", `${worstHours.toFixed(2)} h off`);
  },
};
