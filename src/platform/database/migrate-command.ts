import { loadConfig } from "../config.js";
import { explainToOperator } from "../../process/operator-error.js";
import { openDatabase } from "./client.js";
import { migrate } from "./migrate.js";

try {
  const database = await openDatabase({ ...loadConfig(process.env), isUnbounded: true });
  const applied = await migrate(database);
  await database.close();
  process.stdout.write(
    applied === 0 ? "The database is up to date.\n" : `Applied ${applied} migration(s).\n`,
  );
} catch (error) {
  process.stderr.write(`${explainToOperator(error)}\n`);
  process.exit(1);
}
