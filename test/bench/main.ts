/**
 * `npm run bench`: how many requests the platform answers beside a baseline that answers the same, by
 * turns on the same machine. README.md beside it says how to read the table.
 */
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Command, InvalidArgumentError } from "commander";
import { endProcessesNow } from "../support/process.js";
import { measure, type Measured } from "./measure.js";
import { twoInstances } from "./rows/instances.js";
import { graphqlPage, graphqlWidget, restWidget } from "./rows/graphql.js";
import { pages } from "./rows/pages.js";
import { loaderScript, publicWidget, publicWidgetKept } from "./rows/public-reads.js";
import { feedback, resume, start, turns } from "./rows/writes.js";
import { Stage } from "./stage.js";

const ROWS = [
  publicWidget,
  publicWidgetKept,
  loaderScript,
  start,
  resume,
  feedback,
  turns,
  twoInstances,
  graphqlWidget,
  graphqlPage,
  restWidget,
  pages,
];

const options = new Command("bench")
  .description("Measures the hot paths beside baselines, on a PostgreSQL of its own.")
  .option("--only <name...>", `these rows alone: ${ROWS.map(({ name }) => name).join(", ")}`)
  .option(
    "--app <dir>",
    "another built checkout to measure",
    fileURLToPath(new URL("../..", import.meta.url)),
  )
  .option("--rounds <n>", "of each row", positive, 3)
  .option("--seconds <n>", "of each side in a round", positive, 5)
  .option("--json <file>", "writes the rows there too")
  .parse()
  .opts<{ app: string; only?: string[]; rounds: number; seconds: number; json?: string }>();

const unknown = options.only?.find((name) => !ROWS.some((row) => row.name === name));
if (unknown) {
  process.stderr.write(`There is no row ${unknown}; --help names them.\n`);
  process.exit(2);
}
process.once("exit", endProcessesNow);

const stage = await Stage.start(join(resolve(options.app), "dist", "main.js"));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => void stage.end().finally(() => process.exit(130)));
}
const measured: Measured[] = [];
try {
  const parley = await stage.parley();
  const atRest = parley.residentMb;
  say(
    "| path | ratio | spread | bar | ours/s | baseline/s | CPU µs, ours | CPU µs, baseline | p99 ms |",
  );
  say("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
  for (const row of ROWS) {
    if (options.only && !options.only.includes(row.name)) continue;
    for (const one of await row.cases(stage)) {
      const result = await measure(one, options);
      measured.push(result);
      say(lineOf(result));
    }
  }
  say(
    `\nmemory: ${atRest.toFixed(0)} MB at rest, ${parley.residentMb.toFixed(0)} MB after the load`,
  );
  if (options.json) {
    const rows = measured.map(({ path, ratio, min, max, bar }) => ({ path, ratio, min, max, bar }));
    await writeFile(options.json, `${JSON.stringify(rows, null, 2)}\n`);
  }
} finally {
  await stage.end();
}
// A ratio below its bar is a result, and no failure: machines differ.
process.exit(0);

function lineOf({ path, ratio, min, max, bar, ours, baseline }: Measured): string {
  const cells = [
    path,
    ratio.toFixed(2),
    `${min.toFixed(2)}–${max.toFixed(2)}`,
    `≥ ${bar}`,
    ours.perSecond.toFixed(0),
    baseline.perSecond.toFixed(0),
    ours.cpuMicroseconds.toFixed(0),
    baseline.cpuMicroseconds.toFixed(0),
    ours.p99Ms.toFixed(0),
  ];
  return `| ${cells.join(" | ")} |`;
}

function positive(text: string): number {
  const number = Number(text);
  if (Number.isFinite(number) && number > 0) return number;
  throw new InvalidArgumentError("It is a number above 0.");
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
