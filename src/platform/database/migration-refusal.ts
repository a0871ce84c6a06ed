import { createHash } from "node:crypto";
import { OperatorError } from "../../process/operator-error.js";
import type { Migration } from "./migration-files.js";

/** A migration that the database's record says was applied as a whole. */
export interface AppliedMigration {
  readonly migration_name: string;
  readonly checksum: string;
}

/** @throws OperatorError when `applied` is not the beginning of what this release would apply. */
export function refuseForeignRecord(
  applied: readonly AppliedMigration[],
  migrations: readonly Migration[],
): void {
  const known = new Map(migrations.map(({ name, sql }) => [name, sql]));
  for (const { migration_name: name, checksum } of applied) {
    const sql = known.get(name);
    if (sql === undefined) {
      throw new OperatorError(
        `This database is of a newer release: it has the migration ${name}, which this one does not know. Nothing was changed: start that release, or restore a backup from before it.`,
      );
    }
    // Git may have given the file other ends of lines.
    const texts = [sql, sql.replaceAll("\r\n", "\n"), sql.replaceAll(/\r?\n/g, "\r\n")];
    if (!texts.some((text) => checksumOf(text) === checksum)) {
      throw new OperatorError(
        `The file of the migration ${name} was changed after this database was made with it. Nothing was changed in the database: bring back the release's own file.`,
      );
    }
  }
}

/** @param name of the migration, unless it failed before its first statement. */
export function migrationFailed(name: string | undefined, cause: unknown): OperatorError {
  const [reason = "", ...more] = (cause instanceof Error ? cause.message : String(cause))
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const what = name
    ? `The migration ${name} failed and left nothing of itself`
    : "The database cannot be migrated";
  return new OperatorError(`${what}: ${[reason, ...more].join(" ").replace(/\.?$/, ".")}`, {
    cause,
  });
}

/** As Prisma's own tools make it. */
export function checksumOf(sql: string): string {
  return createHash("sha256").update(sql).digest("hex");
}
