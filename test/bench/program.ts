import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endsWithUs } from "../support/children.js";
import { freePort } from "../support/free-port.js";
import { temporaryDirectory, until } from "../support/process.js";

/** Linux counts a process's time in hundredths of a second. */
const TICKS_PER_SECOND = 100;

/** A server that is measured, Parley or a baseline: a process of its own, which writes its log into a file. */
export class Program {
  private constructor(
    readonly name: string,
    readonly url: string,
    private readonly child: ChildProcess,
    private readonly logFile: string,
  ) {}

  /** @param args what Node is to run. @param env its whole environment, to which its PORT is added. */
  static async start(
    name: string,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
  ): Promise<Program> {
    const port = String(await freePort());
    const logFile = join(await temporaryDirectory(), "log");
    const descriptor = openSync(logFile, "a");
    const child = endsWithUs(
      spawn(process.execPath, args, {
        env: { PATH: process.env["PATH"] ?? "", HOME: tmpdir(), ...env, PORT: port },
        stdio: ["ignore", descriptor, "inherit"],
      }),
    );
    closeSync(descriptor);
    const program = new Program(name, `http://127.0.0.1:${port}`, child, logFile);
    await until(
      () =>
        fetch(`${program.url}/readyz`).then(
          () => true,
          () => undefined,
        ),
      () => `${name} does not start:\n${program.log}`,
    );
    return program;
  }

  /** The processor time that it has used, in seconds. */
  get cpuSeconds(): number {
    const stat = readFileSync(`/proc/${this.child.pid}/stat`, "utf8");
    // What stands before the last bracket is its name, which may have spaces.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  }

  /** The memory that it holds, in megabytes. */
  get residentMb(): number {
    const status = readFileSync(`/proc/${this.child.pid}/status`, "utf8");
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
  }

  get log(): string {
    return readFileSync(this.logFile, "utf8");
  }

  stop(): void {
    this.child.kill("SIGKILL");
  }
}
