import { constants } from "node:fs";
import { access, open, readdir, readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { ConfigError } from "../../process/environment.js";
import { unusable } from "../config.js";
import { errorCode } from "../errors.js";

const NAME = "The embedded database";
/** PGlite's PostgreSQL, and the layout of its `global/pg_control`. */
const VERSION = "18";
const CONTROL = { bytes: 8192, version: 1800 } as const;
const PAGE_BYTES = 8192;
/** `pg_control`'s state after an orderly end: no page is half written then. */
const SHUT_DOWN = 1;

/** PostgreSQL refuses to start without one of these, empty or not: a copy may have lost the empty ones. */
const DIRECTORIES = [
  "base",
  "base/1",
  "base/4",
  "base/5",
  "global",
  "pg_commit_ts",
  "pg_dynshmem",
  "pg_logical",
  "pg_logical/mappings",
  "pg_logical/snapshots",
  "pg_multixact",
  "pg_multixact/members",
  "pg_multixact/offsets",
  "pg_notify",
  "pg_replslot",
  "pg_serial",
  "pg_snapshots",
  "pg_stat",
  "pg_stat_tmp",
  "pg_subtrans",
  "pg_tblspc",
  "pg_twophase",
  "pg_wal",
  "pg_wal/archive_status",
  "pg_xact",
] as const;
const FILES = [
  "PG_VERSION",
  "global/pg_control",
  "global/pg_filenode.map",
  "base/5/PG_VERSION",
  "base/5/pg_filenode.map",
  "pg_hba.conf",
  "pg_ident.conf",
  "postgresql.conf",
] as const;

/**
 * Looks at a directory before PGlite does, which makes a database wherever it finds no PG_VERSION,
 * and writes before it notices damage. Reads only.
 *
 * @returns whether a database of ours is there; false where there is nothing, or an empty directory.
 * @throws ConfigError for everything else, saying what is wrong with it.
 */
export async function findEmbedded(path: string): Promise<boolean> {
  try {
    const names = await namesIn(path);
    if (names.length === 0) return false;
    if (![...FILES, ...DIRECTORIES].some((name) => names.includes(name))) {
      throw new ConfigError(
        `${NAME} cannot be used: ${resolve(path)} has other files in it, and no database.`,
      );
    }
    const version = await readVersion(path);
    if (version !== undefined && version !== VERSION) {
      throw new ConfigError(
        `${NAME} cannot be used: ${resolve(path)} is of PostgreSQL ${version}, not of ours (${VERSION}).`,
      );
    }
    for (const name of FILES) await mustBe(path, name, "isFile");
    for (const name of DIRECTORIES) await mustBe(path, name, "isDirectory");
    if ((await namesIn(join(path, "pg_xact"))).length === 0) {
      throw damaged(path, "pg_xact is empty");
    }
    for (const name of ["", "base", "global", "global/pg_control", "pg_wal"]) {
      await access(join(path, name), constants.R_OK | constants.W_OK);
    }
    const control = await checkControl(path);
    if (control.isShutDown) {
      for (const directory of ["global", "base/1", "base/4", "base/5"]) {
        await checkPages(path, directory);
      }
    }
    return true;
  } catch (error) {
    throw error instanceof ConfigError ? error : unusable(NAME, path, error);
  }
}

/** @param what is wrong, as the rest of a sentence about the directory. */
export function damaged(path: string, what: string): ConfigError {
  return new ConfigError(
    `${NAME} cannot be used: ${resolve(path)} is damaged (${what}). Nothing was made anew in its place: bring back a copy of it, or move it away.`,
  );
}

async function namesIn(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  }
}

async function readVersion(path: string): Promise<string | undefined> {
  const file = join(path, "PG_VERSION");
  const isFile = (await stat(file).catch(() => undefined))?.isFile() ?? false;
  return isFile ? (await readFile(file, "utf8")).slice(0, 10).trim() : undefined;
}

async function mustBe(path: string, name: string, kind: "isFile" | "isDirectory"): Promise<void> {
  const found = await stat(join(path, name)).catch((error: unknown) => {
    if (["ENOENT", "ENOTDIR"].includes(errorCode(error) ?? "")) return undefined;
    throw error;
  });
  if (!found?.[kind]()) throw damaged(path, `${name} is missing`);
}

/** Whether `pg_control` is one, of a PGlite, and the last checkpoint that it names is there to begin from. */
async function checkControl(path: string): Promise<{ isShutDown: boolean }> {
  const control = await readFile(join(path, "global/pg_control"));
  if (control.length !== CONTROL.bytes || control.readUInt32LE(8) !== CONTROL.version) {
    throw damaged(path, "global/pg_control is not whole");
  }
  // A 64-bit PostgreSQL passes eight bytes by value, PGlite does not.
  if (control.readUInt8(0xf8) !== 0) {
    throw new ConfigError(
      `${NAME} cannot be used: ${resolve(path)} is a PostgreSQL server's, not ours. Name that server in DATABASE_URL instead.`,
    );
  }
  const checkpoint = control.readBigUInt64LE(0x20);
  const segmentBytes = BigInt(control.readUInt32LE(0xe4));
  if (segmentBytes === 0n) throw damaged(path, "global/pg_control is not whole");
  for (const position of [checkpoint, control.readBigUInt64LE(0x28)]) {
    const timeline = control.readUInt32LE(0x30);
    const segment = position / segmentBytes;
    const perLog = 0x1_0000_0000n / segmentBytes;
    const name = [BigInt(timeline), segment / perLog, segment % perLog]
      .map((part) => part.toString(16).toUpperCase().padStart(8, "0"))
      .join("");
    if (!(await hasRecord(join(path, "pg_wal", name), segmentBytes, position % segmentBytes))) {
      throw damaged(path, `pg_wal/${name} is missing or not whole`);
    }
  }
  return { isShutDown: control.readUInt32LE(16) === SHUT_DOWN };
}

/** A record of the write-ahead log begins with its own length, which is never 0. */
async function hasRecord(file: string, bytes: bigint, offset: bigint): Promise<boolean> {
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile() || BigInt(found.size) !== bytes) return false;
  const handle = await open(file);
  try {
    const length = Buffer.alloc(4);
    await handle.read(length, 0, 4, Number(offset));
    return length.readUInt32LE() > 0;
  } finally {
    await handle.close();
  }
}

/** Tables and indexes are named by numbers, and have whole pages only. */
async function checkPages(path: string, directory: string): Promise<void> {
  for (const name of await readdir(join(path, directory))) {
    if (!/^\d/.test(name)) continue;
    const { size } = await stat(join(path, directory, name));
    if (size % PAGE_BYTES !== 0) throw damaged(path, `${directory}/${name} is cut`);
  }
}
