import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { embeddedHandle } from "../../src/platform/database/client.js";
import { inMemoryPGlite } from "../../src/platform/database/embedded.js";
import { migrate } from "../../src/platform/database/migrate.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const CACHE = join(ROOT, "node_modules", ".cache", "parley-test-template");
/** What decides how a migrated, empty database looks. */
const SOURCES = [
  "prisma",
  "src/platform/database",
  "test/support/embedded-template.ts",
  // PGlite's version, and the schema engine's.
  "package-lock.json",
];
/** A run takes minutes, and may be cloning an earlier one. */
const HOUR_MS = 60 * 60 * 1000;

/**
 * A migrated, empty embedded database as a file, which test files clone. Made by the first run after
 * a change: it takes longer than most tests.
 *
 * @returns the path of the dump.
 */
export async function embeddedTemplate(): Promise<string> {
  const dump = join(CACHE, `${await fingerprint()}.tar`);
  await mkdir(CACHE, { recursive: true });
  if (!existsSync(dump)) {
    // In one step, since another run may be at it too.
    const draft = `${dump}.${process.pid}`;
    await writeFile(draft, await makeDump());
    await rename(draft, dump);
  }
  await utimes(dump, new Date(), new Date());
  await forgetOld();
  return dump;
}

async function makeDump(): Promise<Buffer> {
  const pglite = await inMemoryPGlite();
  const handle = await embeddedHandle(pglite);
  await migrate(handle);
  const dump = Buffer.from(await (await pglite.dumpDataDir("none")).arrayBuffer());
  await handle.close();
  return dump;
}

/** Removes what no run can be using any more. */
async function forgetOld(): Promise<void> {
  for (const name of await readdir(CACHE)) {
    const path = join(CACHE, name);
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs > HOUR_MS) await rm(path, { force: true });
  }
}

async function fingerprint(): Promise<string> {
  const hash = createHash("sha256");
  for (const source of SOURCES) {
    for (const file of await filesOf(join(ROOT, source))) {
      hash.update(file).update(await readFile(file));
    }
  }
  return hash.digest("hex").slice(0, 16);
}

async function filesOf(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const names = (await readdir(path)).filter((name) => name !== "generated");
  const files = await Promise.all(names.toSorted().map((name) => filesOf(join(path, name))));
  return files.flat();
}
