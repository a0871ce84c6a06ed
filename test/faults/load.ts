import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { isRightAnswer, nameOf, worstWait, type Reply } from "./ask.js";
import { endsWithUs } from "../support/children.js";

const CLIENT = fileURLToPath(new URL("load-client.ts", import.meta.url));

/** What the load does. Its requests are shared out among the workers in turn. */
export interface LoadPlan {
  readonly url: string;
  readonly key?: string;
  readonly workers: number;
  /** A `write` is a POST of a new name; anything else is a GET. */
  readonly requests: readonly { readonly path: string; readonly write?: boolean }[];
  /** Between an answer and the next request of a worker. */
  readonly pauseMs: number;
  /** What the names of its writes begin with. */
  readonly prefix: string;
  /** From how many addresses of 127.0.1.0/24 it comes; undefined: from 127.0.0.1. */
  readonly addresses?: number;
}

export interface LoadReply extends Reply {
  readonly path: string;
  /** Of a write. */
  readonly name?: string;
}

/** A running load. */
export class Load {
  private readonly result: Promise<LoadReply[]>;

  private constructor(private readonly child: ChildProcess) {
    this.result = new Promise((resolve, reject) => {
      child.on("message", (message) => {
        if (Array.isArray(message)) resolve(message as LoadReply[]);
      });
      child.once("exit", () => reject(new Error("the load client ended before it was asked")));
    });
    // Whoever stops it looks; a bench that is being cleaned up does not.
    this.result.catch(() => {});
  }

  /** Begins. @returns when its first request has been answered, or broke off. */
  static async start(plan: LoadPlan): Promise<Load> {
    const child = endsWithUs(fork(CLIENT, { serialization: "advanced" }));
    await once(child, "spawn");
    child.send(plan);
    const load = new Load(child);
    await Promise.race([once(child, "message"), load.result]);
    return load;
  }

  /** Lets what is under way end, at most a minute, and says how it all went. */
  async stop(): Promise<LoadReport> {
    if (this.child.connected) this.child.send("stop", () => {});
    return new LoadReport(await this.result);
  }

  kill(): void {
    this.child.kill("SIGKILL");
  }
}

export class LoadReport {
  constructor(readonly replies: readonly LoadReply[]) {}

  get acknowledged(): string[] {
    return this.replies.flatMap(({ status, name }) => (status === 201 && name ? [name] : []));
  }

  /** Neither answered nor refused by a closed port: a client does not know what became of it. */
  get brokenOff(): LoadReply[] {
    return this.replies.filter(({ status, error }) => status === 0 && error !== "ECONNREFUSED");
  }

  /** Answers, and broken-off requests, that no client can live with. */
  get wrong(): LoadReply[] {
    return this.replies.filter((reply) => !isRightAnswer(reply) && reply.error !== "ECONNREFUSED");
  }

  /** "500 ×3, ECONNRESET ×2", of what was not a success. */
  get failuresInWords(): string {
    const counts = new Map<string, number>();
    for (const reply of this.replies) {
      if (reply.status >= 200 && reply.status < 300) continue;
      counts.set(nameOf(reply), (counts.get(nameOf(reply)) ?? 0) + 1);
    }
    return [...counts].map(([name, count]) => `${name} ×${count}`).join(", ");
  }

  get worstMs(): number {
    return worstWait(this.replies);
  }

  /** When the last request ended that was no success; 0 without one. */
  get lastFailureAt(): number {
    const failed = this.replies.filter(({ status }) => status < 200 || status >= 300);
    return failed.reduce((last, { endedAt }) => Math.max(last, endedAt), 0);
  }

  to(path: string): LoadReport {
    return new LoadReport(this.replies.filter((reply) => reply.path === path));
  }
}
