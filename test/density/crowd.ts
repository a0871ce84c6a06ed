import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { hostEnvironment } from "../../src/process/worker-environment.js";
import { endsWithUs } from "../support/children.js";

/** More rooms in one process of LiveKit's client for Node wait for each other, and their visitors' figures with them. */
const VISITORS_EACH = 25;

/** What a process of visitors is told. */
export type CrowdOrder =
  | {
      readonly type: "join";
      readonly origin: string;
      readonly widgetId: string;
      readonly visitors: readonly { readonly number: number; readonly atMs: number }[];
    }
  | { readonly type: "ask"; readonly kind: "text" | "voice" }
  | { readonly type: "leave" };

/** What it tells: milliseconds of each of its visitors. */
export type CrowdMessage =
  | { readonly type: "ready" }
  | { readonly type: "joined"; readonly joinMs: number[]; readonly firstWordMs: number[] }
  | { readonly type: "answered"; readonly answerMs: number[] };

/** The visitors of one row, in processes of their own. */
export class Crowd {
  private constructor(private readonly processes: readonly ChildProcess[]) {}

  /** Once all are there: what their processes take to begin is nobody's wait. */
  static async gather(visitors: number): Promise<Crowd> {
    const path = fileURLToPath(new URL("visitors.ts", import.meta.url));
    const count = Math.ceil(visitors / VISITORS_EACH);
    // LiveKit's client writes lines of its own to the standard output.
    const stdio = ["ignore", "ignore", "inherit", "ipc"] as const;
    const processes = Array.from({ length: count }, () =>
      endsWithUs(fork(path, { env: hostEnvironment(process.env), stdio: [...stdio] })),
    );
    await Promise.all(
      processes.map((child) => new Promise((resolve) => child.once("message", resolve))),
    );
    return new Crowd(processes);
  }

  /** Each at its time, in turn from another process. */
  async join(
    origin: string,
    widgetId: string,
    times: readonly number[],
  ): Promise<{ joinMs: number[]; firstWordMs: number[] }> {
    const all = times.map((atMs, index) => ({ number: index + 1, atMs }));
    const answers = await this.ask("joined", (_, mine) => ({
      type: "join",
      origin,
      widgetId,
      visitors: all.filter(({ number }) => number % this.processes.length === mine),
    }));
    return {
      joinMs: answers.flatMap(({ joinMs }) => joinMs),
      firstWordMs: answers.flatMap(({ firstWordMs }) => firstWordMs),
    };
  }

  /** @returns how long each waited */
  async answers(kind: "text" | "voice"): Promise<number[]> {
    const answers = await this.ask("answered", () => ({ type: "ask", kind }));
    return answers.flatMap(({ answerMs }) => answerMs);
  }

  /** Says good-bye in each room. */
  async leave(): Promise<void> {
    await Promise.all(
      this.processes.map(
        (child) =>
          new Promise((resolve) => {
            if (child.exitCode !== null) return resolve(undefined);
            child.once("exit", resolve);
            child.send({ type: "leave" } satisfies CrowdOrder);
          }),
      ),
    );
  }

  endNow(): void {
    for (const child of this.processes) child.kill("SIGKILL");
  }

  private ask<T extends CrowdMessage["type"]>(
    type: T,
    order: (child: ChildProcess, index: number) => CrowdOrder,
  ): Promise<Extract<CrowdMessage, { type: T }>[]> {
    return Promise.all(
      this.processes.map(
        (child, index) =>
          new Promise<Extract<CrowdMessage, { type: T }>>((resolve, reject) => {
            child.once("message", (message: Extract<CrowdMessage, { type: T }>) => {
              if (message.type === type) resolve(message);
            });
            child.once("exit", () => reject(new Error("A process of visitors ended.")));
            child.send(order(child, index));
          }),
      ),
    );
  }
}
