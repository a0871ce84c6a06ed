import "reflect-metadata";
import { createApp } from "./app.js";
import { compose } from "./compose.js";
import { ConfigError, loadConfig, type Config } from "./config.js";
import { DirectoryInUseError } from "./database/directory-lock.js";
import { openDatabase } from "./database/client.js";
import { migrate } from "./database/migrate.js";
import { createHttpServer, listen, ListenError } from "./http/server.js";
import { createLog } from "./log.js";
import {
  applyBootstrapKey,
  DEMO_ORGANIZATION_ID,
  seedDemo,
  type Demo,
} from "./organizations/bootstrap.js";
import { localSecrets } from "./secrets.js";

const SWEEP_SECONDS = 15;
const DRAIN_SECONDS = 10;

/** An error whose message is all that an operator needs. */
const OPERATOR_ERRORS = [ConfigError, DirectoryInUseError, ListenError];

try {
  await start(loadConfig(process.env));
} catch (error) {
  const known = OPERATOR_ERRORS.some((kind) => error instanceof kind);
  process.stderr.write(`${known && error instanceof Error ? error.message : describe(error)}\n`);
  process.exit(1);
}

async function start(config: Config): Promise<void> {
  const log = createLog(config.LOG_LEVEL);
  const database = await openDatabase({
    databaseUrl: config.DATABASE_URL,
    dataDir: config.DATA_DIR,
  });
  await migrate(database);
  const embedded = database.kind === "embedded";
  const secrets = embedded ? await localSecrets(config.DATA_DIR) : undefined;
  const appSecret = config.APP_SECRET ?? secrets?.appSecret;
  if (!appSecret) throw new ConfigError("APP_SECRET is required.");

  const seed = embedded && config.NODE_ENV !== "production";
  const demo = seed ? await seedDemo(database.db, new Date()) : undefined;
  if (config.BOOTSTRAP_API_KEY) {
    await applyBootstrapKey(database.db, {
      key: config.BOOTSTRAP_API_KEY,
      organizationId: config.BOOTSTRAP_ORG ?? DEMO_ORGANIZATION_ID,
      now: new Date(),
    });
  }

  const parley = await compose({
    config,
    log,
    database,
    livekit: {
      url: config.LIVEKIT_URL ?? `ws://127.0.0.1:${config.LIVEKIT_PORT}`,
      apiKey: config.LIVEKIT_API_KEY,
      apiSecret: config.LIVEKIT_API_SECRET,
    },
    appSecret,
    agentSecret: config.AGENT_SECRET ?? secrets?.agentSecret ?? "",
  });
  const server = createHttpServer(createApp(parley));
  const address = await listen(server, config.PORT, config.HOST);

  const sweep = (): Promise<void> =>
    parley.lifecycle.sweep().catch((error: unknown) => log.error({ err: error }, "sweep failed"));
  await sweep();
  const sweeper = setInterval(() => void sweep(), SWEEP_SECONDS * 1000);

  greet(address, demo);
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    clearInterval(sweeper);
    await server.drain(DRAIN_SECONDS * 1000);
    await parley.apollo.stop();
    await parley.rooms.close();
    await database.close();
    process.exit(0);
  };
  process.on("SIGINT", () => void stop());
  process.on("SIGTERM", () => void stop());
}

/** For a person at a terminal; the log is for machines. */
function greet(address: string, demo: Demo | undefined): void {
  const lines = [`Parley is ready.`, `  GraphQL      ${address}/graphql`];
  if (demo) lines.push(`  Demo widget  ${demo.widgetId}`);
  if (demo?.apiKey)
    lines.push(
      `  API key      ${demo.apiKey}`,
      `               (shown once; all scopes of the demo organization)`,
    );
  process.stdout.write(`\n${lines.join("\n")}\n\n`);
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
