import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PRISMA_DIR = fileURLToPath(new URL("../../../prisma", import.meta.url));
export const MIGRATIONS_DIR = join(PRISMA_DIR, "migrations");

export interface Migration {
  readonly name: string;
  readonly sql: string;
}

/** All migrations, in their order. */
export async function readMigrations(): Promise<Migration[]> {
  const entries = await readdir(MIGRATIONS_DIR, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.toSorted().map(async (name) => ({
      name,
      sql: await readFile(join(MIGRATIONS_DIR, name, "migration.sql"), "utf8"),
    })),
  );
}

/** @returns Prisma's datamodel. */
export function readSchema(): Promise<string> {
  return readFile(join(PRISMA_DIR, "schema.prisma"), "utf8");
}
