import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeSelfSigned } from "./self-signed.js";
import { endsWithUs } from "./children.js";
import { until } from "./process.js";

const NGINX = "/usr/sbin/nginx";

/** Where CI has no nginx the tests fail: there it is required. */
export const mayUseNginx = existsSync(NGINX) || process.env["CI"] !== undefined;
if (!mayUseNginx) process.stdout.write("Tests behind a proxy skipped: no nginx was found.\n");

/** One place of nginx: what it listens on, and where it passes what is below a path on to, as nginx writes it. */
export interface ProxiedPlace {
  readonly port: number;
  readonly proxyPass: string;
  /** What it is called; absent: `localhost`. */
  readonly names?: readonly string[];
  /** Absent: `/chat/`. */
  readonly path?: string;
}

/** A real nginx with TLS and HTTP/2, which its owner stops. */
export class Nginx {
  private output = "";

  private constructor(
    private readonly child: ChildProcess,
    private readonly directory: string,
  ) {
    child.stderr?.on("data", (chunk: Buffer) => (this.output += chunk.toString()));
  }

  static async start(places: readonly ProxiedPlace[]): Promise<Nginx> {
    const directory = await mkdtemp(join(tmpdir(), "parley-nginx-"));
    const { key, cert } = makeSelfSigned(places.flatMap(namesOf));
    await writeFile(join(directory, "key.pem"), key);
    await writeFile(join(directory, "cert.pem"), cert);
    await writeFile(join(directory, "nginx.conf"), configuration(directory, places));
    const args = ["-p", directory, "-c", join(directory, "nginx.conf"), "-e", "stderr"];
    const child = endsWithUs(spawn(NGINX, args, { stdio: ["ignore", "ignore", "pipe"] }));
    const nginx = new Nginx(child, directory);
    await until(
      () => {
        if (child.exitCode !== null) throw new Error(`nginx ended:\n${nginx.output}`);
        return existsSync(join(directory, "nginx.pid")) || undefined;
      },
      () => `nginx did not start:\n${nginx.output}`,
    );
    return nginx;
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => {
      this.child.once("exit", resolve);
    });
    if (this.child.exitCode === null) {
      this.child.kill("SIGTERM");
      await ended;
    }
    await rm(this.directory, { recursive: true, force: true });
  }
}

function namesOf({ names = ["localhost"] }: ProxiedPlace): readonly string[] {
  return names;
}

/** In the foreground and as the user who runs the tests; nothing outside its directory is written. */
function configuration(directory: string, places: readonly ProxiedPlace[]): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${join(directory, name)};`)
    .join(" ");
  const servers = places.map(
    ({ path = "/chat/", ...place }) => `server {
      listen 127.0.0.1:${place.port} ssl http2;
      server_name ${namesOf(place).join(" ")};
      ssl_certificate cert.pem;
      ssl_certificate_key key.pem;
      location ${path} {
        proxy_pass ${place.proxyPass};
        proxy_set_header Host $host;
        proxy_set_header X-Forwarded-Host $host;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header X-Forwarded-Proto $scheme;
      }
    }`,
  );
  return `daemon off;
master_process off;
pid ${join(directory, "nginx.pid")};
error_log stderr warn;
events {}
http { access_log off; ${temporary} ${servers.join("\n")} }
`;
}
