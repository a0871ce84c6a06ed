/**
 * `npm run faults`: does to the platform what an operator's life does to it, on this machine alone,
 * and prints what survived. `--app DIR` tries another built checkout with the same faults.
 */
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { endProcessesNow } from "../support/process.js";
import { agentKilled } from "./agents.js";
import { Bench } from "./bench.js";
import { Skipped, seconds, type DatabaseKind, type Fault, type Outcome } from "./fault.js";
import { fullDisk } from "./disk.js";
import { drains } from "./drains.js";
import * as floods from "./floods.js";
import { kills } from "./kills.js";
import { pooler, poolerZone } from "./pooler.js";
import { backendsTerminated, postgresKilled, postgresStopped } from "./postgres-stops.js";
import * as stalls from "./stalls.js";

const FAULTS: readonly Fault[] = [
  kills,
  postgresKilled,
  postgresStopped,
  backendsTerminated,
  stalls.freeze,
  stalls.stopWhileFrozen,
  stalls.lostConnections,
  stalls.lostNetwork,
  stalls.conversationsLocked,
  stalls.widgetsLocked,
  fullDisk,
  floods.aliases,
  floods.repeatedField,
  floods.manyConnections,
  floods.bogusCredentials,
  floods.silence,
  drains,
  pooler,
  poolerZone,
  agentKilled,
];
/** Of one fault on one database; what hangs longer is a fault of its own. */
const PATIENCE_MS = 600_000;

interface Row {
  readonly fault: string;
  readonly database: DatabaseKind;
  readonly bar: string;
  readonly result: "holds" | "FAILS" | "skipped";
  readonly tried: string;
  readonly survived: string;
  readonly worst: string;
  readonly seconds: number;
}

const program = new Command("faults")
  .description(
    "Kills, freezes, floods and starves a platform of its own, and prints what survived.",
  )
  .option(
    "--app <dir>",
    "another built checkout to try",
    fileURLToPath(new URL("../..", import.meta.url)),
  )
  .option("--only <name...>", "these faults alone")
  .option("--short", "the short rows, in at most three minutes")
  .option("--json <file>", "writes the rows there too")
  .option("--list", "prints the faults and what must hold, and does nothing")
  .parse();
const options = program.opts<{
  app: string;
  only?: string[];
  short?: true;
  json?: string;
  list?: true;
}>();

const unknown = options.only?.find((name) => !FAULTS.some((fault) => fault.name === name));
if (unknown) program.error(`There is no fault ${unknown}; --list names them.`);
if (options.list) {
  for (const { name, bar } of FAULTS) say(`${name}: ${bar}`);
  process.exit(0);
}

const bench = new Bench(join(resolve(options.app), "dist", "main.js"), options.short ?? false);
// A fault that is interrupted goes on until we exit, and may have started something more.
process.once("exit", endProcessesNow);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => void bench.clear().finally(() => process.exit(130)));
}

const rows: Row[] = [];
for (const fault of FAULTS) {
  if (options.only && !options.only.includes(fault.name)) continue;
  for (const database of fault.databases) {
    if (!options.only && options.short && fault.long?.includes(database)) continue;
    const row = await tryOne(fault, database);
    rows.push(row);
    process.stderr.write(`${row.result} ${row.fault} (${row.database}), ${row.seconds} s\n`);
  }
}
// At once and at the end: LiveKit's client, which plays a visitor, also writes to our output.
say("\n| fault | database | tried | survived | worst | |\n| --- | --- | --- | ---: | --- | --- |");
for (const { fault, database, tried, survived, worst, result } of rows) {
  const cells = [fault, database, tried, survived, worst.replaceAll("|", "\\|"), result];
  say(`| ${cells.join(" | ")} |`);
}
if (options.json) await writeFile(options.json, `${JSON.stringify(rows, null, 2)}\n`);
const failed = rows.filter(({ result }) => result === "FAILS");
for (const { fault, database, bar } of failed) say(`\n${fault} (${database}) must hold: ${bar}.`);
process.exit(failed.length === 0 ? 0 : 1);

async function tryOne(fault: Fault, database: DatabaseKind): Promise<Row> {
  const begun = Date.now();
  const row = { fault: fault.name, database, bar: fault.bar };
  const outcome = await Promise.race([fault.run(bench, database), patience()]).catch(
    (error: unknown): Outcome => ({
      tried: 1,
      unit: "run",
      survived: 0,
      // The first lines: what follows is the platform's whole output.
      worst: String(error instanceof Error ? error.message : error)
        .slice(0, 300)
        .replaceAll("\n", " "),
    }),
  );
  await bench.clear();
  const took = { seconds: Math.round((Date.now() - begun) / 1000) };
  if (outcome instanceof Skipped) {
    return { ...row, ...took, result: "skipped", tried: "–", survived: "–", worst: outcome.reason };
  }
  const { tried, unit, survived, worst } = outcome;
  return {
    ...row,
    ...took,
    result: tried > 0 && survived === tried ? "holds" : "FAILS",
    tried: `${tried} ${unit}`,
    survived: String(survived),
    worst,
  };
}

function patience(): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(
      () => reject(new Error(`not over after ${seconds(PATIENCE_MS)}`)),
      PATIENCE_MS,
    ).unref();
  });
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
