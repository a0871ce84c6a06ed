import { connect } from "node:net";
import { isRightAnswer, nameOf, watch, waitOf, worstWait, type Reply } from "./ask.js";
import { Tally, seconds, sleep, type Fault } from "./fault.js";
import type { Platform } from "./platform.js";

/** Of a visitor who has nothing to do with the flood, and of healthz: a second is promised. */
const NEIGHBOUR_MS = 2000;
const HEALTHZ_MS = 1500;
/** The flood itself takes half of the machine: a second is what is left of this on a whole one. */
const FLOODED_HEALTHZ_MS = 4000;
/** A verified credential keeps a place in a flood, not its usual speed. */
const RESERVE_MS = 10_000;
/** Another client than the rest: limits count by address. */
const ATTACKER = "127.0.0.66";

/** Asks for `query` as a stranger from another address. */
function flood(platform: Platform, query: string): Promise<Reply> {
  return platform.askAsStranger("/graphql", {
    method: "POST",
    body: { query },
    localAddress: ATTACKER,
    timeoutMs: 90_000,
  });
}

function checkQuick(tally: Tally, who: string, replies: readonly Reply[], ms: number): void {
  for (const reply of replies) {
    tally.check(
      reply.status === 200 && waitOf(reply) <= ms,
      `${who} ${reply.status === 200 ? "late" : nameOf(reply)}`,
    );
  }
}

export const aliases: Fault = {
  name: "flood-aliases",
  bar: "8 documents of 290 public lists each leave another visitor his answers within 2 s",
  databases: ["postgres", "embedded"],
  long: ["embedded"],
  run: async (bench, database) => {
    const platform = await bench.platform(database);
    const widgetId = await platform.makeWidget();
    const fields = Array.from(
      { length: 290 },
      (_, i) => `a${i}:publicConversations(widgetId:"${widgetId}"){nodes{id}}`,
    );
    const query = `{${fields.join(" ")}}`;
    const attack = Promise.all(Array.from({ length: 8 }, () => flood(platform, query)));
    const [replies, visitor, health] = await Promise.all([
      attack,
      watch(
        `${platform.url}/core/public/web-widgets/${widgetId}`,
        Promise.all([attack, sleep(4000)]),
        { timeoutMs: 15_000 },
      ),
      watch(`${platform.url}/healthz`, Promise.all([attack, sleep(4000)]), { timeoutMs: 15_000 }),
    ]);
    const tally = new Tally();
    checkQuick(tally, "visitor", visitor, NEIGHBOUR_MS);
    checkQuick(tally, "healthz", health, HEALTHZ_MS);
    return tally.outcome(
      "answers to others",
      `visitor ${seconds(worstWait(visitor))}, healthz ${seconds(worstWait(health))}; the flood got ${[...new Set(replies.map(nameOf))].join(", ")}`,
    );
  },
};

export const repeatedField: Fault = {
  name: "flood-fields",
  bar: "a document that asks 1,200 times for the same field leaves healthz its answer within 1 s",
  databases: ["postgres"],
  run: async (bench, database) => {
    const platform = await bench.platform(database);
    const query = `{${"me{id}".repeat(1200)}}`;
    await platform.askAsStranger("/healthz");
    const attack = Promise.all([1, 2, 3, 4].map(() => flood(platform, query)));
    const [replies, health] = await Promise.all([
      attack,
      watch(`${platform.url}/healthz`, Promise.all([attack, sleep(2000)]), { timeoutMs: 60_000 }),
    ]);
    const tally = new Tally();
    checkQuick(tally, "healthz", health, HEALTHZ_MS);
    return tally.outcome(
      "answers to others",
      `healthz ${seconds(worstWait(health))}; the flood got ${[...new Set(replies.map(nameOf))].join(", ")}`,
    );
  },
};

export const manyConnections: Fault = {
  name: "flood-connections",
  bar: "256 busy connections leave healthz, on a new one, its answer within 1 s, and a verified key its own",
  databases: ["embedded", "postgres"],
  long: ["postgres"],
  run: async (bench, database) => {
    const platform = await bench.platform(database);
    const widgetId = await platform.makeWidget();
    const load = await bench.load({
      url: platform.url,
      workers: 256,
      requests: [{ path: `/core/public/web-widgets/${widgetId}` }],
      pauseMs: 0,
      prefix: "flood",
      addresses: 64,
    });
    // The first seconds are the machine's, which has never run this code before.
    await sleep(4000);
    const over = sleep(bench.isShort ? 5000 : 12_000);
    const [health, owner] = await Promise.all([
      watch(`${platform.url}/healthz`, over, { timeoutMs: 15_000 }),
      watch(`${platform.url}/core/agents?limit=1`, over, { key: platform.key, timeoutMs: 15_000 }),
    ]);
    const report = await load.stop();
    const tally = new Tally();
    checkQuick(tally, "healthz", health, FLOODED_HEALTHZ_MS);
    checkQuick(tally, "verified key", owner, RESERVE_MS);
    const wrong = report.replies.filter(
      (reply) => !isRightAnswer(reply) && reply.status !== 429,
    ).length;
    if (wrong > 0) tally.check(false, `the flood got ${report.failuresInWords}`);
    return tally.outcome(
      "answers to others",
      `healthz ${seconds(worstWait(health))}, verified key ${seconds(worstWait(owner))}, ${report.replies.length} answers to the flood`,
    );
  },
};

export const bogusCredentials: Fault = {
  name: "flood-credentials",
  bar: "a flood of wrong keys from one's own address leaves a right one its answers",
  databases: ["postgres"],
  long: ["postgres"],
  run: async (bench, database) => {
    const platform = await bench.platform(database);
    const over = sleep(bench.isShort ? 4000 : 10_000);
    const load = await bench.load({
      url: platform.url,
      key: `${platform.key.split(".")[0]}.${"0".repeat(64)}`,
      workers: 32,
      requests: [{ path: "/core/agents" }],
      pauseMs: 0,
      prefix: "bogus",
    });
    const owner = await watch(`${platform.url}/core/agents?limit=1`, over, {
      key: platform.key,
      timeoutMs: 15_000,
    });
    const report = await load.stop();
    const tally = new Tally();
    checkQuick(tally, "right key", owner, NEIGHBOUR_MS * 2);
    const letIn = report.replies.filter(({ status }) => status === 200).length;
    if (letIn > 0) tally.check(false, "a wrong key was let in");
    return tally.outcome(
      "answers to the right key",
      `${seconds(worstWait(owner))}; the flood got ${report.failuresInWords}`,
    );
  },
};

/** How long a connection may say nothing, or dribble. */
const SILENCE_MS = 45_000;

export const silence: Fault = {
  name: "silent-connections",
  bar: "who says nothing, or one byte a second, is cut off within 45 s, and others are answered meanwhile",
  databases: ["postgres"],
  long: ["postgres"],
  run: async (bench, database) => {
    const platform = await bench.platform(database);
    const port = Number(new URL(platform.url).port);
    const head = "POST /core/agents HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
    const kinds: Record<string, { first: string; drip: string }> = {
      silent: { first: "", drip: "" },
      "slow head": { first: head, drip: "X: y\r\n" },
      "slow body": {
        first: `${head}Authorization: Bearer ${platform.key}\r\nContent-Length: 10000\r\n\r\n{`,
        drip: " ",
      },
    };
    const begun = Date.now();
    const lives = Object.entries(kinds).flatMap(([kind, { first, drip }]) =>
      Array.from({ length: 40 }, async () => {
        const socket = connect(port, "127.0.0.1");
        bench.atEnd(() => void socket.destroy());
        const closed = new Promise<number>((resolve) =>
          socket.once("close", () => resolve(Date.now() - begun)),
        );
        socket.on("error", () => {});
        socket.resume();
        socket.write(first);
        const dripping = setInterval(() => void (drip && socket.write(drip)), 1000);
        const life = await Promise.race([closed, sleep(SILENCE_MS).then(() => Infinity)]);
        clearInterval(dripping);
        return { kind, life };
      }),
    );
    const all = Promise.all(lives);
    const owner = await watch(`${platform.url}/core/agents?limit=1`, all, {
      key: platform.key,
      timeoutMs: 15_000,
    });
    const tally = new Tally();
    for (const { kind, life } of await all) tally.check(life < SILENCE_MS, `${kind} stays`);
    checkQuick(tally, "others", owner, NEIGHBOUR_MS * 2);
    const longest = (wanted: string, of: readonly { kind: string; life: number }[]): string => {
      const life = Math.max(...of.flatMap(({ kind, life: ms }) => (kind === wanted ? [ms] : [])));
      return `${wanted} ${Number.isFinite(life) ? seconds(life) : "for ever"}`;
    };
    const ended = await all;
    return tally.outcome(
      "connections and answers",
      Object.keys(kinds)
        .map((kind) => longest(kind, ended))
        .join(", "),
    );
  },
};
