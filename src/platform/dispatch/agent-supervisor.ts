import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Logger } from "pino";
import type { RoomAgent, WorkerMessage } from "../../protocol/worker-api.js";

export interface SupervisorOptions {
  /** All that the worker may know of this process's environment. */
  readonly env: Record<string, string>;
  readonly onRegistered: () => void;
  readonly onLost: (workerId: string) => void;
  /** Each agent of a worker that died; one whose own process lived on has ended its talk by then. */
  readonly onAgentLost: (agent: RoomAgent) => void;
  readonly log: Logger;
}

const FIRST_WAIT_MS = 500;
const LAST_WAIT_MS = 30_000;
/** A worker that lived so long was in order; the next failure is a new one. */
const HEALTHY_MS = 60_000;
const STOP_MS = 8_000;
/** What the jobs of a worker that died have left to end in order: they need less than five seconds. */
const ORPHANS_MS = 6_000;

/**
 * Runs the agent worker as a child: starts it again when it dies, and ends it with this process.
 * Should this process be killed, the closed channel tells the child.
 */
export class AgentSupervisor {
  private child: ChildProcess | undefined;
  private workerId: string | undefined;
  private running: readonly RoomAgent[] = [];
  private waitMs = FIRST_WAIT_MS;
  private timer: NodeJS.Timeout | undefined;
  private stopping = false;

  constructor(private readonly options: SupervisorOptions) {}

  start(): void {
    const startedMs = performance.now();
    const path = fileURLToPath(new URL("../../agent/main.js", import.meta.url));
    const { env, log } = this.options;
    let child: ChildProcess;
    try {
      child = fork(path, { env, stdio: ["ignore", "inherit", "inherit", "ipc"] });
    } catch (error) {
      // Node throws some failures, such as a lack of memory, and emits the others.
      this.ended(startedMs, { err: error });
      return;
    }
    this.child = child;
    child.on("message", (message: WorkerMessage) => {
      if (message.type === "running") {
        this.running = message.agents;
        return;
      }
      this.workerId = message.workerId;
      this.options.onRegistered();
    });
    child.on("error", (error) => log.error({ err: error }, "the agent worker cannot be run"));
    // Unlike "exit", this also comes when there was no process to begin with.
    child.on("close", (code, signal) => this.ended(startedMs, { code, signal }));
  }

  /** Lets the talks end in order, and kills what does not. */
  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.timer);
    const { child } = this;
    // Node sends the signal for a child that could not be spawned to our own process group.
    if (child?.pid === undefined) return;
    const closed = new Promise((resolve) => {
      child.once("close", resolve);
    });
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    await closed;
    clearTimeout(timer);
  }

  private ended(startedMs: number, detail: object): void {
    this.child = undefined;
    if (this.workerId !== undefined) this.options.onLost(this.workerId);
    this.workerId = undefined;
    const orphans = this.running;
    this.running = [];
    if (this.stopping) return;
    setTimeout(() => {
      if (!this.stopping) orphans.forEach(this.options.onAgentLost);
    }, ORPHANS_MS).unref();
    if (performance.now() - startedMs > HEALTHY_MS) this.waitMs = FIRST_WAIT_MS;
    this.options.log.error({ ...detail, againInMs: this.waitMs }, "the agent worker died");
    this.timer = setTimeout(() => this.start(), this.waitMs);
    this.waitMs = Math.min(this.waitMs * 2, LAST_WAIT_MS);
  }
}
