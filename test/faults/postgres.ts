import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { chown, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { freePort } from "../support/free-port.js";
import { temporaryDirectory, until } from "../support/process.js";
import { childrenOf } from "../support/process-tree.js";
import { endsWithUs } from "../support/children.js";

const DEBIAN = "/usr/lib/postgresql";
/** PostgreSQL's own signals: an orderly stop, and one without a word. */
const FAST = "SIGINT";
const IMMEDIATE = "SIGQUIT";

/** A user's ids: PostgreSQL and PgBouncer refuse to run as root. */
export interface Owner {
  readonly uid?: number;
  readonly gid?: number;
}

/** Debian's newest PostgreSQL, or undefined. */
export function postgresBinaries(): string | undefined {
  if (!existsSync(DEBIAN)) return undefined;
  const newest = readdirSync(DEBIAN).toSorted((a, b) => Number(b) - Number(a));
  return newest.map((version) => join(DEBIAN, version, "bin")).find((bin) => existsSync(bin));
}

/** Whose processes the database's are: ours, unless we are root. */
export function databaseOwner(): Owner {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string): number =>
    Number(spawnSync("id", [flag, "postgres"], { encoding: "utf8" }).stdout);
  return { uid: id("-u"), gid: id("-g") };
}

/** A database server of the bench's own, as child processes, which may be hurt. */
export class Postgres {
  private child: ChildProcess | undefined;

  private constructor(
    private readonly bin: string,
    private readonly directory: string,
    private readonly dataDirectory: string,
    readonly port: number,
  ) {}

  /**
   * Makes a cluster and starts it.
   *
   * @param mounted a directory for its tables alone, its log of writes aside; default: a new one.
   * @param isDurable as it comes: a commit waits for the disk.
   */
  static async start(options: { mounted?: string; isDurable?: boolean } = {}): Promise<Postgres> {
    const bin = postgresBinaries();
    if (!bin) throw new Error(`There is no PostgreSQL in ${DEBIAN}.`);
    const directory = await temporaryDirectory();
    const data = options.mounted ? join(options.mounted, "data") : join(directory, "data");
    await mkdir(data, { mode: 0o700 });
    const owner = databaseOwner();
    for (const path of [directory, data]) {
      if (owner.uid !== undefined) await chown(path, owner.uid, owner.gid ?? owner.uid);
    }
    const init = spawnSync(
      join(bin, "initdb"),
      ["-N", "-D", data, "-U", "parley", "-A", "trust", "-E", "UTF8", "-X", join(directory, "wal")],
      { ...owner, cwd: "/", encoding: "utf8" },
    );
    if (init.status !== 0) throw new Error(`initdb failed: ${init.stderr}`);
    const settings = {
      listen_addresses: "'127.0.0.1'",
      unix_socket_directories: `'${directory}'`,
      // The machine stays on: what is given to the system is as good as on its disk.
      ...(options.isDurable ? {} : { fsync: "off" }),
      max_connections: "60",
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`);
    await writeFile(join(data, "postgresql.auto.conf"), lines.join(""));
    const postgres = new Postgres(bin, directory, data, await freePort());
    await postgres.resume();
    return postgres;
  }

  url(database = "postgres"): string {
    return `postgresql://parley@127.0.0.1:${this.port}/${database}`;
  }

  /** Starts the server again, and waits until it answers. */
  async resume(): Promise<void> {
    const options = ["-D", this.dataDirectory, "-p", String(this.port)];
    this.child = endsWithUs(
      spawn(join(this.bin, "postgres"), options, { ...databaseOwner(), cwd: "/", stdio: "ignore" }),
      { signal: IMMEDIATE },
    );
    await until(
      () =>
        this.query("SELECT 1").then(
          () => true,
          () => undefined,
        ),
      () => "PostgreSQL does not start",
    );
  }

  /** @param how orderly, which breaks off sessions with a word, or not even that. */
  async stop(how: "orderly" | "immediate"): Promise<void> {
    const child = this.child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    this.thaw();
    child.kill(how === "orderly" ? FAST : IMMEDIATE);
    await gone;
  }

  /** Stops every process of the server where it stands: connections live, nothing answers. */
  freeze(): void {
    this.signalAll("SIGSTOP");
  }

  thaw(): void {
    this.signalAll("SIGCONT");
  }

  /** @returns a new, empty database's URL. */
  async createDatabase(name: string): Promise<string> {
    await this.query(`CREATE DATABASE "${name}"`);
    return this.url(name);
  }

  /** Runs one statement over a connection of its own. */
  async query<T extends object>(sql: string, database = "postgres"): Promise<T[]> {
    const client = new pg.Client({ connectionString: this.url(database) });
    // What is cut on purpose is no error of ours.
    client.on("error", () => {});
    await client.connect();
    try {
      return (await client.query<T>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  private signalAll(signal: NodeJS.Signals): void {
    const pid = this.child?.pid;
    if (pid === undefined) return;
    // The parent first, so that no child is born meanwhile.
    this.child?.kill(signal);
    for (const child of childrenOf(pid)) {
      try {
        process.kill(child, signal);
      } catch {
        // It has just ended.
      }
    }
  }
}
