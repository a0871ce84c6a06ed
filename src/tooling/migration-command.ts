/** `npm run migration <name>`: writes what changed in the schema since the last migration. */
import "reflect-metadata";
import { relative } from "node:path";
import { embeddedHandle } from "../platform/database/client.js";
import { inMemoryPGlite } from "../platform/database/embedded.js";
import { migrate } from "../platform/database/migrate.js";
import { explainToOperator } from "../process/operator-error.js";
import { writeMigration } from "./new-migration.js";

try {
  const database = await embeddedHandle(await inMemoryPGlite());
  await migrate(database);
  const path = await writeMigration(database, { name: process.argv[2] ?? "", now: new Date() });
  await database.close();
  process.stdout.write(
    path === undefined
      ? "prisma/schema.prisma has nothing that the migrations do not make: nothing was written.\n"
      : `Wrote ${relative(process.cwd(), path)}. Read it first: how data moves, and what Prisma's schema has no words for, is written by hand.\n`,
  );
} catch (error) {
  process.stderr.write(`${explainToOperator(error)}\n`);
  process.exit(1);
}
