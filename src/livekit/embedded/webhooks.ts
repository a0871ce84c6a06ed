import type { WebhookEvent } from "@livekit/protocol";
import type { Log } from "./log.js";
import { newSid } from "./sid.js";
import type { TokenAuthority } from "./tokens.js";

/** Waits between attempts; there is one attempt more than waits. */
const RETRY_WAITS_MS = [300, 1_000, 3_000];
const ATTEMPT_TIMEOUT_MS = 5_000;
const MAX_UNDELIVERED = 1_000;

/**
 * Posts signed webhooks, each on its own: nobody waits for them, and they may arrive in any order
 * or, when an answer is lost, twice. The real server promises no more.
 */
export class WebhookSender {
  url: string | undefined;
  readonly #tokens: TokenAuthority;
  readonly #log: Log;
  readonly #undelivered = new Set<Promise<void>>();
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
    const delivery = this.#deliver(this.url, event.event, event.toJsonString()).finally(() => {
      this.#undelivered.delete(delivery);
    });
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

  async #deliver(url: string, name: string, body: string): Promise<void> {
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
        signal: AbortSignal.any([this.#closing.signal, AbortSignal.timeout(ATTEMPT_TIMEOUT_MS)]),
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
