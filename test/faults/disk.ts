import { spawnSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { open, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { temporaryDirectory } from "../support/process.js";
import { isRightAnswer, nameOf, type Reply } from "./ask.js";
import type { Bench } from "./bench.js";
import { Skipped, Tally, seconds, sleep, type Fault } from "./fault.js";
import type { Platform } from "./platform.js";
import { WELL_WITHIN_MS } from "./postgres-stops.js";

const SIZE_MB = 160;
const WRITES = 40;
/** The platform is killed when it does not stop: an embedded database may be beyond that. */
const STOP_MS = 45_000;

/** A small disk of its own. @returns undefined when this user may not mount one. */
async function mountDisk(bench: Bench): Promise<string | undefined> {
  const directory = await temporaryDirectory();
  const options = ["-t", "tmpfs", "-o", `size=${SIZE_MB}m`, "tmpfs", directory];
  if (spawnSync("mount", options).status !== 0) return undefined;
  // Lazily: whoever still has a file open there is about to end.
  bench.atEnd(() => void spawnSync("umount", ["-l", directory]));
  chmodSync(directory, 0o755);
  return directory;
}

/** Leaves no byte free. @returns what frees the space again. */
async function fill(disk: string): Promise<() => Promise<void>> {
  const path = join(disk, "filler");
  const file = await open(path, "w");
  const block = Buffer.alloc(64 * 1024);
  try {
    for (;;) await file.write(block);
  } catch {
    // The disk is full, to the last block.
    const { bavail, bsize } = await statfs(disk);
    await file.write(Buffer.alloc(bavail * bsize)).catch(() => {});
  } finally {
    await file.close();
  }
  return () => rm(path);
}

/** Big rows: the free room in the pages that a table has already would take small ones for long. */
async function write(platform: Platform, round: string): Promise<{ name: string; reply: Reply }[]> {
  const answers: { name: string; reply: Reply }[] = [];
  for (let index = 0; index < WRITES; index += 1) {
    const name = `${round} ${index}`;
    const padding = Array.from({ length: 900 }, () => Math.random().toString(36)).join("");
    const body = { name, metadata: { padding: padding.slice(0, 15_000) } };
    const reply = await platform.ask("/core/agents", { method: "POST", body, timeoutMs: 20_000 });
    answers.push({ name, reply });
  }
  return answers;
}

export const fullDisk: Fault = {
  name: "full-disk",
  bar: "503 and not 500, readyz says so, no acknowledged write is lost, well within 10 s of space",
  databases: ["postgres", "embedded"],
  run: async (bench, database) => {
    const disk = await mountDisk(bench);
    if (!disk) return new Skipped("no disk may be mounted here: it needs root");
    const platform =
      database === "postgres"
        ? await bench.platform(database, {
            databaseUrl: (await bench.postgres({ mounted: disk })).url(),
          })
        : await bench.platform(database, { env: { DATA_DIR: join(disk, "data") } });
    const tally = new Tally();
    const before = await write(platform, "before");
    for (const { reply } of before) tally.check(reply.status === 201, `before: ${nameOf(reply)}`);
    const makeRoom = await fill(disk);
    const during = await write(platform, "during");
    for (const { reply } of during) tally.check(isRightAnswer(reply), `full: ${nameOf(reply)}`);
    const refused = during.filter(({ reply }) => reply.status !== 201).length;
    if (refused === 0) tally.check(false, "the disk was not full");
    const ready = await platform.askAsStranger("/readyz", { timeoutMs: 5000 });
    tally.check(ready.status === 503, `full: readyz ${nameOf(ready)}`);
    await makeRoom();
    const roomAt = Date.now();
    let after = await platform.ask("/core/agents", { method: "POST", body: { name: "after" } });
    while (after.status !== 201 && Date.now() - roomAt < WELL_WITHIN_MS) {
      await sleep(250);
      after = await platform.ask("/core/agents", {
        method: "POST",
        body: { name: "after" },
        timeoutMs: 5000,
      });
    }
    const recovery = after.endedAt - roomAt;
    tally.check(after.status === 201, `with space again: ${nameOf(after)}`);
    const readyAgain = await platform.askAsStranger("/readyz", { timeoutMs: 5000 });
    tally.check(readyAgain.status === 200, `with space again: readyz ${nameOf(readyAgain)}`);
    // Nothing but what is on the disk counts.
    platform.process.kill("SIGTERM");
    if ((await Promise.race([platform.process.exit, sleep(STOP_MS)])) === undefined) {
      tally.check(false, "does not stop");
      platform.process.killGroup();
    }
    await platform.startAgain();
    const kept = await platform.agentNames();
    for (const { name, reply } of [...before, ...during]) {
      if (reply.status === 201) tally.check(kept.has(name), "an acknowledged write lost");
    }
    return tally.outcome(
      "answers",
      `${refused} of ${WRITES} writes refused, well after ${seconds(recovery)}`,
    );
  },
};
