import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DatabaseHandle } from "../platform/database/client.js";
import { MIGRATIONS_DIR } from "../platform/database/migration-files.js";
import { OperatorError } from "../process/operator-error.js";
import { schemaDrift } from "./schema-engine.js";

/** What a new migration is made of. */
export interface NewMigration {
  /** Small letters, digits and underscores: `visitor_keys`. */
  readonly name: string;
  readonly now: Date;
  /** Prisma's datamodel, unless it is the repository's. */
  readonly schema?: string;
  /** Where the migrations are, unless it is the repository's. */
  readonly directory?: string;
}

/**
 * Writes the migration that brings what `database`, a migrated one, has to the schema.
 *
 * @returns the path of its SQL; undefined when there is no difference.
 * @throws OperatorError for a name that cannot be one, and when it would not be the last migration.
 */
export async function writeMigration(
  database: DatabaseHandle,
  { name, now, schema, directory = MIGRATIONS_DIR }: NewMigration,
): Promise<string | undefined> {
  if (!/^[a-z][a-z0-9_]*$/.test(name)) {
    throw new OperatorError(
      "A migration's name has small letters, digits and underscores: npm run migration visitor_keys",
    );
  }
  const folder = `${now.toISOString().replaceAll(/\D/g, "").slice(0, 14)}_${name}`;
  const last = (await readdir(directory))
    .filter((one) => /^\d/.test(one))
    .toSorted()
    .at(-1);
  if (last !== undefined && folder <= last)
    throw new OperatorError(`${folder} would come before ${last}: what is the time here?`);
  const sql = await schemaDrift(database, schema);
  if (sql === "") return undefined;
  await mkdir(join(directory, folder));
  const path = join(directory, folder, "migration.sql");
  await writeFile(path, sql, { flag: "wx" });
  return path;
}
