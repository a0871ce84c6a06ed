import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import {
  DirectoryInUseError,
  lockDirectory,
} from "../../../src/platform/database/directory-lock.js";
import { endsWithUs } from "../../support/children.js";
import { cleanUpProcesses, temporaryDirectory } from "../../support/process.js";

cleanUpProcesses();

/** A process that sees only itself, as one in a container does; what the system allows of it. */
const UNSHARE = [
  ["unshare", "--pid", "--net", "--fork", "--kill-child", "--mount-proc"],
  [
    "unshare",
    "--user",
    "--map-root-user",
    "--pid",
    "--net",
    "--fork",
    "--kill-child",
    "--mount-proc",
  ],
].find(([command = "", ...args]) => spawnSync(command, [...args, "true"]).status === 0);

const HOLD = `
  const { lockDirectory } = await import(process.argv[1]);
  const unlock = await lockDirectory(process.argv[2]).catch((error) => console.log(error.name));
  if (unlock) console.log("held");
  setInterval(() => {}, 60_000);`;

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

/** Another process that takes the directory, and says "held" or why not. */
async function other(
  directory: string,
  prefix: readonly string[] = [],
): Promise<{ child: ChildProcess; says: string }> {
  const lock = new URL("../../../dist/platform/database/directory-lock.js", import.meta.url).href;
  const [command = "", ...args] = [...prefix, process.execPath, "--input-type=module", "-e", HOLD];
  const child = endsWithUs(
    spawn(command, [...args, lock, directory], { stdio: ["ignore", "pipe", "inherit"] }),
  );
  children.push(child);
  const says = await new Promise<string>((resolve, reject) => {
    child.stdout?.once("data", (data: Buffer) => resolve(data.toString().trim()));
    child.once("close", () => reject(new Error("it said nothing")));
  });
  return { child, says };
}

function ended(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve) => child.once("close", resolve));
}

describe("the lock of a directory", () => {
  test("is refused while this process holds it, and free again when it is given back", async () => {
    const directory = await temporaryDirectory();
    const unlock = await lockDirectory(directory);
    await expect(lockDirectory(directory)).rejects.toThrow(DirectoryInUseError);
    await expect(lockDirectory(directory)).rejects.toThrow(`in use by process ${process.pid} `);
    await unlock();
    await (
      await lockDirectory(directory)
    )();
    expect(await readdir(directory)).toEqual([]);
  });

  test("given back twice does not take away the next one's", async () => {
    const directory = await temporaryDirectory();
    const unlock = await lockDirectory(directory);
    await unlock();
    const next = await lockDirectory(directory);
    await unlock();
    await expect(lockDirectory(directory)).rejects.toThrow(DirectoryInUseError);
    await next();
  });

  test("holds in a directory with a path that is too long for a socket", async () => {
    const directory = join(await temporaryDirectory(), "x".repeat(200));
    await mkdir(directory);
    const unlock = await lockDirectory(directory);
    await expect(lockDirectory(directory)).rejects.toThrow(DirectoryInUseError);
    await unlock();
    expect(await readdir(directory)).toEqual([]);
  });

  test.each([
    ["release 0.1.0", ["lock", "lock.takeover"]],
    ["a process of this very number", [`lock.${process.pid}.0000000000000000`]],
    ["one that died before its socket listened", ["lock.1.0000000000000000.new"]],
  ])("left by %s is taken over", async (_name, files) => {
    const directory = await temporaryDirectory();
    for (const file of files) await writeFile(join(directory, file), `${process.pid} 1`);
    await (
      await lockDirectory(directory)
    )();
    expect(await readdir(directory)).toEqual([]);
  });

  test("of release 0.1.0 is respected while its process lives", async () => {
    const directory = await temporaryDirectory();
    const child = endsWithUs(spawn(process.execPath, ["-e", "setInterval(() => {}, 60_000)"]));
    children.push(child);
    const stat = await readFile(`/proc/${child.pid}/stat`, "utf8").catch(() => undefined);
    const start = stat?.split(") ")[1]?.split(" ")[19] ?? "-";
    await writeFile(join(directory, "lock"), `${child.pid} ${start}`);
    const attempt = lockDirectory(directory);
    await expect(attempt).rejects.toThrow(DirectoryInUseError);
    await expect(attempt).rejects.toThrow(`in use by process ${child.pid} `);
    expect(await readdir(directory)).toEqual(["lock"]);
    child.kill("SIGKILL");
    await ended(child);
    await (
      await lockDirectory(directory)
    )();
    expect(await readdir(directory)).toEqual([]);
  });

  test("is held by a process that is stopped, and not by one that was killed", async () => {
    const directory = await temporaryDirectory();
    const { child, says } = await other(directory);
    expect(says).toBe("held");
    child.kill("SIGSTOP");
    await expect(lockDirectory(directory)).rejects.toThrow(DirectoryInUseError);
    child.kill("SIGKILL");
    await ended(child);
    expect(await readdir(directory)).toHaveLength(1);
    await (
      await lockDirectory(directory)
    )();
    expect(await readdir(directory)).toEqual([]);
  });

  test("left by a dead process is had by exactly one of twenty that want it at once", async () => {
    const directory = await temporaryDirectory();
    const { child } = await other(directory);
    child.kill("SIGKILL");
    await ended(child);
    const attempts = await Promise.allSettled(
      Array.from({ length: 20 }, () => lockDirectory(directory)),
    );
    const refused = attempts.filter((attempt) => attempt.status === "rejected");
    expect(refused).toHaveLength(19);
    for (const { reason } of refused) expect(reason).toBeInstanceOf(DirectoryInUseError);
    for (const attempt of attempts) if (attempt.status === "fulfilled") await attempt.value();
  });

  test.runIf(UNSHARE)("holds across containers that share the directory", async () => {
    const directory = await temporaryDirectory();
    const unlock = await lockDirectory(directory);
    expect((await other(directory, UNSHARE)).says).toBe("DirectoryInUseError");
    // Nor did it take the lock away with it.
    await expect(lockDirectory(directory)).rejects.toThrow(DirectoryInUseError);
    await unlock();
    const inside = await other(directory, UNSHARE);
    expect(inside.says).toBe("held");
    await expect(lockDirectory(directory)).rejects.toThrow(DirectoryInUseError);
    expect((await other(directory, UNSHARE)).says).toBe("DirectoryInUseError");
    inside.child.kill("SIGKILL");
    await ended(inside.child);
    await (
      await lockDirectory(directory)
    )();
  });
});
