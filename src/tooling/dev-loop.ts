import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { watch, type FSWatcher } from "node:fs";

/** What a loop watches, builds and runs. */
export interface DevLoopOptions {
  /** Folders and files. */
  readonly watched: readonly string[];
  /** Names, as the watcher gives them, that are written by the build itself. */
  readonly ignored: RegExp;
  /** @returns whether it succeeded; it says itself why not. */
  readonly build: () => Promise<boolean>;
  /** Starts the program, which ends in order on SIGINT. */
  readonly run: () => ChildProcess;
}

/** An editor writes several files in a row, and some of them twice. */
const QUIET_MS = 200;

/**
 * Builds after each change, and puts the new program in the place of the old one. While a build runs,
 * and when it fails, the old program goes on.
 */
export class DevLoop {
  private readonly watchers: FSWatcher[] = [];
  private program: ChildProcess | undefined;
  private timer: NodeJS.Timeout | undefined;
  private building: Promise<void> | undefined;
  private isStale = false;
  private isStopped = false;

  constructor(private readonly options: DevLoopOptions) {}

  start(): void {
    for (const path of this.options.watched) {
      const watcher = watch(path, { recursive: true }, (_event, name) => {
        if (name === null || this.options.ignored.test(name)) return;
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.changed(), QUIET_MS);
      });
      this.watchers.push(watcher);
    }
    this.changed();
  }

  /** Ends the program in order. */
  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    for (const watcher of this.watchers) watcher.close();
    await this.building;
    await this.endProgram();
  }

  private changed(): void {
    this.isStale = true;
    this.building ??= this.catchUp().finally(() => {
      this.building = undefined;
    });
  }

  private async catchUp(): Promise<void> {
    while (this.isStale && !this.isStopped) {
      this.isStale = false;
      if (!(await this.options.build()) || this.isStopped) continue;
      await this.endProgram();
      this.program = this.options.run();
    }
  }

  private async endProgram(): Promise<void> {
    const { program } = this;
    this.program = undefined;
    if (!program || program.exitCode !== null || program.signalCode !== null) return;
    const ended = once(program, "exit");
    program.kill("SIGINT");
    await ended;
  }
}
