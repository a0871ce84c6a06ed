import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, vi } from "vitest";
import { endsWithUs } from "./children.js";
import { freePort } from "./free-port.js";

const MAIN = fileURLToPath(new URL("../../dist/main.js", import.meta.url));
const PATIENCE_MS = 120_000;

/** An environment of a LiveKit of somebody else's, which nobody answers for: no server or agent of our own. */
export const FOREIGN_LIVEKIT = {
  LIVEKIT_URL: "ws://127.0.0.1:9",
  LIVEKIT_API_KEY: "APIforeignkey",
  LIVEKIT_API_SECRET: "a-foreign-livekit-secret-for-tests-0123456789",
};

const running = new Set<ParleyProcess>();
const directories: string[] = [];

/** Ends, after each test, what the test left running, with all its children. */
export function cleanUpProcesses(): void {
  // Three starts on a busy machine; what hangs ends all the same.
  vi.setConfig({ testTimeout: 150_000 });
  afterEach(endProcesses);
}

/** Ends every platform that was started here, with all its children, and removes the directories. */
export async function endProcesses(): Promise<void> {
  for (const parley of running) parley.killGroup();
  await Promise.all([...running].map((parley) => parley.exit));
  running.clear();
  for (const directory of directories.splice(0)) {
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The same in one step, for a process that is about to exit. */
export function endProcessesNow(): void {
  for (const parley of running) parley.killGroup();
  for (const directory of directories)
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
}

/** A directory that ends with the test. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "parley-operations-"));
  directories.push(directory);
  return directory;
}

/** The platform as its users run it: `node dist/main.js` in a process group of its own. */
export class ParleyProcess {
  output = "";
  readonly exit: Promise<number | NodeJS.Signals>;
  readonly url: string;
  private readonly child: ChildProcess;

  private constructor(env: Record<string, string>, port: number, main: string) {
    if (!existsSync(main))
      throw new Error(`${main} is missing: run \`npx tsx src/tooling/build.ts\``);
    this.url = `http://127.0.0.1:${port}`;
    this.child = endsWithUs(
      spawn(process.execPath, [main], {
        // Nothing of the developer's own environment.
        env: { PATH: process.env["PATH"] ?? "", HOME: tmpdir(), ...env },
        cwd: tmpdir(),
        detached: true,
        stdio: ["ignore", "pipe", "pipe"],
      }),
      { group: true },
    );
    running.add(this);
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding("utf8");
      stream?.on("data", (text: string) => (this.output += text));
    }
    this.exit = new Promise((resolve) => {
      this.child.once("close", (code, signal) => resolve(code ?? signal ?? -1));
    });
  }

  /**
   * Begins, and does not wait. Both ports are free ones unless given.
   *
   * @param main another built checkout's `dist/main.js`.
   */
  static async spawn(env: Record<string, string>, main = MAIN): Promise<ParleyProcess> {
    const port = Number(env["PORT"] ?? (await freePort()));
    const livekitPort = env["LIVEKIT_PORT"] ?? String(await freePort());
    return new ParleyProcess({ ...env, PORT: String(port), LIVEKIT_PORT: livekitPort }, port, main);
  }

  /** Begins, and waits until it says that it is ready. */
  static async start(env: Record<string, string>, main = MAIN): Promise<ParleyProcess> {
    const parley = await ParleyProcess.spawn(env, main);
    await parley.said(/Parley is ready/);
    return parley;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** The demo organization's key, which a first start prints. */
  get demoKey(): string {
    return this.printed(/API key +(ak_\S+)/);
  }

  get demoWidgetId(): string {
    return this.printed(/Demo widget +(\S+)/);
  }

  /** Waits until the output has `pattern`. @throws Error with the output when the process ends before. */
  async said(pattern: RegExp): Promise<RegExpExecArray> {
    let ended = false;
    void this.exit.then(() => (ended = true));
    return until(
      () => {
        const found = pattern.exec(this.output);
        if (!found && ended) throw new Error(`ended without ${pattern}:\n${this.output}`);
        return found ?? undefined;
      },
      () => `no ${pattern} in:\n${this.output}`,
    );
  }

  /** Sends a signal to the process alone, as `kill` does. */
  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  killGroup(): void {
    try {
      process.kill(-this.pid, "SIGKILL");
    } catch {
      // It is gone already, and its children with it.
    }
  }

  /** Waits until no process of the group is left: the last ones notice that the platform is gone, and end. */
  async groupIsGone(): Promise<void> {
    await until(
      () => (this.groupIsAlive ? undefined : true),
      () => `a process outlived the platform:\n${this.output}`,
    );
  }

  /** The log's lines, without what is said to a person. */
  get logLines(): Record<string, unknown>[] {
    return this.output
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  json(path: string, options: JsonOptions = {}): Promise<JsonAnswer> {
    return askJson(this.url + path, options);
  }

  private printed(pattern: RegExp): string {
    const text = pattern.exec(this.output)?.[1];
    if (text === undefined) throw new Error(`no ${pattern} in:\n${this.output}`);
    return text;
  }

  private get groupIsAlive(): boolean {
    try {
      process.kill(-this.pid, 0);
      return true;
    } catch {
      return false;
    }
  }
}

interface JsonOptions {
  readonly key?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

export interface JsonAnswer {
  readonly status: number;
  readonly body: Record<string, never>;
  readonly headers: Headers;
  readonly text: string;
}

/** A POST where there is a body, else a GET. */
export async function askJson(
  url: string,
  { key, body, headers: given }: JsonOptions = {},
): Promise<JsonAnswer> {
  const headers: Record<string, string> = { ...given };
  if (key) headers["authorization"] = `Bearer ${key}`;
  if (body !== undefined) headers["content-type"] ??= "application/json";
  const response = await fetch(url, {
    headers,
    ...(body === undefined
      ? {}
      : { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json");
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson ? JSON.parse(text) : {},
  };
}

/** Polls until there is a value; the limit only ends a test that would hang. */
export async function until<T>(
  look: () => T | undefined | Promise<T | undefined>,
  problem: () => string,
): Promise<T> {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const value = await look();
    if (value !== undefined) return value;
    if (Date.now() > end) throw new Error(problem());
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
