import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { endsWithUs } from "../support/children.js";

const CLIENT = fileURLToPath(new URL("load-client.ts", import.meta.url));
export const CONNECTIONS = 32;

export interface LoadRequest {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What the load generator is told. */
export interface LoadPlan {
  /** Each is asked by as many connections. */
  readonly urls: readonly string[];
  readonly seconds: number;
  /** Of each connection; absent: as many as it can. */
  readonly perSecond?: number;
  /** Dealt out to the connections, each of which goes round its own. */
  readonly requests: readonly LoadRequest[];
  /** What the answers may be, byte for byte; absent: they differ from each other. */
  readonly bodies?: readonly string[];
  /** A pattern of what does differ in them, such as a time. */
  readonly varying?: string;
}

export interface LoadResult {
  readonly answers: number;
  readonly seconds: number;
  readonly p99Ms: number;
  /** What must not be: other statuses than 2xx and 304, other bytes, broken connections; each with its count. */
  readonly wrong: Readonly<Record<string, number>>;
  /** The first wrong body. */
  readonly sample?: string;
}

/** Runs the load generator in a process of its own. @throws Error when any answer was not as it must be. */
export async function load(plan: LoadPlan): Promise<LoadResult> {
  const child = endsWithUs(fork(CLIENT, { stdio: ["ignore", "inherit", "inherit", "ipc"] }));
  const gone = once(child, "exit");
  child.send(plan);
  const [result] = (await Promise.race([
    once(child, "message"),
    gone.then(([code]) => {
      throw new Error(`the load generator ended with ${String(code)}`);
    }),
  ])) as [LoadResult];
  await gone;
  if (Object.keys(result.wrong).length > 0) {
    throw new Error(`wrong answers: ${JSON.stringify(result.wrong)} ${result.sample ?? ""}`);
  }
  return result;
}
