import type { WebhookEvent } from "@livekit/protocol";
import { orAfter } from "../process/or-after.js";
import type { Log } from "./guarded.js";
import { newSid } from "./sid.js";
import type { TokenAuthority } from "./tokens.js";

/** Waits between attempts; there is one attempt more than waits: five in 15 seconds, as in the real server. */
const RETRY_WAITS_MS = [500, 1_500, 4_000, 9_000];
/** What has waited for its turn so long is dropped. */
const MAX_AGE_MS = 30_000;
const ATTEMPT_TIMEOUT_MS = 5_000;
const MAX_UNDELIVERED = 1_000;

/**
 * Posts signed webhooks, those of one room one after the other. Nobody waits for them: they may come
 * twice, when an answer is lost, and after a longer outage not at all. The real server promises no more.
 */
export class WebhookSender {
  url: string | undefined;
  readonly #tokens: TokenAuthority;
  readonly #log: Log;
  readonly #undelivered = new Set<Promise<void>>();
  /** By room: its last one under way. */
  readonly #last = new Map<string, Promise<void>>();
  readonly #closing = new AbortController();
  #lastAttempts = false;

  constructor(url: string | undefined, tokens: TokenAuthority, log: Log) {
    this.url = url;
    this.#tokens = tokens;
    this.#log = log;
  }

  send(event: WebhookEvent): void {
    if (this.url === undefined) return;
    if (this.#undelivered.size >= MAX_UNDELIVERED) {
      this.#log.warn(
        { event: event.event },
        "embedded LiveKit: webhook dropped, too many undelivered",
      );
      return;
    }
    event.id = newSid("EV_");
    event.createdAt = BigInt(Math.floor(Date.now() / 1000));
    const { url } = this;
    const room = event.room?.name ?? "";
    const body = event.toJsonString();
    const sinceMs = performance.now();
    const delivery = (this.#last.get(room) ?? Promise.resolve())
      .then(() => this.#deliver(url, event.event, body, sinceMs))
      .finally(() => {
        this.#undelivered.delete(delivery);
        if (this.#last.get(room) === delivery) this.#last.delete(room);
      });
    this.#last.set(room, delivery);
    this.#undelivered.add(delivery);
  }

  /** Gives what is under way a last attempt, `waitMs` at most, then drops the rest. */
  async close(waitMs: number): Promise<void> {
    this.#lastAttempts = true;
    const timer = setTimeout(() => this.#closing.abort(), waitMs);
    await Promise.allSettled(this.#undelivered);
    clearTimeout(timer);
    this.#closing.abort();
  }

  async #deliver(url: string, name: string, body: string, sinceMs: number): Promise<void> {
    if (performance.now() - sinceMs > MAX_AGE_MS) {
      this.#log.warn({ event: name }, "embedded LiveKit: webhook dropped, too old");
      return;
    }
    for (const wait of [...RETRY_WAITS_MS, undefined]) {
      const problem = await this.#attempt(url, body);
      if (problem === undefined) return;
      if (wait === undefined || this.#lastAttempts) {
        this.#log.warn({ event: name, problem }, "embedded LiveKit: webhook not delivered");
        return;
      }
      await this.#pause(wait);
    }
  }

  /** Returns what went wrong, if anything did. */
  async #attempt(url: string, body: string): Promise<string | undefined> {
    try {
      const response = await fetch(url, {
        method: "POST",
        body,
        redirect: "error",
        headers: {
          "content-type": "application/webhook+json",
          authorization: await this.#tokens.signWebhook(body),
        },
        signal: orAfter(this.#closing.signal, ATTEMPT_TIMEOUT_MS),
      });
      await response.body?.cancel();
      return response.ok ? undefined : `status ${response.status}`;
    } catch (error) {
      return error instanceof Error ? error.message : "failed";
    }
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(done, milliseconds);
      const signal = this.#closing.signal;
      signal.addEventListener("abort", done, { once: true });
      function done(): void {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      }
    });
  }
}
