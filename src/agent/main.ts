import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { loadWorkerConfig } from "../process/worker-environment.js";
import { createLog } from "../process/log.js";
import { explainToOperator } from "../process/operator-error.js";
import { HEARTBEAT_SECONDS } from "../protocol/limits.js";
import type { RoomAgent, WorkerMessage } from "../protocol/worker-api.js";
import { Capacity, defaultMaxTalks, processCount } from "./capacity.js";
import { Hosts } from "./hosts.js";
import { PlatformClient, PlatformError } from "./platform-client.js";
import { Reports } from "./reports.js";
import { WorkerConnection } from "./worker-connection.js";

const HEARTBEAT_MS = HEARTBEAT_SECONDS * 1000 - 500;
/** How soon a dead process is noticed, and a visitor gets another agent. */
const LOOK_MS = 250;
const TELL_RETRY_MS = 2_000;
const TELL_TRIES = 30;
/** What talks have left when the worker is asked to stop; a second signal ends them at once. */
const DRAIN_MS = 30_000;
const STOP_POLL_MS = 50;

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
  const hosts = new Hosts({ count: processCount(), log });
  const capacity = new Capacity({
    max: config.maxTalks ?? defaultMaxTalks(),
    running: () => hosts.running,
    nowMs: () => performance.now(),
  });
  const reports = new Reports({ id, platform, capacity, log, everyMs: HEARTBEAT_MS });
  const connection = new WorkerConnection({
    livekit: config.livekit,
    agentName: config.agentName,
    load: () => capacity.load,
    take: (jobId) => capacity.take(jobId),
    giveBack: (jobId) => capacity.giveBack(jobId),
    begin: (assignment) => hosts.begin(assignment),
    end: (jobId) => hosts.end(jobId),
    onRegistered: () => {
      log.info({ worker: id, agent: config.agentName }, "registered with LiveKit");
      void reports.send().then(() => tell({ type: "registered", workerId: id }));
    },
    log,
  });

  let told = "";
  setInterval(() => {
    const agents = hosts.running.map(({ room, identity }) => ({ room, identity }));
    const now = JSON.stringify(agents);
    if (now !== told) tell({ type: "running", agents });
    told = now;
    for (const talk of capacity.takeGone()) {
      tellGone(platform, talk).catch((error: unknown) => {
        log.warn({ err: error, room: talk.room }, "the platform was not told of a talk's end");
      });
    }
    reports.sendIfDue();
  }, LOOK_MS);

  let stopping = false;
  const stop = async (drainMs: number): Promise<void> => {
    if (stopping) process.exit(1);
    stopping = true;
    await reports.send(true);
    connection.drain();
    const end = performance.now() + drainMs;
    while (hosts.running.length > 0 && performance.now() < end) await delay(STOP_POLL_MS);
    await hosts.stop();
    connection.close();
    process.exit(0);
  };
  const supervised = process.send !== undefined;
  process.on("SIGTERM", () => void stop(supervised ? 0 : DRAIN_MS));
  // At a terminal Ctrl-C reaches every process; a supervised one waits to be told.
  process.on("SIGINT", () => {
    if (!supervised) void stop(DRAIN_MS);
  });
  // The platform that runs this process is gone. The hosts notice that by the same sign.
  process.on("disconnect", () => process.exit(0));
  hosts.start();
  connection.start();
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

function tell(message: WorkerMessage): void {
  if (process.connected) process.send?.(message);
}
