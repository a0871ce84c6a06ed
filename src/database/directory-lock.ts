import { readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";

/** Two processes in one data directory would damage it, and PGlite itself does not keep them apart. */
export class DirectoryInUseError extends Error {
  override name = "DirectoryInUseError";
}

/**
 * Takes `directory` for this process. A lock left by a killed process is taken over at once.
 *
 * @returns a function that gives the directory back.
 * @throws DirectoryInUseError when a living process holds it.
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  const path = join(directory, "lock");
  const mine = `${process.pid} ${await startTime(process.pid)}`;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      await writeFile(path, mine, { flag: "wx" });
      return () => rm(path, { force: true });
    } catch (error) {
      if (!isCode(error, "EEXIST")) throw error;
    }
    const holder = await readFile(path, "utf8").catch(() => "");
    if (await isAlive(holder)) {
      throw new DirectoryInUseError(
        `${resolve(directory)} is in use by process ${holder.split(" ")[0]}. Stop it first, or set DATA_DIR to another directory.`,
      );
    }
    await rm(path, { force: true });
  }
  throw new DirectoryInUseError(
    `${resolve(directory)} is being opened by several processes at once.`,
  );
}

/** A process number alone may have been given to somebody else since; with its start time it is one process. */
async function isAlive(holder: string): Promise<boolean> {
  const [pidText = "", started = ""] = holder.trim().split(" ");
  const pid = Number(pidText);
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (isCode(error, "ESRCH")) return false;
  }
  return (await startTime(pid)) === started;
}

/** Field 22 of /proc/<pid>/stat; "-" where there is no /proc, so that liveness alone decides. */
async function startTime(pid: number): Promise<string> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "-";
  } catch {
    return "-";
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
