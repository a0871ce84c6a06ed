import "reflect-metadata";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { AgentSupervisor } from "./dispatch/agent-supervisor.js";
import { createApp } from "./app.js";
import { compose, type Parley } from "./compose.js";
import { ConfigError, type LiveKitAccess } from "../process/environment.js";
import { isLoopback, loadConfig, type Config } from "./config.js";
import { LINK_PATH } from "../protocol/console-api.js";
import { workerEnvironment } from "../process/worker-environment.js";
import { openDatabase } from "./database/client.js";
import { migrate } from "./database/migrate.js";
import { Sweeps } from "./sweeps.js";
import { createHttpServer, listen, ListenError, type HttpServer } from "./http/server.js";
import { createLog } from "../process/log.js";
import type { Tracing } from "../process/tracing.js";
import { explainToOperator } from "../process/operator-error.js";
import { EMBEDDED_LIVEKIT, OWN_AGENT, requirePackages } from "./optional-packages.js";
import {
  applyBootstrapKey,
  DEMO_ORGANIZATION_ID,
  issueDemoKey,
  seedDemo,
  type Demo,
} from "./organizations/bootstrap.js";
import { livekitKey, localSecrets, type LocalSecrets } from "./secrets.js";

const DRAIN_SECONDS = 10;
/** What a collector has to take the last traces; one that is away must not keep us. */
const TRACES_MS = 3_000;
/** More than everything that stops takes together, after the grace period. */
const STOP_SECONDS = 40;

// From here on a signal requests a clean stop instead of killing the process mid-step.
const stopAsked = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => stopAsked.abort(name));

try {
  const config = loadConfig(process.env);
  // A step that never ends, such as a disk that does not answer, must not keep us.
  stopAsked.signal.addEventListener("abort", () => {
    const seconds = graceSeconds(config, stopAsked.signal) + STOP_SECONDS;
    setTimeout(() => process.exit(1), seconds * 1000).unref();
  });
  await start(config, stopAsked.signal);
} catch (error) {
  process.stderr.write(`${explainToOperator(error)}\n`);
  process.exit(1);
}

/** @param stopSignal asks to stop; also while the start still runs, which then ends where it is safe. */
async function start(config: Config, stopSignal: AbortSignal): Promise<void> {
  if (!config.livekit) requirePackages(EMBEDDED_LIVEKIT);
  if (config.runsAgent) requirePackages(OWN_AGENT);
  const log = createLog(config.logLevel);
  const database = await openDatabase(config);
  await migrate(database);
  if (stopSignal.aborted) {
    await database.close();
    process.exit(0);
  }
  const embedded = database.kind === "embedded";
  const secrets = embedded || !config.isProduction ? await localSecrets(config.dataDir) : undefined;
  const appSecret = config.appSecret ?? secrets?.appSecret;
  if (!appSecret) throw new ConfigError("APP_SECRET is required.");

  const demo =
    embedded && !config.isProduction
      ? await seedDemo(database.db, new Date(), config.models !== undefined)
      : undefined;
  if (config.bootstrap) {
    const { key, organizationId = DEMO_ORGANIZATION_ID } = config.bootstrap;
    await applyBootstrapKey(database.db, { key, organizationId, now: new Date() });
  }

  const ownLiveKit =
    secrets && !config.livekit ? await runLiveKit(config, secrets, log) : undefined;
  const livekit = config.livekit ?? ownLiveKit?.access;
  if (!livekit) throw new ConfigError("LIVEKIT_URL is required.");
  const agentSecret = config.agentSecret ?? secrets?.agentSecret;
  if (!agentSecret) throw new ConfigError("AGENT_SECRET is required.");

  const tracing = config.collectorUrl === undefined ? undefined : await startTraces(log);
  const parley = await compose({
    config,
    log,
    tracing,
    database,
    livekit,
    appSecret,
    agentSecret,
    ownWorker: config.runsAgent,
  });
  const server = createHttpServer(
    createApp(parley, {
      demoWidgetId: demo?.widgetId,
      isStopping: () => stopSignal.aborted,
    }),
  );
  const ops = config.ops && (await serveOperators(parley, config.ops));
  const address = await listen(server, { port: config.port, host: config.host, log });
  ownLiveKit?.setWebhookUrl(`${address}/livekit/webhook`);
  const agent = config.runsAgent ? runAgent(parley, livekit, agentSecret, address) : undefined;

  const sweeps = new Sweeps(parley);
  await sweeps.start();

  const stop = async (): Promise<void> => {
    server.sayGoodbye();
    await sleep(graceSeconds(config, stopSignal) * 1000);
    parley.streams.close();
    await sweeps.stop();
    // In this order: what the agent and LiveKit still have to tell needs us listening.
    await agent?.stop();
    await ownLiveKit?.close();
    await server.drain(DRAIN_SECONDS * 1000);
    await parley.apollo.stop();
    await parley.summaries.stop();
    await parley.rooms.close();
    parley.sharedCounts?.close();
    await database.close();
    await tracing?.shutdown(TRACES_MS);
    await ops?.drain(0);
    process.exit(0);
  };
  const stopOrDie = (): void => {
    stop().catch((error: unknown) => {
      log.fatal({ err: error }, "the stop failed");
      process.exit(1);
    });
  };
  // A key that nobody would see is not made.
  if (!stopSignal.aborted) {
    const link = demo && (await developmentLink(parley));
    greet(config.publicUrl, demo, demo && (await issueDemoKey(database.db, new Date())), link);
  }
  if (stopSignal.aborted) stopOrDie();
  else stopSignal.addEventListener("abort", stopOrDie);
}

/** Loaded only here: without a collector nobody pays for it. */
async function startTraces(log: Logger): Promise<Tracing> {
  const { startTracing } = await import("../process/open-telemetry.js");
  return startTracing("parley", log);
}

/** Metrics, on a port that only operators reach. It is the first to listen and the last to end. */
async function serveOperators(
  { metrics, log }: Parley,
  ops: NonNullable<Config["ops"]>,
): Promise<HttpServer | undefined> {
  if (!metrics) return undefined;
  const { createOpsApp } = await import("./ops/ops-app.js");
  const server = createHttpServer(createOpsApp(metrics, log));
  await listen(server, { ...ops, log, prefix: "OPS_" });
  return server;
}

/** Nobody balances load in front of a terminal: whoever stops us there waits for us. */
function graceSeconds(config: Config, stopSignal: AbortSignal): number {
  return stopSignal.reason === "SIGINT" || process.stdin.isTTY ? 0 : config.shutdownGraceSeconds;
}

interface OwnLiveKit {
  readonly access: LiveKitAccess;
  setWebhookUrl(url: string): void;
  close(): Promise<void>;
}

/** A LiveKit of our own for development, loaded only here: production may be without its packages. */
async function runLiveKit(config: Config, secrets: LocalSecrets, log: Logger): Promise<OwnLiveKit> {
  const { startEmbeddedLiveKit } = await import("../livekit-dev/embedded-livekit.js");
  const { port, key = livekitKey(secrets) } = config.embeddedLivekit;
  const server = await startEmbeddedLiveKit({
    ...key,
    port,
    allowedOrigins: [
      new URL(config.publicUrl).origin,
      // It lets in the names of this machine by itself.
      ...(config.preview?.kind === "one" ? [config.preview.origin] : []),
    ],
    log,
  }).catch((error: Error) => {
    throw new ListenError(`${error.message} (LIVEKIT_PORT)`);
  });
  return {
    access: { ...key, url: server.url },
    setWebhookUrl: (url) => server.setWebhookUrl(url),
    close: () => server.close(),
  };
}

/** The agent worker as a child process, which knows nothing but what it needs. */
function runAgent(
  { config, presence, jobs, recalls, log }: Parley,
  livekit: LiveKitAccess,
  agentSecret: string,
  address: string,
): AgentSupervisor {
  let isFirst = true;
  const supervisor = new AgentSupervisor({
    env: workerEnvironment(process.env, {
      platformUrl: address,
      agentName: config.agentName,
      agentSecret,
      livekit,
      maxTalks: config.maxTalks,
      models: config.models,
      logLevel: config.logLevel,
      collectorUrl: config.collectorUrl,
    }),
    onRegistered: () => {
      if (isFirst) process.stdout.write("The agent is ready: conversations are answered.\n\n");
      isFirst = false;
    },
    onLost: (workerId) => {
      presence
        .lost(workerId)
        .catch((error: unknown) => log.error({ err: error }, "a lost worker was not noted"));
    },
    onAgentLost: (agent) => {
      jobs
        .lost(agent)
        .then((goesOn) => (goesOn ? recalls.agentDied(agent) : undefined))
        .catch((error: unknown) => log.error({ err: error }, "a lost agent was not replaced"));
    },
    log,
  });
  supervisor.start();
  return supervisor;
}

/** The way in before anybody has one: never beyond this machine, whose terminal shows it. */
async function developmentLink({
  config,
  signIns,
  developmentLink: link,
}: Parley): Promise<string | undefined> {
  if (!isLoopback(config.host) || (await signIns.canSomebodySignIn())) return undefined;
  return `${config.consoleUrl}${LINK_PATH}#${link.issue()}`;
}

/** For a person at a terminal; the log is for machines. */
function greet(
  address: string,
  demo: Demo | undefined,
  apiKey: string | undefined,
  link: string | undefined,
): void {
  const lines = [`Parley is ready.`, `  GraphQL      ${address}/graphql`];
  lines.push(`  REST         ${address}/core/docs`);
  if (demo) lines.push(`  Demo         ${address}/demo`, `  Demo widget  ${demo.widgetId}`);
  if (link)
    lines.push(
      `  Console      ${link}`,
      `               (signs you in once, for 15 minutes after the click)`,
    );
  if (apiKey)
    lines.push(
      `  API key      ${apiKey}`,
      `               (shown once; all scopes of the demo organization)`,
    );
  process.stdout.write(`\n${lines.join("\n")}\n\n`);
}
