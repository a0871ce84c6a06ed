import { Tally, seconds, sleep, type Fault } from "./fault.js";

const ROUNDS = 10;
const SHORT_ROUNDS = 2;

/** kill -9 of the platform while it acknowledges writes. */
export const kills: Fault = {
  name: "kill-platform",
  bar: "no acknowledged write is lost, and it starts again",
  databases: ["embedded", "postgres"],
  run: async (bench, database) => {
    const platform = await bench.platform(database);
    const rounds = bench.isShort ? SHORT_ROUNDS : ROUNDS;
    const acknowledged: string[] = [];
    let slowestStart = 0;
    for (let round = 0; round < rounds; round += 1) {
      const load = await bench.load({
        url: platform.url,
        key: platform.key,
        workers: 4,
        requests: [{ path: "/core/agents", write: true }],
        pauseMs: 0,
        prefix: `kill-${round}`,
      });
      // Another moment each time.
      await sleep(300 + Math.random() * 900);
      platform.process.kill("SIGKILL");
      await platform.process.exit;
      acknowledged.push(...(await load.stop()).acknowledged);
      slowestStart = Math.max(slowestStart, await platform.startAgain());
    }
    const kept = await platform.agentNames();
    const tally = new Tally();
    for (const name of acknowledged) tally.check(kept.has(name), "lost");
    if (acknowledged.length < rounds) tally.check(false, "hardly anything was written");
    return tally.outcome(`writes in ${rounds} kills`, `slowest start ${seconds(slowestStart)}`);
  },
};
