import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { freePort } from "../support/free-port.js";
import { temporaryDirectory, until } from "../support/process.js";
import { databaseOwner, type Postgres } from "./postgres.js";
import { endsWithUs } from "../support/children.js";

const BINARY = "/usr/sbin/pgbouncer";

export function hasPgBouncer(): boolean {
  return existsSync(BINARY);
}

/** Debian's PgBouncer in transaction mode, in front of `postgres`: each transaction may get another session. */
export class PgBouncer {
  private constructor(
    private readonly child: ChildProcess,
    private readonly port: number,
  ) {}

  static async start(postgres: Postgres): Promise<PgBouncer> {
    const directory = await temporaryDirectory();
    const port = await freePort();
    const file = join(directory, "pgbouncer.ini");
    await writeFile(
      file,
      `[databases]
* = host=127.0.0.1 port=${postgres.port} user=parley
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 8
ignore_startup_parameters = extra_float_digits,options
`,
    );
    await chmod(directory, 0o755);
    const child = endsWithUs(
      spawn(BINARY, ["-q", file], { ...databaseOwner(), cwd: "/", stdio: "ignore" }),
    );
    const bouncer = new PgBouncer(child, port);
    await until(
      async () => {
        const client = new pg.Client({ connectionString: bouncer.url("postgres") });
        client.on("error", () => {});
        return client.connect().then(
          () => client.end().then(() => true),
          () => undefined,
        );
      },
      () => "PgBouncer does not start",
    );
    return bouncer;
  }

  url(database: string): string {
    return `postgresql://parley@127.0.0.1:${this.port}/${database}`;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, "exit");
    this.child.kill("SIGKILL");
    await gone;
  }
}
