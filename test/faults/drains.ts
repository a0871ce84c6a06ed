import { nameOf } from "./ask.js";
import { Tally, seconds, sleep, type Fault } from "./fault.js";

const ROUNDS = 20;
const SHORT_ROUNDS = 2;

/** SIGTERM under busy keep-alive clients, which heed no readiness: they go on until nobody listens. */
export const drains: Fault = {
  name: "drain",
  bar: "SIGTERM breaks off no GET and no POST, loses no write, and ends with exit code 0",
  databases: ["embedded", "postgres"],
  run: async (bench, database) => {
    const platform = await bench.platform(database);
    const rounds = bench.isShort ? SHORT_ROUNDS : ROUNDS;
    const tally = new Tally();
    const acknowledged: string[] = [];
    const broken: string[] = [];
    let [requests, slowest] = [0, 0];
    for (let round = 0; round < rounds; round += 1) {
      if (round > 0) await platform.startAgain();
      const load = await bench.load({
        url: platform.url,
        key: platform.key,
        workers: 8,
        requests: [{ path: "/core/agents?limit=1" }, { path: "/core/agents", write: true }],
        pauseMs: 2,
        prefix: `drain-${round}`,
      });
      await sleep(500 + Math.random() * 500);
      const asked = Date.now();
      platform.process.kill("SIGTERM");
      const code = await platform.process.exit;
      slowest = Math.max(slowest, Date.now() - asked);
      const report = await load.stop();
      requests += report.replies.length;
      acknowledged.push(...report.acknowledged);
      broken.push(...report.wrong.map(nameOf));
      tally.check(
        report.wrong.length === 0 && code === 0,
        code === 0 ? "broken off" : `exit ${code}`,
      );
    }
    await platform.startAgain();
    const kept = await platform.agentNames();
    const lost = acknowledged.filter((name) => !kept.has(name)).length;
    if (lost > 0) tally.check(false, `${lost} acknowledged writes lost`);
    const kinds = [...new Set(broken)]
      .map((kind) => `${kind} ×${broken.filter((other) => other === kind).length}`)
      .join(", ");
    return tally.outcome(
      "rounds of SIGTERM under load",
      `${requests} requests${kinds ? `, of which ${kinds}` : ""}; slowest stop ${seconds(slowest)}`,
    );
  },
};
