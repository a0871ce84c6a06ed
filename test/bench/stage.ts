import { randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { ask } from "../faults/ask.js";
import { Postgres } from "../faults/postgres.js";
import { endProcesses, FOREIGN_LIVEKIT } from "../support/process.js";
import { Program } from "./program.js";

const secret = (): string => randomBytes(32).toString("hex");
export const ORGANIZATION = "bench";
/** The website that embeds the widget: each public request comes from one of its pages. */
export const SITE = "https://shop.example";

/** What Parley is asked with. */
export interface Things {
  readonly agentId: string;
  readonly versionId: string;
  readonly widgetId: string;
}

/** What is measured: Parley in production mode on a PostgreSQL as it comes, and what stands beside it. */
export class Stage {
  readonly key = `ak_bench.${secret()}`;
  readonly appSecret = secret();
  readonly agentSecret = secret();
  private readonly programs: Program[] = [];
  private livekit: Server | undefined;
  private readonly baselines = new Map<string, Promise<Program>>();
  private titles = 0;
  private made: Promise<Things> | undefined;
  private running: Promise<Program> | undefined;

  private constructor(
    private readonly main: string,
    readonly postgres: Postgres,
  ) {}

  /** @param main the `dist/main.js` that is measured. */
  static async start(main: string): Promise<Stage> {
    return new Stage(main, await Postgres.start({ isDurable: true }));
  }

  /** The one Parley of most rows. */
  parley(): Promise<Program> {
    return (this.running ??= this.startParley("postgres"));
  }

  /** Another one, on a database of its own. */
  async startParley(database: string): Promise<Program> {
    return this.start("Parley", [this.main], {
      ...FOREIGN_LIVEKIT,
      LIVEKIT_URL: `ws://127.0.0.1:${await this.livekitPort()}`,
      NODE_ENV: "production",
      PUBLIC_URL: "https://parley.example",
      DATABASE_URL: this.postgres.url(database),
      APP_SECRET: this.appSecret,
      AGENT_SECRET: this.agentSecret,
      BOOTSTRAP_API_KEY: this.key,
      BOOTSTRAP_ORG: ORGANIZATION,
      TRUST_PROXY: "1",
    });
  }

  /** @param file in `baselines`. Those that are told the same are one. */
  baseline(file: string, env: Readonly<Record<string, string>> = {}): Promise<Program> {
    const name = JSON.stringify([file, env]);
    const known = this.baselines.get(name) ?? this.startBaseline(file, env);
    this.baselines.set(name, known);
    return known;
  }

  private startBaseline(file: string, env: Readonly<Record<string, string>>): Promise<Program> {
    const path = fileURLToPath(new URL(`baselines/${file}`, import.meta.url));
    return this.start(file, ["--import", import.meta.resolve("tsx"), path], {
      NODE_ENV: "production",
      DATABASE_URL: this.postgres.url(),
      ...env,
    });
  }

  /** The live widget that most rows ask for, with an agent and its published version. */
  things(): Promise<Things> {
    return (this.made ??= this.makeThings());
  }

  /** Asks Parley as the owner. @throws Error for anything but a success. */
  async own<T>(path: string, body?: object, method?: "POST" | "PUT"): Promise<T> {
    const { url } = await this.parley();
    const reply = await ask(url + path, {
      method: method ?? (body ? "POST" : "GET"),
      key: this.key,
      body,
    });
    if (reply.status >= 300 || reply.status < 200) {
      throw new Error(`${path}: ${reply.status} ${reply.error ?? reply.body}`);
    }
    return JSON.parse(reply.body) as T;
  }

  /** Of two titles by turns, which are equally long. */
  nextTitle(): string {
    this.titles += 1;
    return this.titles % 2 === 1 ? "Ask me" : "Ask us";
  }

  async end(): Promise<void> {
    for (const program of this.programs) program.stop();
    this.livekit?.close();
    await this.postgres.stop("immediate");
    await endProcesses();
  }

  private async start(...args: Parameters<typeof Program.start>): Promise<Program> {
    const program = await Program.start(...args);
    this.programs.push(program);
    return program;
  }

  private async makeThings(): Promise<Things> {
    const agent = await this.own<{ id: string }>("/core/agents", { name: "Ada" });
    const config = { instructions: "Be brief.", greeting: "Hello! What can I do for you?" };
    const versions = `/core/agents/${agent.id}/versions`;
    const version = await this.own<{ id: string }>(versions, { config });
    await this.own(`${versions}/1/publish`, {});
    const widget = await this.own<{ id: string }>("/core/web-widgets", {
      agent_id: agent.id,
      agent_version_id: version.id,
      published: true,
      domains: [SITE, "https://www.shop.example"],
      config: widgetConfig("Ask us"),
    });
    return { agentId: agent.id, versionId: version.id, widgetId: widget.id };
  }

  /** A LiveKit that says yes to everything: old rooms are deleted there. */
  private async livekitPort(): Promise<number> {
    if (!this.livekit) {
      const server = createServer((req, res) => {
        req.resume().on("end", () => {
          res.writeHead(200, { "content-type": "application/json" }).end("{}");
        });
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      this.livekit = server;
    }
    return (this.livekit.address() as AddressInfo).port;
  }
}

/** What an owner might have set. */
export function widgetConfig(title: string): object {
  return {
    v1: {
      theme: "system",
      chat: { title },
      post_conversation_feedback: {
        enabled: true,
        form: { fields: [{ id: "rating", type: "rating", label: "How was it?" }] },
      },
    },
  };
}

/** Each number is another client's address, up to 16 million of them. */
export function addressOf(n: number): string {
  return `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`;
}
