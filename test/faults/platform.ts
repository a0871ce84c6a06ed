import { randomBytes } from "node:crypto";
import { freePort } from "../support/free-port.js";
import { FOREIGN_LIVEKIT, ParleyProcess, temporaryDirectory } from "../support/process.js";
import { ask, type Question, type Reply } from "./ask.js";
import { sleep } from "./fault.js";

const secret = (): string => randomBytes(32).toString("hex");

/** The built platform in production mode, with one organization's key. It may be killed and started again. */
export class Platform {
  private constructor(
    private readonly main: string,
    private readonly env: Record<string, string>,
    readonly key: string,
    public process: ParleyProcess,
  ) {}

  /** @param main the `dist/main.js` that is tried. */
  static async start(main: string, env: Record<string, string>): Promise<Platform> {
    const key = `ak_faults.${secret()}`;
    const everything = {
      ...FOREIGN_LIVEKIT,
      NODE_ENV: "production",
      PORT: String(await freePort()),
      PUBLIC_URL: "https://parley.example",
      APP_SECRET: secret(),
      AGENT_SECRET: secret(),
      BOOTSTRAP_API_KEY: key,
      BOOTSTRAP_ORG: "faults",
      DATA_DIR: env["DATABASE_URL"] ? "" : await temporaryDirectory(),
      // Nobody balances load here, who would have to notice.
      SHUTDOWN_GRACE_SECONDS: "1",
      LOG_LEVEL: "error",
      ...env,
    };
    return new Platform(main, everything, key, await ParleyProcess.start(everything, main));
  }

  get url(): string {
    return this.process.url;
  }

  /** Starts it again as it was, when it has ended. @returns the milliseconds until it was ready. */
  async startAgain(): Promise<number> {
    const begun = Date.now();
    this.process = await ParleyProcess.start(this.env, this.main);
    return Date.now() - begun;
  }

  /** As the owner. */
  ask(path: string, question: Question = {}): Promise<Reply> {
    return ask(this.url + path, { key: this.key, ...question });
  }

  /** As anybody. */
  askAsStranger(path: string, question: Question = {}): Promise<Reply> {
    return ask(this.url + path, question);
  }

  /** Waits until it answers several at once, three times in a row: how long it took is in the load's answers. */
  async isWell(atMostMs: number): Promise<void> {
    const end = Date.now() + atMostMs;
    for (let inARow = 0; inARow < 3 && Date.now() < end; await sleep(300)) {
      const replies = await Promise.all([
        this.askAsStranger("/readyz", { timeoutMs: 5000 }),
        ...[1, 2, 3, 4].map(() => this.ask("/core/agents?limit=1", { timeoutMs: 5000 })),
      ]);
      inARow = replies.every(({ status }) => status === 200) ? inARow + 1 : 0;
    }
  }

  /** @returns the id of a new live widget. */
  async makeWidget(): Promise<string> {
    const agent = await this.create("/core/agents", { name: "Ada" });
    const config = { instructions: "Be brief." };
    const version = await this.create(`/core/agents/${agent}/versions`, { config });
    await this.ask(`/core/agents/${agent}/versions/1/publish`, { method: "POST", body: {} });
    return this.create("/core/web-widgets", {
      agent_id: agent,
      agent_version_id: version,
      published: true,
    });
  }

  /** Every agent's name, by the documented pages. */
  async agentNames(): Promise<Set<string>> {
    const names = new Set<string>();
    let path: string | undefined = "/core/agents?limit=100";
    while (path) {
      const { status, headers, body }: Reply = await this.insist(path);
      if (status !== 200) throw new Error(`${path}: ${status} ${body}`);
      for (const { name } of JSON.parse(body) as { name: string }[]) names.add(name);
      const next: string | undefined = /<([^>]+)>; rel="next"/.exec(String(headers["link"]))?.[1];
      path = next && new URL(next, this.url).pathname + new URL(next, this.url).search;
    }
    return names;
  }

  /** Comes again when it is told to: a busy machine makes a new platform late. */
  private async insist(path: string, question: Question = {}): Promise<Reply> {
    for (let tries = 1; ; tries += 1) {
      const reply = await this.ask(path, question);
      if (reply.status !== 503 || tries === 5) return reply;
      await sleep(1000 * Number(reply.headers["retry-after"] ?? 1));
    }
  }

  private async create(path: string, body: object): Promise<string> {
    const reply = await this.insist(path, { method: "POST", body });
    if (reply.status !== 201) throw new Error(`${path}: ${reply.status} ${reply.body}`);
    return (JSON.parse(reply.body) as { id: string }).id;
  }
}
