import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { DirectoryInUseError, lockDirectory } from "../../src/database/directory-lock.js";
import { cleanUpProcesses, temporaryDirectory } from "../support/process.js";

cleanUpProcesses();

describe("the lock of a directory", () => {
  test("is refused while this process holds it, and free again when it is given back", async () => {
    const directory = await temporaryDirectory();
    const unlock = await lockDirectory(directory);
    await expect(lockDirectory(directory)).rejects.toThrow(DirectoryInUseError);
    await unlock();
    await (
      await lockDirectory(directory)
    )();
    expect(await readdir(directory)).toEqual([]);
  });

  test.each([
    ["a dead process", "999999999 1"],
    ["an earlier process of a number that is in use again", `${process.pid} 1`],
    ["nobody: an empty file", ""],
    ["nonsense", "x"],
  ])("left by %s is taken over", async (_name, holder) => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, "lock"), holder);
    await (
      await lockDirectory(directory)
    )();
    expect(await readdir(directory)).toEqual([]);
  });

  test("left by a process that was killed while it took a lock over is taken over too", async () => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, "lock"), "999999999 1");
    await writeFile(join(directory, "lock.takeover"), "999999998 1");
    await (
      await lockDirectory(directory)
    )();
    expect(await readdir(directory)).toEqual([]);
  });

  test("left by a dead process is had by exactly one of twenty that want it at once", async () => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, "lock"), "999999999 1");
    const attempts = await Promise.allSettled(
      Array.from({ length: 20 }, () => lockDirectory(directory)),
    );
    const refused = attempts.filter((attempt) => attempt.status === "rejected");
    expect(refused).toHaveLength(19);
    for (const { reason } of refused) expect(reason).toBeInstanceOf(DirectoryInUseError);
  });
});
