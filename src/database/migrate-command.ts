import { ConfigError, loadConfig } from "../config.js";
import { openDatabase } from "./client.js";
import { DirectoryInUseError } from "./directory-lock.js";
import { migrate } from "./migrate.js";

try {
  const config = loadConfig(process.env);
  const database = await openDatabase({
    databaseUrl: config.DATABASE_URL,
    dataDir: config.DATA_DIR,
  });
  const applied = await migrate(database);
  await database.close();
  process.stdout.write(
    applied === 0 ? "The database is up to date.\n" : `Applied ${applied} migration(s).\n`,
  );
} catch (error) {
  const known = error instanceof ConfigError || error instanceof DirectoryInUseError;
  process.stderr.write(
    `${error instanceof Error ? (known ? error.message : error.stack) : String(error)}\n`,
  );
  process.exit(1);
}
