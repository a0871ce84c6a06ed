import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";
import { setTimeout as delay } from "node:timers/promises";
import type { PoolState } from "../database/client.js";
import { STREAM_PATH } from "../http/event-streams.js";
import type { RequestWatcher } from "./watched.js";
import { ConversationStatus, type TurnError } from "../database/enums.js";
import { snakeCase } from "../http/rest-name.js";

/** From a page view out of memory to a request that waited for everything it may wait for. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** From an answer out of a cache to the longest that a visitor waits for one. */
const ANSWER_SECONDS = [0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 20];
/** However many scrape, the database is asked no more often. */
const KEPT_MS = 5_000;
/** What a database that is away has not said by then is left out of the answer. */
const PATIENCE_MS = 1_000;

/** Something that is read from memory first. */
export interface Cache {
  readonly hits: number;
  readonly misses: number;
  readonly size: number;
}

/** What a turn says of the models behind it. */
interface MeasuredTurn {
  /** Milliseconds by stage. */
  readonly latency: object | undefined;
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  readonly error: TurnError | undefined;
}

/** What is counted elsewhere and asked at a scrape. */
export interface MetricSources {
  /** By the label's name. */
  readonly caches: Readonly<Record<string, Cache>>;
  readonly pool: (() => PoolState) | undefined;
  readonly streams: () => number;
  /** The next two ask the database. */
  readonly conversations: () => Promise<ReadonlyMap<ConversationStatus, number>>;
  readonly workers: () => Promise<{ count: number; activeJobs: number; free: number }>;
}

/**
 * What an operator sees of this process, for Prometheus. A label's values are all known beforehand:
 * none is an id of a widget, a visitor or an organization, or anything else that a client chose.
 */
export class Metrics {
  private readonly registry = new Registry();
  private readonly requests = new Histogram({
    name: "parley_http_request_duration_seconds",
    help: "Requests by their route's template, and how long they took to their answer's end.",
    labelNames: ["method", "route", "status"],
    buckets: SECONDS,
    registers: [this.registry],
  });
  private readonly refused = new Counter({
    name: "parley_rate_limited_total",
    help: "Requests refused by a limit, by its name.",
    labelNames: ["limit"],
    registers: [this.registry],
  });
  private readonly shed = new Counter({
    name: "parley_shed_requests_total",
    help: "Requests sent away with 503 because there was too much to do.",
    registers: [this.registry],
  });

  private readonly stages = new Histogram({
    name: "parley_answer_seconds",
    help: "How long the stages of the agents' answers took, and the whole to the first word (total).",
    labelNames: ["stage"],
    buckets: ANSWER_SECONDS,
    registers: [this.registry],
  });
  private readonly tokens = new Counter({
    name: "parley_model_tokens_total",
    help: "Tokens that models have read (input) and written (output), as the agents report them.",
    labelNames: ["direction"],
    registers: [this.registry],
  });
  private readonly troubles = new Counter({
    name: "parley_model_errors_total",
    help: "Turns of the agents in which something went wrong with a model, by what it was.",
    labelNames: ["error"],
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  text(): Promise<string> {
    return this.registry.metrics();
  }

  readonly requestWatcher: RequestWatcher =
    (_req, asked) =>
    ({ status, seconds }) => {
      // How long somebody listened says nothing of how fast we are.
      if (asked.route === STREAM_PATH && status === 200) return;
      const kind = status === undefined ? "aborted" : `${Math.floor(status / 100)}xx`;
      this.requests.observe({ ...asked, status: kind }, seconds);
    };

  limitHit(limit: string): void {
    this.refused.inc({ limit });
  }

  turnsStored(turns: readonly MeasuredTurn[]): void {
    for (const { latency, inputTokens, outputTokens, error } of turns) {
      for (const [stage, ms] of Object.entries(latency ?? {})) {
        if (typeof ms === "number") this.stages.observe({ stage: snakeCase(stage) }, ms / 1000);
      }
      if (inputTokens) this.tokens.inc({ direction: "input" }, inputTokens);
      if (outputTokens) this.tokens.inc({ direction: "output" }, outputTokens);
      if (error) this.troubles.inc({ error });
    }
  }

  requestShed(): void {
    this.shed.inc();
  }

  /** Reads these at each scrape. Called once, when they have been built. */
  watch({ caches, pool, streams, conversations, workers }: MetricSources): void {
    this.watchCaches(Object.entries(caches));
    this.gauge("parley_streams", "Streams of owners who follow a talk.", "state", (gauge) =>
      gauge.set({ state: "open" }, streams()),
    );
    if (pool) {
      this.gauge("parley_database_connections", "Connections of requests.", "state", (gauge) => {
        const { inUse, idle, waiting } = pool();
        gauge.set({ state: "in_use" }, inUse);
        gauge.set({ state: "idle" }, idle);
        gauge.set({ state: "waiting" }, waiting);
      });
    }
    const byStatus = sparingly(conversations);
    this.gauge("parley_conversations", "Conversations of all owners.", "status", async (gauge) => {
      gauge.reset();
      const counts = await byStatus();
      for (const status of counts ? Object.values(ConversationStatus) : []) {
        gauge.set({ status }, counts?.get(status) ?? 0);
      }
    });
    const agents = sparingly(workers);
    const ofAgents = "Of the agent workers of all instances: how many, their talks, room for more.";
    this.gauge("parley_workers", ofAgents, "what", async (gauge) => {
      gauge.reset();
      const now = await agents();
      if (!now) return;
      gauge.set({ what: "workers" }, now.count);
      gauge.set({ what: "jobs" }, now.activeJobs);
      gauge.set({ what: "free" }, now.free);
    });
  }

  private watchCaches(caches: readonly (readonly [name: string, cache: Cache])[]): void {
    this.gauge("parley_cache_entries", "What is in memory.", "cache", (gauge) => {
      for (const [name, { size }] of caches) gauge.set({ cache: name }, size);
    });
    const reads = new Counter({
      name: "parley_cache_reads_total",
      help: "Reads answered from memory (hit), and those that asked the database (miss).",
      labelNames: ["cache", "result"],
      registers: [this.registry],
      collect: () => {
        reads.reset();
        for (const [cache, { hits, misses }] of caches) {
          reads.inc({ cache, result: "hit" }, hits);
          reads.inc({ cache, result: "miss" }, misses);
        }
      },
    });
  }

  private gauge<Label extends string>(
    name: string,
    help: string,
    label: Label,
    collect: (gauge: Gauge<Label>) => void | Promise<void>,
  ): void {
    const gauge: Gauge<Label> = new Gauge({
      name,
      help,
      labelNames: [label],
      registers: [this.registry],
      collect: () => collect(gauge),
    });
  }
}

/** @returns undefined when `read` fails or takes too long; it is never under way twice. */
function sparingly<T>(read: () => Promise<T>): () => Promise<T | undefined> {
  let asked: Promise<T | undefined> | undefined;
  let staleMs = 0;
  return () => {
    if (!asked || performance.now() >= staleMs) {
      staleMs = Infinity;
      // Whether the database answers is told by /readyz.
      asked = read()
        .catch(() => undefined)
        .finally(() => {
          staleMs = performance.now() + KEPT_MS;
        });
    }
    return Promise.race([asked, delay(PATIENCE_MS, undefined, { ref: false })]);
  };
}
