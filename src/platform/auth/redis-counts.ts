import { createClient, defineScript, ErrorReply, type CommandParser } from "@redis/client";
import type { Logger } from "pino";
import { OperatorError } from "../../process/operator-error.js";
import { MemoryCounter, type CallCounter, type Count } from "./call-counter.js";

/** How long a request waits for an answer. */
const ANSWER_MS = 100;
const CONNECT_MS = 1_000;
const RETRY_MS = 1_000;
const PREFIX = "parley:limit:";
/** What somebody has to mend; all else may pass by itself. */
const REFUSAL = /^(WRONGPASS|NOAUTH|NOPERM|MOVED)\b|^ERR (AUTH|DB index|invalid DB)/;

/** As `MemoryCounter` counts, in one step that nobody comes between. */
const countCall = defineScript({
  NUMBER_OF_KEYS: 1,
  SCRIPT: `
    local calls = tonumber(redis.call("GET", KEYS[1]) or "0")
    local left = redis.call("PTTL", KEYS[1])
    if left < 0 then left = tonumber(ARGV[1]) end
    if calls >= tonumber(ARGV[2]) then return { calls, 1, left } end
    calls = redis.call("INCR", KEYS[1])
    redis.call("PEXPIRE", KEYS[1], left)
    return { calls, 0, left }`,
  parseCommand: (parser: CommandParser, key: string, windowMs: number, allowed: number) => {
    parser.pushKey(key);
    parser.push(String(windowMs), String(allowed));
  },
  transformReply: ([calls, over, msLeft]: [number, number, number]): Count => ({
    calls,
    isOver: over === 1,
    msLeft,
  }),
});

type Client = ReturnType<typeof newClient>;

/** It connects once: what comes then is up to us. No command waits for a connection. */
function newClient(url: string) {
  return createClient({
    url,
    RESP: 2,
    scripts: { countCall },
    disableOfflineQueue: true,
    socket: { connectTimeout: CONNECT_MS, reconnectStrategy: false },
  });
}

/**
 * Calls are counted in Redis, or Valkey, for all instances together. While it is away each counts in its
 * own memory: no request waits for it longer than a moment, and none is refused for its sake.
 */
export class RedisCounts {
  private client: Client | undefined;
  private isClosed = false;
  private retry: NodeJS.Timeout | undefined;

  private constructor(
    private readonly url: string,
    private readonly log: Logger,
  ) {}

  /** @throws OperatorError when it answers, and does not let us in. */
  static async open(url: string, log: Logger): Promise<RedisCounts> {
    const counts = new RedisCounts(url, log);
    try {
      await counts.connect();
    } catch (error) {
      if (error instanceof ErrorReply && REFUSAL.test(error.message)) {
        throw new OperatorError(`REDIS_URL cannot be used: Redis says "${error.message}".`);
      }
      counts.goOnAlone(error);
    }
    return counts;
  }

  /** @param name of the limit, by which instances find the same count. */
  counter(name: string, windowSeconds: number): CallCounter {
    const alone = new MemoryCounter(windowSeconds);
    return {
      count: (key, allowed) => {
        const { client } = this;
        if (!client) return alone.count(key, allowed);
        return this.ask(client, `${PREFIX}${name}:${key}`, windowSeconds * 1000, allowed).catch(
          () => alone.count(key, allowed),
        );
      },
    };
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.retry);
    const { client } = this;
    this.client = undefined;
    if (client?.isOpen) client.destroy();
  }

  private async ask(
    client: Client,
    key: string,
    windowMs: number,
    allowed: number,
  ): Promise<Count> {
    let isAnswered = false;
    // When it is our own loop that was late, the answer is there and is read before this.
    const timer = setTimeout(
      () => setImmediate(() => isAnswered || this.lose(client, LATE)),
      ANSWER_MS,
    );
    try {
      return await client.countCall(key, windowMs, allowed);
    } catch (error) {
      this.lose(client, error);
      throw error;
    } finally {
      isAnswered = true;
      clearTimeout(timer);
    }
  }

  /** All that wait for an answer of it get an error. */
  private lose(client: Client, error: unknown): void {
    if (this.client !== client) return;
    this.client = undefined;
    if (client.isOpen) client.destroy();
    this.goOnAlone(error);
  }

  private goOnAlone(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.log.warn({ reason }, "Redis is away: this instance counts limits alone until it is back");
    this.tryAgain();
  }

  private tryAgain(): void {
    this.retry = setTimeout(() => {
      this.connect().then(
        () => this.log.info("Redis is back: limits are counted for all instances together"),
        () => this.tryAgain(),
      );
    }, RETRY_MS).unref();
  }

  private async connect(): Promise<void> {
    const client = newClient(this.url);
    client.on("error", (error) => this.lose(client, error));
    // It may take the connection and say nothing.
    const timer = setTimeout(() => client.destroy(), CONNECT_MS);
    try {
      await client.connect();
      // Whoever may count is let in.
      await client.countCall(`${PREFIX}probe`, 1, 1);
    } catch (error) {
      if (client.isOpen) client.destroy();
      throw error;
    } finally {
      clearTimeout(timer);
    }
    if (this.isClosed) client.destroy();
    else this.client = client;
  }
}

const LATE = new Error(`no answer within ${ANSWER_MS} ms`);
