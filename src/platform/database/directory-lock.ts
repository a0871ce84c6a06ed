/**
 * Ours, for proper-lockfile goes by a file's time: a holder that is stopped or starved loses its lock while it still
 * writes, and a dead one keeps it for a while.
 */
import { randomBytes } from "node:crypto";
import { open, readdir, readFile, rename, rm } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { errorCode } from "../errors.js";
import { OperatorError } from "../../process/operator-error.js";

const ATTEMPTS = 8;
const FIRST_PAUSE_MS = 10;
/** A holder's socket answers this; a process that is still checking answers nothing. */
const HELD = "held";
/** A file in which 0.1.0 said who has the directory: "<process> <its start>", or "-" where there is no /proc. */
const OLD_LOCK = "lock";
/** A process that is too busy to say anything, or stopped, is believed to have it. */
const ANSWER_MS = 1_000;
/** A socket's path has 104 bytes on macOS, 108 on Linux; a longer one would be cut without a word. */
const MAX_SOCKET_PATH = 103;

/** Two processes in one data directory would damage it, and PGlite itself does not keep them apart. */
export class DirectoryInUseError extends OperatorError {
  override name = "DirectoryInUseError";
}

/**
 * Takes `directory` for this process. The lock is a listening socket in it: the kernel ends it with
 * its process, however that dies, and knows it from every container of this machine.
 *
 * @returns a function that gives the directory back.
 * @throws DirectoryInUseError when a living process holds it; the system's error when the directory is unusable.
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  let other: Other | undefined;
  for (let attempt = 0; attempt < ATTEMPTS && !other?.holds; attempt += 1) {
    // The other is only checking too: everybody backs off for a random time.
    if (attempt > 0) await delay(Math.random() * FIRST_PAUSE_MS * 2 ** attempt);
    const own = await publish(directory);
    if (!own) continue;
    // Everybody publishes first and looks then, so that of two at least one sees the other.
    other = await livingOther(directory, own.name);
    if (!other) {
      own.hold();
      return own.withdraw;
    }
    await own.withdraw();
  }
  throw new DirectoryInUseError(
    `${resolve(directory)} is in use by process ${other?.pid ?? "unknown"} (of its own container, if it runs in one). Stop it first, or set DATA_DIR to another directory.`,
  );
}

interface Other {
  readonly pid: string | undefined;
  readonly holds: boolean;
}

/**
 * A name that is never used again, and appears only once its socket listens: one that does not
 * answer is dead for good, and anybody may remove it.
 *
 * @returns undefined when another process removed our socket as dead before it listened.
 */
async function publish(
  directory: string,
): Promise<{ name: string; hold: () => void; withdraw: () => Promise<void> } | undefined> {
  const name = `lock.${process.pid}.${randomBytes(8).toString("hex")}`;
  const draft = `${name}.new`;
  let says = "";
  // A looker may be gone before it is answered.
  const server = createServer((socket) => socket.on("error", () => {}).end(says));
  await withSocketPath(directory, draft, (path) => listen(server, path));
  // The lock alone keeps no process alive.
  server.unref();
  const withdraw = async (): Promise<void> => {
    await rm(join(directory, name), { force: true });
    await new Promise((done) => server.close(done));
  };
  try {
    await rename(join(directory, draft), join(directory, name));
  } catch (error) {
    await withdraw();
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
  const hold = (): void => void (says = HELD);
  return { name, hold, withdraw };
}

/** Removes what the dead left. @returns a living one, before all one that holds. */
async function livingOther(directory: string, own: string): Promise<Other | undefined> {
  let living: Other | undefined;
  for (const name of await readdir(directory)) {
    if (name === own || !/^lock(\.|$)/.test(name)) continue;
    const [pid, state] =
      name === OLD_LOCK
        ? await readOldLock(join(directory, name))
        : [name.split(".")[1], await withSocketPath(directory, name, stateOf)];
    if (state === "holds") return { pid, holds: true };
    if (state === "looks") living = { pid, holds: false };
    else await rm(join(directory, name), { force: true });
  }
  return living;
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((done, fail) => {
    server.once("error", fail);
    server.listen(path, () => done());
  });
}

/** The kernel connects us also while the process behind the socket is busy or stopped. */
function stateOf(path: string): Promise<"holds" | "looks" | "dead"> {
  return new Promise((done) => {
    let said = "";
    const socket = connect(path).setEncoding("utf8").setTimeout(ANSWER_MS);
    socket.on("data", (text: string) => (said += text));
    socket.on("timeout", () => {
      said = HELD;
      socket.destroy();
    });
    // What cannot be asked, such as another user's, is not taken for dead.
    socket.on("error", (error) => {
      const dead = ["ECONNREFUSED", "ENOENT", "ENOTSOCK"].includes(errorCode(error) ?? "");
      done(dead ? "dead" : "holds");
    });
    socket.on("close", () => done(said === HELD ? "holds" : "looks"));
  });
}

/** A process's number alone may be another's by now; with its start it is one process. */
async function readOldLock(path: string): Promise<[pid: string, "holds" | "dead"]> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    // Somebody else took it over.
    if (errorCode(error) === "ENOENT") return "";
    throw error;
  });
  const [pid = "", start] = text.split(" ");
  if (!/^[1-9]\d*$/.test(pid)) return [pid, "dead"];
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    if (errorCode(error) === "ESRCH") return [pid, "dead"];
  }
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  // Fields 3 and 22, counted from behind the program's name, which may have anything in it.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  const isZombie = fields?.[0] === "Z";
  return [pid, start === (fields?.[19] ?? "-") && !isZombie ? "holds" : "dead"];
}

/** Linux reaches a file in an open directory by a short path, whatever the directory's own. */
async function withSocketPath<T>(
  directory: string,
  name: string,
  work: (path: string) => Promise<T>,
): Promise<T> {
  const plain = join(directory, name);
  if (Buffer.byteLength(plain) <= MAX_SOCKET_PATH) return work(plain);
  if (process.platform !== "linux") {
    throw Object.assign(new Error("the path is too long for a socket"), { code: "ENAMETOOLONG" });
  }
  const handle = await open(directory, "r");
  try {
    return await work(`/proc/self/fd/${handle.fd}/${name}`);
  } finally {
    await handle.close();
  }
}
