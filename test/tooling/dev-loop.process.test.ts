import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DevLoop } from "../../src/tooling/dev-loop.js";
import { endsWithUs } from "../support/children.js";
import { until } from "../support/process.js";

let directory: string;
let source: string;
let loop: DevLoop;
/** What was built and what began and ended, in order. */
let events: string[];
let programs: ChildProcess[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "parley-dev-"));
  source = join(directory, "source.txt");
  writeFileSync(source, "one");
  events = [];
  programs = [];
  loop = new DevLoop({
    watched: [directory],
    ignored: /generated/,
    build: async () => {
      const text = readFileSync(source, "utf8");
      events.push(`build ${text}`);
      return text !== "broken";
    },
    run: () => {
      const name = readFileSync(source, "utf8");
      const program = endsWithUs(spawn(process.execPath, ["-e", "setInterval(() => {}, 60_000)"]));
      programs.push(program);
      events.push(`run ${name}`);
      program.once("exit", (_code, signal) => events.push(`end ${name} ${signal}`));
      return program;
    },
  });
});
afterEach(async () => {
  await loop.stop();
  rmSync(directory, { recursive: true });
});

async function happened(...expected: string[]): Promise<void> {
  await until(
    () => (expected.every((event) => events.includes(event)) ? true : undefined),
    () => `only ${events.join(", ")}`,
  );
}

test("a change is built, and then the new program takes the old one's place", async () => {
  loop.start();
  await happened("run one");
  writeFileSync(source, "two");
  await happened("run two");
  expect(events).toEqual(["build one", "run one", "build two", "end one SIGINT", "run two"]);
});

test("while a build fails the old program goes on", async () => {
  loop.start();
  await happened("run one");
  writeFileSync(source, "broken");
  await happened("build broken");
  expect(programs[0]?.exitCode ?? programs[0]?.signalCode).toBeNull();
  writeFileSync(source, "two");
  await happened("run two");
  expect(events.slice(-3)).toEqual(["build two", "end one SIGINT", "run two"]);
});

test("a program that ended by itself is started again after the next change", async () => {
  loop.start();
  await happened("run one");
  programs[0]?.kill("SIGKILL");
  await happened("end one SIGKILL");
  writeFileSync(source, "two");
  await happened("run two");
});

test("what the build writes is no change", async () => {
  loop.start();
  await happened("run one");
  writeFileSync(join(directory, "generated.txt"), "by the build");
  writeFileSync(source, "two");
  await happened("run two");
  expect(events.filter((event) => event.startsWith("build"))).toEqual(["build one", "build two"]);
});

test("the end of the loop is the program's end", async () => {
  loop.start();
  await happened("run one");
  const ended = programs[0] && once(programs[0], "exit");
  await loop.stop();
  await ended;
  writeFileSync(source, "two");
  expect(events).toEqual(["build one", "run one", "end one SIGINT"]);
});
