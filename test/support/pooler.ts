import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endsWithUs } from "./children.js";
import { freePort } from "./free-port.js";
import { until } from "./process.js";

export interface Pooler {
  /** As `adminUrl`, through the pooler. */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * PgBouncer in transaction mode before the cluster of `adminUrl`, as Debian configures it and with so
 * few connections that clients must share them.
 */
export async function startPooler(adminUrl: string): Promise<Pooler> {
  const target = new URL(adminUrl);
  const port = await freePort();
  const directory = await mkdtemp(join(tmpdir(), "parley-pooler-"));
  // Started by root it becomes another user, who reads it too.
  await chmod(directory, 0o755);
  const file = join(directory, "pgbouncer.ini");
  const password = target.password && ` password=${decodeURIComponent(target.password)}`;
  const lines = [
    "[databases]",
    `* = host=${target.hostname} port=${target.port || 5432} user=${target.username}${password}`,
    "[pgbouncer]",
    "listen_addr = 127.0.0.1",
    `listen_port = ${port}`,
    "unix_socket_dir =",
    "auth_type = any",
    "pool_mode = transaction",
    "default_pool_size = 3",
    "ignore_startup_parameters = extra_float_digits",
  ];
  await writeFile(file, lines.join("\n"));
  const user = process.getuid?.() === 0 ? ["-u", "postgres"] : [];
  const child = endsWithUs(
    spawn("pgbouncer", ["-q", ...user, file], {
      env: { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin` },
      stdio: ["ignore", "inherit", "inherit"],
    }),
  );
  const ended = once(child, "close");
  await until(
    () => (child.exitCode === null ? answers(port) : Promise.reject(new Error("pgbouncer ended"))),
    () => "pgbouncer does not listen",
  );
  const url = new URL(adminUrl);
  url.host = `127.0.0.1:${port}`;
  return {
    url: url.href,
    stop: async () => {
      child.kill("SIGKILL");
      await ended;
      await rm(directory, { recursive: true });
    },
  };
}

async function answers(port: number): Promise<true | undefined> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return undefined;
  } finally {
    socket.destroy();
  }
}
