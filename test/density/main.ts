/**
 * `npm run density`: what talks cost the agent worker, from one to a hundred at a time, with real LiveKit clients on the
 * embedded server. README.md beside it says how to read the table.
 */
import { randomBytes } from "node:crypto";
import { loadavg } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { Command, InvalidArgumentError } from "commander";
import { publishAgent } from "../agent/publish-agent.js";
import {
  endProcesses,
  endProcessesNow,
  ParleyProcess,
  temporaryDirectory,
} from "../support/process.js";
import { Crowd } from "./crowd.js";
import { ownDatabase } from "./own-database.js";
import { workerUsage } from "./worker-usage.js";

/** How long the talks are held, so that the memory is that of talks and not of their beginning. */
const HOLD_MS = 10_000;
const BURST = Infinity;

interface Row {
  readonly kind: "text" | "voice";
  readonly talks: number;
  readonly perSecond: number;
}

const ROWS: readonly Row[] = [
  ...[1, 10, 50, 100].map((talks): Row => ({ kind: "text", talks, perSecond: 4 })),
  { kind: "text", talks: 100, perSecond: BURST },
  ...[1, 5, 10].map((talks): Row => ({ kind: "voice", talks, perSecond: 4 })),
];

const options = new Command("density")
  .description("Measures what talks cost the agent worker.")
  .option("--talks <n>", "one row of so many written talks", positive)
  .option("--voice <n>", "one row of so many spoken talks", positive)
  .option("--rate <n>", "visitors who join a second, in that row; default: 4", positive)
  .option("--burst", "all at once, in that row")
  .parse()
  .opts<{ talks?: number; voice?: number; rate?: number; burst?: boolean }>();

process.once("exit", endProcessesNow);
const perSecond = options.burst ? BURST : (options.rate ?? 4);
const asked: Row[] = [];
if (options.talks) asked.push({ kind: "text", talks: options.talks, perSecond });
if (options.voice) asked.push({ kind: "voice", talks: options.voice, perSecond });

print([
  "talks",
  "joining",
  "join p50/p95",
  "first word p50/p95",
  "answer p50/p95",
  "MB a talk",
  "MB at rest",
  "CPU",
  "load",
]);
const KEY = `ak_density.${randomBytes(24).toString("hex")}`;
for (const row of asked.length > 0 ? asked : ROWS) await measure(row);

/** Each row has a platform and a worker of its own: what an earlier one has grown to is not counted. */
async function measure(row: Row): Promise<void> {
  const database = await ownDatabase();
  try {
    const parley = await ParleyProcess.start({
      APP_SECRET: randomBytes(32).toString("hex"),
      BOOTSTRAP_API_KEY: KEY,
      ...database.env,
      DATA_DIR: await temporaryDirectory(),
      AGENT_MAX_TALKS: String(row.talks + 1),
      TRUST_PROXY: "1",
      LOG_LEVEL: "error",
    });
    await measureOn(parley, row);
  } finally {
    await endProcesses();
    await database.drop();
  }
}

async function measureOn(
  parley: ParleyProcess,
  { kind, talks, perSecond: rate }: Row,
): Promise<void> {
  // PostgreSQL has no demo: the same agent for both databases.
  const text = "Hello, and welcome to Harbour Coffee!";
  const config = { starting_message: { type: "bot_initiates_static", text } };
  const widgetId = await publishAgent(parley, config, {}, KEY);
  await parley.said(/The agent is ready/);
  const first = await Crowd.gather(1);
  const crowd = await Crowd.gather(talks);
  try {
    await first.join(parley.url, widgetId, [0]);
    await first.leave();
    const before = workerUsage(parley.pid);
    const begunMs = performance.now();
    const times = Array.from({ length: talks }, (_, index) => (index * 1000) / rate);
    const { joinMs, firstWordMs } = await crowd.join(parley.url, widgetId, times);
    const answerMs = await crowd.answers(kind);
    await delay(HOLD_MS);
    const after = workerUsage(parley.pid);
    const seconds = (performance.now() - begunMs) / 1000;
    print([
      `${talks} ${kind}`,
      rate === BURST ? "at once" : `${rate}/s`,
      percentiles(joinMs),
      percentiles(firstWordMs),
      percentiles(answerMs),
      ((after.megabytes - before.megabytes) / talks).toFixed(1),
      before.megabytes.toFixed(0),
      `${((100 * (after.cpuSeconds - before.cpuSeconds)) / seconds).toFixed(0)} %`,
      (loadavg()[0] ?? 0).toFixed(1),
    ]);
  } finally {
    first.endNow();
    crowd.endNow();
  }
}

/** In seconds. */
function percentiles(milliseconds: readonly number[]): string {
  const sorted = milliseconds.toSorted((one, other) => one - other);
  const at = (share: number): string =>
    ((sorted[Math.ceil(share * sorted.length) - 1] ?? 0) / 1000).toFixed(2);
  return `${at(0.5)} / ${at(0.95)} s`;
}

function print(cells: readonly string[]): void {
  process.stdout.write(`${cells.map((cell) => cell.padEnd(19)).join("")}\n`);
}

function positive(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1)
    throw new InvalidArgumentError("Not a whole number above 0.");
  return number;
}
