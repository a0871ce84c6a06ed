import { randomUUID } from "node:crypto";
import { createApp } from "../../src/platform/app.js";
import { SCOPES, type Scope } from "../../src/platform/auth/scopes.js";
import { newToken } from "../../src/platform/auth/token-secret.js";
import type { RateLimitName, RateLimitRule } from "../../src/platform/auth/rate-limits.js";
import type { SafeFetcher } from "../../src/process/web/safe-fetch.js";
import { compose, type Environment, type Parley } from "../../src/platform/compose.js";
import { loadConfig } from "../../src/platform/config.js";
import type { Database, DatabaseHandle } from "../../src/platform/database/client.js";
import { createHttpServer, listen } from "../../src/platform/http/server.js";
import type { LoadLimits } from "../../src/platform/http/shedding.js";
import type { Rooms } from "../../src/platform/livekit/rooms.js";
import { createLog } from "../../src/process/log.js";
import { cloneDatabase } from "./database.js";

/** The platform's own address in tests; widgets' domains are others. */
export const PUBLIC_URL = "http://parley.test:4000";
export const LIVEKIT = {
  url: "ws://livekit.test:7880",
  apiKey: "APItestkey",
  apiSecret: "a-livekit-secret-for-tests-only-0123456789",
};
export const APP_SECRET = "an-app-secret-for-tests-only-0123456789abc";
export const AGENT_SECRET = "an-agent-secret-for-tests-only-0123456789";

/** An answer, read. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // Tests look into answers freely; the type checker has nothing to hold on to there.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
  readonly text: string;
}

export interface CallOptions {
  readonly key?: string | undefined;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** LiveKit's rooms, remembered instead of deleted. */
export class FakeRooms implements Rooms {
  readonly deleted: string[] = [];
  /** What `list` answers; undefined: LiveKit is down. */
  alive: Set<string> | undefined;

  deleteInBackground(names: readonly string[]): void {
    this.deleted.push(...names);
  }

  async list(): Promise<ReadonlySet<string> | undefined> {
    return this.alive;
  }

  /** Whom `holds` finds, by room. */
  readonly present = new Map<string, string>();

  async holds(room: string, identity: string): Promise<boolean> {
    return this.present.get(room) === identity;
  }

  async close(): Promise<void> {}
}

/** A clock that a test may set forward. It runs on by itself. */
export class TestClock {
  private offsetMs = 0;

  readonly now = (): Date => new Date(Date.now() + this.offsetMs);

  forward(seconds: number): void {
    this.offsetMs += seconds * 1000;
  }
}

/** Tests hold the event loop themselves, and races need all requests at once. */
const NO_LIMITS: LoadLimits = {
  anybody: 1_000,
  waiting: 0,
  waitMs: 0,
  verified: 1_000,
  loopLagMs: Infinity,
};

export interface TestAppOptions {
  readonly config?: Record<string, string>;
  readonly rateLimits?: Partial<Record<RateLimitName, RateLimitRule>>;
  readonly load?: Partial<LoadLimits>;
  readonly brandFetcher?: SafeFetcher;
  readonly ownWorker?: boolean;
  readonly streams?: Environment["streams"];
  /** Another app's database, for several instances on one. */
  readonly database?: DatabaseHandle;
  /** Another app's clock, for instances that agree about the time. */
  readonly clock?: TestClock;
}

let redisDatabases = 0;

/** Where a test file has a Redis, each app counts in a database of its own there. */
function sharedLimits(): Record<string, string> {
  const address = process.env["TEST_REDIS"];
  return address ? { REDIS_URL: `${address}/${redisDatabases++}` } : {};
}

/** The whole platform on a database of its own, listening on a free port of 127.0.0.1. */
export class TestApp {
  readonly rooms: FakeRooms;
  readonly clock: TestClock;
  /** Express's own: what is answered in front of it never comes here. */
  readonly router: ReturnType<typeof createApp>["router"];

  private constructor(
    readonly url: string,
    readonly parley: Parley,
    { rooms, clock, router }: Pick<TestApp, "rooms" | "clock" | "router">,
    private readonly stopServer: () => Promise<void>,
  ) {
    this.rooms = rooms;
    this.clock = clock;
    this.router = router;
  }

  static async start(options: TestAppOptions = {}): Promise<TestApp> {
    const config = loadConfig({
      NODE_ENV: "test",
      PUBLIC_URL,
      LOG_LEVEL: "silent",
      ...sharedLimits(),
      ...options.config,
    });
    const rooms = new FakeRooms();
    const clock = options.clock ?? new TestClock();
    const many = { points: 100_000, windowSeconds: 60 };
    const parley = await compose({
      config,
      log: createLog(process.env["TEST_LOG"] ?? "silent"),
      database: options.database ?? (await cloneDatabase()),
      livekit: LIVEKIT,
      appSecret: APP_SECRET,
      agentSecret: AGENT_SECRET,
      now: clock.now,
      rooms,
      ownWorker: options.ownWorker ?? false,
      ...(options.streams ? { streams: options.streams } : {}),
      ...(options.brandFetcher ? { brandFetcher: options.brandFetcher } : {}),
      rateLimits: {
        start: many,
        feedback: many,
        logout: many,
        handle: many,
        ticket: many,
        public_widget: many,
        public_list: many,
        public_messages: many,
        failed_credentials: many,
        sign_in: many,
        sign_in_account: many,
        second_factor: many,
        ...options.rateLimits,
      },
    });
    const served = createApp(parley, { load: { ...NO_LIMITS, ...options.load } });
    const server = createHttpServer(served);
    const url = await listen(server, { port: 0, host: "127.0.0.1", log: parley.log });
    const { router } = served;
    return new TestApp(url, parley, { rooms, clock, router }, () => server.drain(1000));
  }

  get db(): Database {
    return this.parley.database.db;
  }

  async stop(options: { keepDatabase?: boolean } = {}): Promise<void> {
    this.parley.streams.close();
    await this.stopServer();
    await this.parley.apollo.stop();
    await this.parley.summaries.stop();
    this.parley.sharedCounts?.close();
    if (!options.keepDatabase) await this.parley.database.close();
  }

  /** One HTTP request. A string body is sent as it is, anything else as JSON. */
  async call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    const headers: Record<string, string> = { ...options.headers };
    if (options.key) headers["authorization"] ??= `Bearer ${options.key}`;
    let body: string | undefined;
    if (options.body !== undefined) {
      headers["content-type"] ??= "application/json";
      body = typeof options.body === "string" ? options.body : JSON.stringify(options.body);
    }
    const response = await fetch(this.url + path, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
      redirect: "manual",
    });
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json") && text !== "";
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson ? JSON.parse(text) : undefined,
    };
  }

  get(path: string, key?: string, headers?: Record<string, string>): Promise<Answer> {
    return this.call("GET", path, { key, ...(headers ? { headers } : {}) });
  }

  post(
    path: string,
    body: unknown,
    key?: string,
    headers?: Record<string, string>,
  ): Promise<Answer> {
    return this.call("POST", path, { key, body, ...(headers ? { headers } : {}) });
  }

  put(
    path: string,
    body: unknown,
    key?: string,
    headers?: Record<string, string>,
  ): Promise<Answer> {
    return this.call("PUT", path, { key, body, ...(headers ? { headers } : {}) });
  }

  delete(path: string, key?: string): Promise<Answer> {
    return this.call("DELETE", path, { key });
  }

  /** A GraphQL request; `body.data` and `body.errors` as they came. */
  gql(
    query: string,
    variables: Record<string, unknown> = {},
    key?: string,
    headers?: Record<string, string>,
  ): Promise<Answer> {
    return this.call("POST", "/graphql", {
      key,
      body: { query, variables },
      ...(headers ? { headers } : {}),
    });
  }

  /** A new organization and a key for it, with all scopes unless some are named. */
  async organization(scopes: readonly Scope[] = SCOPES): Promise<{ id: string; key: string }> {
    const id = `org_${randomUUID()}`;
    await this.db.organization.create({ data: { id, name: id, createdAt: this.clock.now() } });
    return { id, key: await this.key(id, scopes) };
  }

  /** Another key of an organization. */
  async key(
    organizationId: string,
    scopes: readonly Scope[],
    dates: { expiresAt?: Date; revokedAt?: Date } = {},
  ): Promise<string> {
    const token = newToken("ak");
    await this.db.apiKey.create({
      data: {
        id: token.id,
        organizationId,
        name: "test",
        secretHash: token.hash,
        scopes: [...scopes],
        createdAt: this.clock.now(),
        ...dates,
      },
    });
    return token.text;
  }

  /** A user of an organization with a personal access token. */
  async personalToken(organizationId: string, role: "admin" | "viewer"): Promise<string> {
    const token = newToken("pat");
    const userId = randomUUID();
    const createdAt = this.clock.now();
    await this.db.user.create({
      data: { id: userId, email: `${userId}@test.example`, name: "Test", createdAt },
    });
    await this.db.membership.create({ data: { userId, organizationId, role, createdAt } });
    await this.db.personalAccessToken.create({
      data: { id: token.id, userId, name: "test", secretHash: token.hash, createdAt },
    });
    return token.text;
  }

  /** By REST: an agent with a version, published unless said otherwise. */
  async agent(
    key: string,
    options: { config?: object; published?: boolean } = {},
  ): Promise<{ agentId: string; versionId: string; version: number }> {
    const agent = await this.post("/core/agents", { name: "Ada" }, key);
    const config = options.config ?? {};
    const version = await this.post(`/core/agents/${agent.body.id}/versions`, { config }, key);
    if (options.published !== false) {
      await this.post(
        `/core/agents/${agent.body.id}/versions/${version.body.version}/publish`,
        {},
        key,
      );
    }
    return { agentId: agent.body.id, versionId: version.body.id, version: version.body.version };
  }

  /** By REST: a live widget of a new agent, with the fields given on top. */
  async widget(
    key: string,
    fields: object = {},
    agent: { config?: object; published?: boolean } = {},
  ): Promise<Answer["body"]> {
    const { agentId, versionId } = await this.agent(key, agent);
    const answer = await this.post(
      "/core/web-widgets",
      { agent_id: agentId, agent_version_id: versionId, published: true, ...fields },
      key,
    );
    if (answer.status !== 201) throw new Error(`widget: ${answer.text}`);
    return answer.body;
  }

  /** Starts, or resumes, a conversation by REST. */
  begin(widgetId: string, body: object, headers: Record<string, string> = {}): Promise<Answer> {
    return this.post(
      `/core/public/web-widgets/${widgetId}/conversations`,
      body,
      undefined,
      headers,
    );
  }

  /** An embed ticket for a page on `origin`. */
  async ticket(widgetId: string, origin?: string): Promise<string> {
    const headers = origin === undefined ? undefined : { origin };
    const answer = await this.post(
      `/core/public/web-widgets/${widgetId}/embed-ticket`,
      {},
      undefined,
      headers,
    );
    if (answer.status !== 200) throw new Error(`ticket: ${answer.text}`);
    return answer.body.ticket;
  }
}
