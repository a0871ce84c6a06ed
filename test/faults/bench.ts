import { freePort } from "../support/free-port.js";
import { endProcesses, ParleyProcess, temporaryDirectory } from "../support/process.js";
import type { DatabaseKind } from "./fault.js";
import { Load, type LoadPlan } from "./load.js";
import { PgBouncer } from "./pgbouncer.js";
import { Platform } from "./platform.js";
import { Postgres } from "./postgres.js";
import { TcpProxy } from "./tcp-proxy.js";

/** Starts what a fault needs, and ends all of it, whatever became of the fault. */
export class Bench {
  private readonly endings: (() => Promise<void> | void)[] = [];

  /** @param main the `dist/main.js` that is tried. @param isShort fewer rounds. */
  constructor(
    private readonly main: string,
    readonly isShort: boolean,
  ) {}

  /** A platform whose database is `database`; a new PostgreSQL unless there is a URL. */
  async platform(
    database: DatabaseKind,
    options: { databaseUrl?: string; env?: Record<string, string> } = {},
  ): Promise<Platform> {
    const { databaseUrl = database === "postgres" ? (await this.postgres()).url() : undefined } =
      options;
    return Platform.start(this.main, {
      ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
      ...options.env,
    });
  }

  /** `npm start`: the platform in development, with a LiveKit and an agent of its own. */
  async demo(): Promise<ParleyProcess> {
    const env = { DATA_DIR: await temporaryDirectory(), PORT: String(await freePort()) };
    return ParleyProcess.start({ ...env, LOG_LEVEL: "error" }, this.main);
  }

  async postgres(options: { mounted?: string } = {}): Promise<Postgres> {
    const postgres = await Postgres.start(options);
    this.atEnd(() => postgres.stop("immediate"));
    return postgres;
  }

  async bouncer(postgres: Postgres): Promise<PgBouncer> {
    const bouncer = await PgBouncer.start(postgres);
    this.atEnd(() => bouncer.stop());
    return bouncer;
  }

  async cable(postgres: Postgres): Promise<TcpProxy> {
    const proxy = await TcpProxy.start(postgres.port);
    this.atEnd(() => proxy.close());
    return proxy;
  }

  async load(plan: LoadPlan): Promise<Load> {
    const load = await Load.start(plan);
    this.atEnd(() => load.kill());
    return load;
  }

  /** Run when the fault is over, the last one first. */
  atEnd(ending: () => Promise<void> | void): void {
    this.endings.push(ending);
  }

  /** Ends everything that was started. */
  async clear(): Promise<void> {
    for (const ending of this.endings.splice(0).toReversed()) await ending();
    await endProcesses();
  }
}
