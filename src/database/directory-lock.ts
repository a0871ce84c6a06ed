import { randomUUID } from "node:crypto";
import { link, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";

const TAKEOVER_ATTEMPTS = 100;
const TAKEOVER_WAIT_MS = 20;

/** Two processes in one data directory would damage it, and PGlite itself does not keep them apart. */
export class DirectoryInUseError extends Error {
  override name = "DirectoryInUseError";
}

/**
 * Takes `directory` for this process. A lock left by a killed process is taken over at once, by one
 * of those that want it.
 *
 * @returns a function that gives the directory back.
 * @throws DirectoryInUseError when a living process holds it.
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  const path = join(directory, "lock");
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, `${process.pid} ${await startTime(process.pid)}`);
  try {
    for (let attempt = 0; attempt < TAKEOVER_ATTEMPTS; attempt += 1) {
      if (await create(path, draft)) return () => rm(path, { force: true });
      const holder = await read(path);
      if (holder !== undefined && (await isAlive(holder))) {
        throw new DirectoryInUseError(
          `${resolve(directory)} is in use by process ${holder.split(" ")[0]}. Stop it first, or set DATA_DIR to another directory.`,
        );
      }
      await removeStale(path, draft);
    }
  } finally {
    await rm(draft, { force: true });
  }
  throw new DirectoryInUseError(
    `${resolve(directory)} is being opened by several processes at once.`,
  );
}

/** One process at a time removes a dead one's lock: a second could remove the first one's new lock. */
async function removeStale(path: string, draft: string): Promise<void> {
  const guard = `${path}.takeover`;
  if (!(await create(guard, draft))) {
    const other = await read(guard);
    if (other !== undefined && !(await isAlive(other))) await rm(guard, { force: true });
    await new Promise((done) => setTimeout(done, TAKEOVER_WAIT_MS));
    return;
  }
  try {
    const holder = await read(path);
    if (holder !== undefined && !(await isAlive(holder))) await rm(path, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
}

/** A link appears with its content, where a new file is empty for a moment. @returns false when `path` exists. */
async function create(path: string, draft: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (isCode(error, "EEXIST")) return false;
    throw error;
  }
}

/** @returns undefined when the file has gone. */
async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isCode(error, "ENOENT")) return undefined;
    throw error;
  }
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
