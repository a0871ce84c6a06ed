import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { endsWithUs } from "./children.js";
import { freePort } from "./free-port.js";
import { until } from "./process.js";

const REDIS = "/usr/bin/redis-server";

/** Where CI has no Redis the tests fail: there it is required. */
export const mayUseRedis = existsSync(REDIS) || process.env["CI"] !== undefined;
if (!mayUseRedis)
  process.stdout.write("Tests of shared limits skipped: no redis-server was found.\n");

/** A Redis in memory alone, which its owner stops. */
export class Redis {
  private child: ChildProcess | undefined;

  private constructor(private readonly port: number) {}

  static async start(): Promise<Redis> {
    const redis = new Redis(await freePort());
    await redis.run();
    return redis;
  }

  /** Without a database's number, of which there are a hundred. */
  get address(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  url(database = 0, password = ""): string {
    return `redis://${password && `:${password}@`}127.0.0.1:${this.port}/${database}`;
  }

  /** Again, at the same place and empty. @param args more than it needs. */
  async run(...args: string[]): Promise<void> {
    const own = ["--port", String(this.port), "--bind", "127.0.0.1", "--databases", "100"];
    const memoryAlone = ["--save", "", "--dir", tmpdir()];
    const child = endsWithUs(spawn(REDIS, [...own, ...memoryAlone, ...args], { stdio: "ignore" }));
    this.child = child;
    await until(
      () => this.isListening(),
      () => `redis-server does not start: ${child.exitCode}`,
    );
  }

  /** It keeps its connections, takes new ones, and says nothing. */
  freeze(): void {
    this.child?.kill("SIGSTOP");
  }

  thaw(): void {
    this.child?.kill("SIGCONT");
  }

  async stop(): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (!child) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  private isListening(): Promise<true | undefined> {
    return new Promise((resolve) => {
      const socket = connect(this.port, "127.0.0.1");
      socket.once("error", () => resolve(undefined));
      socket.once("connect", () => {
        socket.destroy();
        resolve(true);
      });
    });
  }
}
