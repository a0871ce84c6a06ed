import { existsSync } from "node:fs";
import { mkdir, readdir, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { ConfigError } from "../process/environment.js";
import { unusable } from "./config.js";

/** What we make in `DATA_DIR`: the locks, the embedded database, the secrets. */
const OURS = /^(lock(\..*)?|database|database\.unfinished|secrets\.json(\..*)?)$/;
/** What a file system of its own brings with it. */
const OF_THE_SYSTEM = "lost+found";

/**
 * Makes `dataDir` where there is nothing yet.
 *
 * @throws ConfigError when it cannot be used, or has nothing in it but somebody else's files.
 */
export async function prepareDataDir(dataDir: string): Promise<void> {
  let names: string[];
  try {
    await makeDirectory(resolve(dataDir));
    names = await readdir(dataDir);
  } catch (error) {
    throw unusable("DATA_DIR", dataDir, error);
  }
  const others = names.filter((name) => name !== OF_THE_SYSTEM);
  if (others.length > 0 && !others.some((name) => OURS.test(name))) {
    throw new ConfigError(
      `DATA_DIR cannot be used: ${resolve(dataDir)} has other files in it, and nothing of ours. Name a directory that is empty, or does not exist yet.`,
    );
  }
}

/** Node's own way never ends where a parent exists and takes no directory, as in /proc. */
async function makeDirectory(path: string): Promise<void> {
  // What is there is no directory, or one that may not be made: the next step says so.
  if (existsSync(path)) return;
  const parent = dirname(path);
  if (!existsSync(parent)) await makeDirectory(parent);
  await mkdir(path, { mode: 0o700 }).catch(async (error: unknown) => {
    // Another instance was first.
    if (!(await stat(path).catch(() => undefined))?.isDirectory()) throw error;
  });
}
