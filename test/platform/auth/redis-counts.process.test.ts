import { Writable } from "node:stream";
import { createClient } from "@redis/client";
import { pino, type Logger } from "pino";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CallCounter, Count } from "../../../src/platform/auth/call-counter.js";
import { RedisCounts } from "../../../src/platform/auth/redis-counts.js";
import { OperatorError } from "../../../src/process/operator-error.js";
import { mayUseRedis, Redis } from "../../support/redis.js";

const PATIENT = { timeout: 30_000 };

let redis: Redis;
const open: RedisCounts[] = [];
beforeEach(async () => {
  if (mayUseRedis) redis = await Redis.start();
});
afterEach(async () => {
  for (const counts of open.splice(0)) counts.close();
  await redis.stop();
});

/** An instance, and what it says. */
async function instance(): Promise<{ counter: CallCounter; said: string[] }> {
  const said: string[] = [];
  const counts = await RedisCounts.open(redis.url(), logInto(said));
  open.push(counts);
  return { counter: counts.counter("start", 60), said };
}

function logInto(said: string[]): Logger {
  const write = (line: unknown, _encoding: string, done: () => void): void => {
    const { msg } = JSON.parse(String(line)) as { msg: string };
    said.push(msg.split(":")[0] ?? "");
    done();
  };
  return pino(new Writable({ write }));
}

/** How many of `calls` at once, by turns at both, are let through. */
async function letThrough(
  counters: readonly CallCounter[],
  calls: number,
  allowed: number,
): Promise<number> {
  const counted = await Promise.all(
    Array.from({ length: calls }, (_, n) => counters[n % counters.length]?.count("ada", allowed)),
  );
  return counted.filter((count) => count?.isOver === false).length;
}

describe.runIf(mayUseRedis)("instances that count in Redis", () => {
  test("count together, and exactly", async () => {
    const counters = [(await instance()).counter, (await instance()).counter];
    expect(await letThrough(counters, 50, 20)).toBe(20);
    // What was refused used up nothing.
    expect(await letThrough(counters, 10, 21)).toBe(1);
    const more = await counters[0]?.count("ada", 22);
    expect(more).toMatchObject({ calls: 22, isOver: false });
    expect(more?.msLeft).toBeGreaterThan(0);
    expect(more?.msLeft).toBeLessThanOrEqual(60_000);
    expect(await counters[1]?.count("somebody", 1)).toMatchObject({ calls: 1, isOver: false });
  });

  test("begin a new window when its time is over, and keep nothing of the one before", async () => {
    const counts = await RedisCounts.open(redis.url(), logInto([]));
    open.push(counts);
    const short = counts.counter("start", 0.05);
    await short.count("ada", 1);
    await expect.poll(async () => (await short.count("ada", 1)).isOver, PATIENT).toBe(false);
    const client = createClient({ url: redis.url() });
    await client.connect();
    await expect.poll(() => client.dbSize(), PATIENT).toBe(0);
    client.destroy();
  });

  test("need no script to be left there", async () => {
    const { counter, said } = await instance();
    const client = createClient({ url: redis.url() });
    await client.connect();
    await counter.count("ada", 5);
    await client.scriptFlush();
    expect(await counter.count("ada", 5)).toMatchObject({ calls: 2 });
    expect(said).toEqual([]);
    client.destroy();
  });

  test.each<[string, () => unknown, () => unknown]>([
    ["was killed", () => redis.stop(), () => redis.run()],
    ["hangs", () => redis.freeze(), () => redis.thaw()],
  ])("go on alone while it %s, say so once, and count together again", async (_, go, come) => {
    const [one, other] = [await instance(), await instance()];
    await letThrough([one.counter, other.counter], 2, 5);
    await go();
    // Each has five of its own, and nobody waits for what does not come.
    expect(await letThrough([one.counter], 6, 5)).toBe(5);
    expect(await letThrough([other.counter], 6, 5)).toBe(5);
    // From then on without so much as a promise.
    expect(one.counter.count("ada", 5)).toMatchObject({ isOver: true });
    expect([one.said, other.said]).toEqual([["Redis is away"], ["Redis is away"]]);
    await come();
    for (const { said } of [one, other]) {
      await expect.poll(() => said, PATIENT).toEqual(["Redis is away", "Redis is back"]);
    }
    const before = await one.counter.count("bob", 5);
    const after: Count = await other.counter.count("bob", 5);
    expect([before.calls, after.calls]).toEqual([1, 2]);
  });

  test("start without it, and count together once it is there", async () => {
    await redis.stop();
    const { counter, said } = await instance();
    expect(counter.count("ada", 1)).toMatchObject({ calls: 1 });
    await redis.run();
    await expect.poll(() => said, PATIENT).toEqual(["Redis is away", "Redis is back"]);
  });

  test("do not start where they are not let in: one sentence says why, without the password", async () => {
    await redis.stop();
    await redis.run("--requirepass", "sesame");
    const refused = async (url: string): Promise<string> =>
      RedisCounts.open(url, logInto([])).then(
        () => "let in",
        (error: unknown) => {
          expect(error).toBeInstanceOf(OperatorError);
          return String(error instanceof Error && error.message);
        },
      );
    expect(await refused(redis.url(0, "wrong-one"))).toBe(
      'REDIS_URL cannot be used: Redis says "WRONGPASS invalid username-password pair or user is disabled.".',
    );
    expect(await refused(redis.url())).toMatch(/^REDIS_URL cannot be used: Redis says "NOAUTH /);
    expect(await refused(redis.url(999, "sesame"))).toMatch(/: Redis says "ERR DB index/);
    expect(await refused(redis.url(3, "sesame"))).toBe("let in");
  });
});
