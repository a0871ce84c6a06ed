import { dispose } from "@livekit/rtc-node";
import { loadWorkerConfig } from "../process/worker-environment.js";
import { createLog } from "../process/log.js";
import { initializeFrameworkLog } from "./framework-log.js";
import type { HostMessage, HostOrder } from "./hosts.js";
import { loadModels } from "./models/choose-models.js";
import { PlatformClient } from "./platform-client.js";
import { AgentTalk } from "./agent-talk.js";
import { loudnessOf } from "./stray-errors.js";
import type { Tracing } from "../process/tracing.js";

const LAST_SPANS_MS = 2_500;
/** Longer than what talks need to end, whatever the platform and LiveKit do. */
const STOP_MS = 12_000;

/** A process that holds talks. It takes orders from its worker, and ends with it. */
const config = loadWorkerConfig(process.env);
const log = createLog(config.logLevel);
initializeFrameworkLog(log);
const platform = new PlatformClient(config.platformUrl, config.agentSecret);
/** Loaded before there is a talk, so that none waits for it. */
const tracing = config.collectorUrl === undefined ? undefined : await startTraces();
const chooseModels = await loadModels(config.models);
const talks = new Map<string, AgentTalk>();
let stopping = false;

function tell(message: HostMessage): void {
  if (process.connected) process.send?.(message);
}

/** Talks go on without traces. */
async function startTraces(): Promise<Tracing | undefined> {
  try {
    const { startTracing } = await import("../process/open-telemetry.js");
    return startTracing("parley-agent", log);
  } catch (error) {
    log.warn({ err: error }, "there are no traces of this process");
    return undefined;
  }
}

async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  // Whoever hangs would outlive the worker, and nobody would know.
  setTimeout(() => process.exit(1), STOP_MS);
  await Promise.all([...talks.values()].map((talk) => talk.end("shutdown")));
  await tracing?.shutdown(LAST_SPANS_MS);
  await dispose();
  process.exit(0);
}

process.on("message", (order: HostOrder) => {
  if (order.type === "stop") return void stop();
  if (order.type === "end") return void talks.get(order.id)?.end("shutdown");
  const { assignment } = order;
  const talk = new AgentTalk({
    assignment,
    platform,
    livekit: config.livekit,
    chooseModels,
    tracing,
    log: log.child({ job: assignment.id }),
  });
  talks.set(assignment.id, talk);
  void talk.over.then(() => {
    talks.delete(assignment.id);
    tell({ type: "ended", id: assignment.id });
  });
  talk.begin();
});
// The worker is gone: nobody would end the talks, and another worker is called for them.
process.on("disconnect", () => void stop());
// One is asked to stop through its worker.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => undefined);
process.on("unhandledRejection", (error) =>
  log[loudnessOf(error)]({ err: error }, "a promise in a talk was left to itself"),
);

// The platform may still be starting; the first talk will find out.
await platform.warmUp().catch(() => undefined);
// From now on what nobody catches is one talk's, and the others go on. A start that fails ends the process.
process.on("uncaughtException", (error) =>
  log.error({ err: error }, "an error in a talk was caught by nobody"),
);
tell({ type: "ready" });
