import { execFileSync } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { createLog } from "../../src/process/log.js";
import { temporaryDirectory } from "../support/process.js";

test("the lines of a turn of the event loop are written when it ends, and with a fatal one at once", async () => {
  const file = join(await temporaryDirectory(), "log");
  const descriptor = openSync(file, "a");
  const log = createLog("info", descriptor);
  const written = (): string[] => readFileSync(file, "utf8").match(/"msg":"\w+"/g) ?? [];
  log.info("one");
  log.info("two");
  expect(written()).toEqual([]);
  await turn();
  expect(written()).toEqual(['"msg":"one"', '"msg":"two"']);
  log.info("three");
  log.fatal("four");
  expect(written()).toHaveLength(4);
  closeSync(descriptor);
});

test("who ends in the middle of a turn has written all of its lines", () => {
  const url = new URL("../../src/process/log.ts", import.meta.url).href;
  const program = `
    const { createLog } = await import(${JSON.stringify(url)});
    createLog("info").info("the last word");
    process.exit(0);
  `;
  const args = ["--import", "tsx", "--input-type", "module", "--eval", program];
  expect(execFileSync(process.execPath, args, { encoding: "utf8" })).toContain("the last word");
});
