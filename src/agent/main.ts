import { randomUUID } from "node:crypto";
import { setMaxListeners } from "node:events";
import { availableParallelism } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import {
  AgentServer,
  InferenceRunner,
  initializeLogger,
  ServerOptions,
  type JobContext,
} from "@livekit/agents";
import type { Logger } from "pino";
import { loadWorkerConfig, type WorkerConfig } from "../process/worker-environment.js";
import { createLog } from "../process/log.js";
import { explainToOperator } from "../process/operator-error.js";
import { HEARTBEAT_SECONDS } from "../protocol/limits.js";
import { Capacity, defaultMaxTalks, type RunningTalk } from "./capacity.js";
import { PlatformClient, PlatformError } from "./platform-client.js";
import { Reports } from "./reports.js";
import { STATE_ATTRIBUTE } from "../protocol/room-words.js";
import type { RoomAgent, WorkerMessage } from "../protocol/worker-api.js";

/**
 * The framework asks for the load each 2.5 s while it is registered: every second time, also when it
 * is a little early.
 */
const HEARTBEAT_MS = HEARTBEAT_SECONDS * 1000 - 500;
const MAX_READY_PROCESSES = 4;
const PROCESS_START_MS = 60_000;
const PROCESS_STOP_MS = 5_000;
const STOP_POLL_MS = 50;
/** How soon a dead process is noticed, and a visitor gets another agent. */
const GONE_POLL_MS = 250;
const TELL_RETRY_MS = 2_000;
const TELL_TRIES = 30;
/** What talks have left when the worker is asked to stop; a second signal ends them at once. */
const DRAIN_MS = 30_000;

type RunningJobInfo = JobContext["info"];

/** What the framework logs at "info" and "warn" is for its own developers. */
const FRAMEWORK_LEVELS: Readonly<Record<string, string>> = { info: "error", warn: "error" };

try {
  await run();
} catch (error) {
  process.stderr.write(`${explainToOperator(error)}\n`);
  process.exit(1);
}

async function run(): Promise<void> {
  const config = loadWorkerConfig(process.env);
  const log = createLog(config.logLevel);
  const platform = new PlatformClient(config.platformUrl, config.agentSecret);
  const id = randomUUID();
  const capacity = new Capacity({
    max: config.maxTalks ?? defaultMaxTalks(),
    running: () => server.activeJobs.map(toTalk),
    nowMs: () => performance.now(),
  });

  const reports = new Reports({ id, platform, capacity, log, everyMs: HEARTBEAT_MS });

  // In a rush many jobs wait for a process on one emitter of the framework: that is no leak.
  setMaxListeners(1000);
  // Local models are not used; without this the framework starts a process that holds one.
  InferenceRunner.registerRunner = () => {};
  initializeLogger({ pretty: false, level: FRAMEWORK_LEVELS[config.logLevel] ?? config.logLevel });
  const server = new AgentServer(serverOptions(config, capacity, () => reports.sendIfDue()));
  watchTalks(server, capacity, platform, log);

  server.event.on("worker_registered", () => {
    log.info({ worker: id, agent: config.agentName }, "registered with LiveKit");
    void reports.send().then(() => tell({ type: "registered", workerId: id }));
  });

  let stopping = false;
  const stop = async (drainMs: number): Promise<void> => {
    if (stopping) process.exit(1);
    stopping = true;
    await reports.send(true);
    // From here on it takes no more jobs. It throws when those that run need longer: they may.
    await server.drain(Math.max(1, drainMs)).catch(() => undefined);
    // Processes without a job end by themselves when this one is gone; those with one finish it.
    const closed = server.close();
    while (server.activeJobs.length > 0) await Promise.race([closed, delay(STOP_POLL_MS)]);
    process.exit(0);
  };
  const supervised = process.send !== undefined;
  process.on("SIGTERM", () => void stop(supervised ? 0 : DRAIN_MS));
  // At a terminal Ctrl-C reaches every process; a supervised one waits to be told.
  process.on("SIGINT", () => {
    if (!supervised) void stop(DRAIN_MS);
  });
  // The platform that runs this process is gone. The jobs notice that by the same sign.
  process.on("disconnect", () => process.exit(0));
  await server.run();
}

/** @param reportIfDue called where there may be more or less room than before */
function serverOptions(
  config: WorkerConfig,
  capacity: Capacity,
  reportIfDue: () => void,
): ServerOptions {
  return new ServerOptions({
    agent: fileURLToPath(new URL("./job.js", import.meta.url)),
    agentName: config.agentName,
    wsURL: config.livekit.url,
    apiKey: config.livekit.apiKey,
    apiSecret: config.livekit.apiSecret,
    host: "127.0.0.1",
    port: 0,
    maxRetry: Number.POSITIVE_INFINITY,
    numIdleProcesses: Math.min(availableParallelism(), MAX_READY_PROCESSES),
    initializeProcessTimeout: PROCESS_START_MS,
    shutdownProcessTimeout: PROCESS_STOP_MS,
    logLevel: config.logLevel,
    requestFunc: async (request) => {
      if (!capacity.take(request.id)) return request.reject();
      reportIfDue();
      await request.accept("Agent", "", "", { [STATE_ATTRIBUTE]: "initializing" });
    },
    loadThreshold: 1,
    // The report goes out beside LiveKit's: whoever waits is called when LiveKit knows of the room, too.
    loadFunc: async () => {
      setImmediate(reportIfDue);
      return capacity.load;
    },
  });
}

/** Tells the supervisor which talks run, and the platform whose process is gone. */
function watchTalks(
  server: AgentServer,
  capacity: Capacity,
  platform: PlatformClient,
  log: Logger,
): void {
  let told = "";
  setInterval(() => {
    const agents = server.activeJobs.map(toTalk).map(({ room, identity }) => ({ room, identity }));
    const now = JSON.stringify(agents);
    if (now !== told) tell({ type: "running", agents });
    told = now;
    for (const talk of capacity.takeGone()) {
      tellGone(platform, talk).catch((error: unknown) => {
        log.warn({ err: error, room: talk.room }, "the platform was not told of a process's end");
      });
    }
  }, GONE_POLL_MS);
}

/** Tells that a process has ended, in order or not: the platform knows which, and whether another agent must come. */
async function tellGone(platform: PlatformClient, agent: RoomAgent): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await platform.jobGone(agent);
    } catch (error) {
      const passing = error instanceof PlatformError && error.isPassing;
      if (!passing || tries >= TELL_TRIES) throw error;
      await delay(TELL_RETRY_MS);
    }
  }
}

function toTalk({ job, acceptArguments }: RunningJobInfo): RunningTalk {
  return { id: job.id, room: job.room?.name ?? "", identity: acceptArguments.identity };
}

function tell(message: WorkerMessage): void {
  if (process.connected) process.send?.(message);
}
