import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Logger } from "pino";

/** What the worker tells the process that runs it. */
export interface WorkerMessage {
  readonly type: "registered";
  readonly workerId: string;
}

export interface SupervisorOptions {
  /** All that the worker may know of this process's environment. */
  readonly env: Record<string, string>;
  readonly onRegistered: () => void;
  readonly onLost: (workerId: string) => void;
  readonly log: Logger;
}

const FIRST_WAIT_MS = 500;
const LAST_WAIT_MS = 30_000;
/** A worker that lived so long was in order; the next failure is a new one. */
const HEALTHY_MS = 60_000;
const STOP_MS = 8_000;

/**
 * Runs the agent worker as a child: starts it again when it dies, and ends it with this process.
 * Should this process be killed, the closed channel tells the child.
 */
export class AgentSupervisor {
  private child: ChildProcess | undefined;
  private workerId: string | undefined;
  private waitMs = FIRST_WAIT_MS;
  private timer: NodeJS.Timeout | undefined;
  private stopping = false;

  constructor(private readonly options: SupervisorOptions) {}

  start(): void {
    const { env, log } = this.options;
    const startedMs = Date.now();
    const path = fileURLToPath(new URL("../agent/main.js", import.meta.url));
    const child = fork(path, { env, stdio: ["ignore", "inherit", "inherit", "ipc"] });
    this.child = child;
    child.on("message", (message: WorkerMessage) => {
      this.workerId = message.workerId;
      this.options.onRegistered();
    });
    child.on("error", (error) => log.error({ err: error }, "the agent worker cannot be run"));
    child.on("exit", (code, signal) => {
      this.child = undefined;
      if (this.workerId !== undefined) this.options.onLost(this.workerId);
      this.workerId = undefined;
      if (this.stopping) return;
      if (Date.now() - startedMs > HEALTHY_MS) this.waitMs = FIRST_WAIT_MS;
      log.error({ code, signal, againInMs: this.waitMs }, "the agent worker died");
      this.timer = setTimeout(() => this.start(), this.waitMs);
      this.waitMs = Math.min(this.waitMs * 2, LAST_WAIT_MS);
    });
  }

  /** Lets the talks end in order, and kills what does not. */
  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.timer);
    const { child } = this;
    if (!child) return;
    const exited = new Promise((resolve) => {
      child.once("exit", resolve);
    });
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    await exited;
    clearTimeout(timer);
  }
}
