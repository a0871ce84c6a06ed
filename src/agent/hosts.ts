import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Logger } from "pino";
import { hostEnvironment } from "../process/worker-environment.js";
import type { RunningTalk } from "./capacity.js";
import type { Assignment } from "./worker-connection.js";

const FIRST_WAIT_MS = 250;
const LAST_WAIT_MS = 10_000;
/** A host that lived so long was in order; its next end is a new one. */
const HEALTHY_MS = 60_000;
/** Less than what whoever stops the worker waits for it: nobody else would end a process that hangs. */
const STOP_MS = 7_000;

/** What a worker tells its hosts. */
export type HostOrder =
  | { readonly type: "begin"; readonly assignment: Assignment }
  | { readonly type: "end"; readonly id: string }
  /** Ends every talk in order, and the process. */
  | { readonly type: "stop" };

/** What a host tells its worker. */
export type HostMessage =
  | { readonly type: "ready" }
  /** The talk is over, and the platform knows. */
  | { readonly type: "ended"; readonly id: string };

interface Host {
  readonly child: ChildProcess;
  readonly talks: Map<string, RunningTalk>;
  isReady: boolean;
}

export interface HostsOptions {
  readonly count: number;
  readonly log: Logger;
}

/**
 * The processes that hold talks, many each. They are spread evenly, so that voices use all cores, and one that dies
 * takes only its own talks along. It is replaced at once.
 */
export class Hosts {
  private readonly hosts = new Set<Host>();
  /** Talks that came while no host was ready. */
  private readonly waiting: Assignment[] = [];
  private waitMs = FIRST_WAIT_MS;
  private stopping = false;

  constructor(private readonly options: HostsOptions) {}

  /** Those that a living process holds, or will hold as soon as one is ready. */
  get running(): readonly RunningTalk[] {
    const held = [...this.hosts].flatMap(({ talks }) => [...talks.values()]);
    return [...held, ...this.waiting.map(toTalk)];
  }

  start(): void {
    for (let number = 0; number < this.options.count; number += 1) this.open();
  }

  begin(assignment: Assignment): void {
    const ready = [...this.hosts].filter(({ isReady }) => isReady);
    const [host] = ready.toSorted((one, other) => one.talks.size - other.talks.size);
    if (!host) return void this.waiting.push(assignment);
    host.talks.set(assignment.id, toTalk(assignment));
    tell(host, { type: "begin", assignment });
  }

  end(id: string): void {
    for (const host of this.hosts) if (host.talks.has(id)) tell(host, { type: "end", id });
  }

  /** Lets every talk end in order, and kills a process that does not. */
  async stop(): Promise<void> {
    this.stopping = true;
    const closed = [...this.hosts].map(
      ({ child }) => new Promise<void>((resolve) => child.once("close", () => resolve())),
    );
    for (const host of this.hosts) tell(host, { type: "stop" });
    const timer = setTimeout(() => {
      for (const { child } of this.hosts) child.kill("SIGKILL");
    }, STOP_MS);
    await Promise.all(closed);
    clearTimeout(timer);
  }

  private open(): void {
    const startedMs = performance.now();
    const child = fork(fileURLToPath(new URL("./host-process.js", import.meta.url)), {
      env: hostEnvironment(process.env),
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    const host: Host = { child, talks: new Map(), isReady: false };
    this.hosts.add(host);
    child.on("message", (message: HostMessage) => {
      if (message.type === "ended") return void host.talks.delete(message.id);
      host.isReady = true;
      for (const assignment of this.waiting.splice(0)) this.begin(assignment);
    });
    child.on("error", (error) => this.options.log.error({ err: error }, "no process for talks"));
    child.on("close", (code, signal) => {
      this.hosts.delete(host);
      if (this.stopping) return;
      const healthy = performance.now() - startedMs > HEALTHY_MS;
      const waitMs = healthy ? FIRST_WAIT_MS : this.waitMs;
      this.waitMs = Math.min(waitMs * 2, LAST_WAIT_MS);
      this.options.log.error({ code, signal, talks: host.talks.size }, "a process of talks died");
      setTimeout(() => {
        if (!this.stopping) this.open();
      }, waitMs);
    });
  }
}

function tell({ child }: Host, order: HostOrder): void {
  if (child.connected) child.send(order);
}

function toTalk({ id, room, identity }: Assignment): RunningTalk {
  return { id, room, identity };
}
