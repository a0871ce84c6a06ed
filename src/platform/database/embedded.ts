import type { PGlite, PGliteOptions } from "@electric-sql/pglite";
import { chmod, mkdir, rename, rm, rmdir, statfs } from "node:fs/promises";
import { resolve } from "node:path";
import { ConfigError } from "../../process/environment.js";
import { unusable } from "../config.js";
import { errorCode } from "../errors.js";
import { damaged, findEmbedded } from "./embedded-directory.js";

const NAME = "The embedded database";
/** PostgreSQL makes its log in files of this size, and cannot begin without one. */
const LOG_BYTES = 16 * 1024 * 1024;

/**
 * Opens the database in `path`, or makes one where there is nothing.
 *
 * @throws ConfigError when what is there cannot be used.
 */
export async function openPGlite(path: string): Promise<PGlite> {
  try {
    if (!(await findEmbedded(path))) await make(path);
  } catch (error) {
    throw error instanceof ConfigError ? error : unusable(NAME, path, error);
  }
  let pglite: PGlite | undefined;
  try {
    pglite = await start(path);
    await checkFiles(pglite, path);
    return pglite;
  } catch (error) {
    await pglite?.close().catch(() => {});
    if (error instanceof ConfigError) throw error;
    throw (await isFull(path)) ? full(path) : damaged(path, "PostgreSQL cannot open it");
  }
}

/** Beside its place, and moved there when it is whole: a start may be interrupted at any moment. */
async function make(path: string): Promise<void> {
  const draft = `${path}.unfinished`;
  // Only we make one of this name, and nothing was ever in it.
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft);
  try {
    await (await start(draft)).close();
  } catch (error) {
    const isDiskFull = await isFull(draft);
    await rm(draft, { recursive: true, force: true });
    throw isDiskFull ? full(path) : error;
  }
  // PGlite lets everybody read and write its files: whoever made DATA_DIR may have let them in there.
  await chmod(draft, 0o700);
  await rmdir(path).catch((error: unknown) => {
    if (errorCode(error) !== "ENOENT") throw error;
  });
  await rename(draft, path);
}

/**
 * Opens one that has no directory and ends with the process.
 *
 * @param loadDataDir what it begins with; empty unless given.
 */
export function inMemoryPGlite(loadDataDir?: Blob): Promise<PGlite> {
  return start(undefined, loadDataDir && { loadDataDir });
}

async function start(path?: string, options?: PGliteOptions): Promise<PGlite> {
  // Imported only here: with PostgreSQL none of it is loaded.
  const { PGlite } = await import("@electric-sql/pglite");
  const { pg_trgm } = await import("@electric-sql/pglite/contrib/pg_trgm");
  return PGlite.create(path, { ...options, extensions: { pg_trgm } });
}

/** PostgreSQL itself finds a lost file only when somebody asks for what was in it. */
async function checkFiles(pglite: PGlite, path: string): Promise<void> {
  const { rows } = await pglite.query<{ file: string }>(`
    SELECT pg_relation_filepath(rel.oid) AS file FROM pg_class AS rel
    CROSS JOIN LATERAL pg_stat_file(pg_relation_filepath(rel.oid), true) AS main
    WHERE rel.relkind IN ('r', 'i', 't', 'm', 'S') AND (main.size IS NULL
      -- An index has a first page from its beginning, a primary key's a second one after the first row.
      OR (rel.relkind = 'i' AND main.size = 0)
      OR (rel.relkind = 'r' AND main.size = 0 AND EXISTS (
        SELECT FROM pg_index AS of_it WHERE of_it.indrelid = rel.oid AND of_it.indisprimary
          AND pg_relation_size(of_it.indexrelid) > current_setting('block_size')::int)))
    LIMIT 1`);
  const [lost] = rows;
  if (lost) throw damaged(path, `${lost.file} is missing or empty`);
}

/** PGlite does not tell why it fails. */
async function isFull(path: string): Promise<boolean> {
  const disk = await statfs(path).catch(() => undefined);
  return disk !== undefined && disk.bavail * disk.bsize < LOG_BYTES;
}

function full(path: string): ConfigError {
  return new ConfigError(`${NAME} cannot be used: the disk of ${resolve(path)} is full.`);
}
