import type { Logger } from "pino";
import { PlatformError } from "./platform-client.js";
import type { Turn } from "./turn.js";
import type { TalkLimit } from "../protocol/worker-api.js";

const MAX_WAITING = 1000;
const MAX_BATCH = 20;
const MAX_BATCH_CHARACTERS = 200_000;
/** A turn waits so long for others: what is said together is sent together. */
const GATHER_MS = 100;
const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 8_000;

export interface TurnLogDependencies {
  /** Sends turns, and learns which limit the talk has come to, if any; throws `PlatformError`. */
  readonly send: (turns: readonly Turn[]) => Promise<TalkLimit | null>;
  /** The platform says that the job is over: there is nothing more to do here. */
  readonly onOver: () => void;
  /** The talk has used up its share of something; told at each batch that comes after. */
  readonly onLimit?: (limit: TalkLimit) => void;
  readonly log: Logger;
}

/**
 * Brings turns to the platform: in batches, in order, again until they are taken. What it holds is
 * bounded: when the platform is away for too long, the oldest turns are dropped.
 */
export class TurnLog {
  private readonly waiting: Turn[] = [];
  /** By turn: who waits until it is on the platform. */
  private readonly settle = new Map<string, () => void>();
  private timer: NodeJS.Timeout | undefined;
  private sending: Promise<void> | undefined;
  private retryMs = FIRST_RETRY_MS;
  private over = false;

  constructor(private readonly deps: TurnLogDependencies) {}

  /** @returns resolves when the platform has the turn, or will never have it. */
  async add(turn: Turn): Promise<void> {
    if (this.over) return;
    const [oldest] = this.waiting;
    if (oldest && this.waiting.length >= MAX_WAITING) {
      this.deps.log.warn("the platform is away for too long: a turn is lost");
      this.remove([oldest]);
    }
    this.waiting.push(turn);
    this.schedule(GATHER_MS);
    await new Promise<void>((resolve) => this.settle.set(turn.id, resolve));
  }

  /** Sends what waits, giving up after `timeoutMs`. @returns whether everything arrived. */
  async flush(timeoutMs: number): Promise<boolean> {
    const deadline = performance.now() + timeoutMs;
    while (this.waiting.length > 0 && performance.now() < deadline) {
      const pause = delay(Math.min(this.retryMs, Math.max(0, deadline - performance.now())));
      const before = this.waiting.length;
      await Promise.race([this.send(), delay(deadline - performance.now())]);
      if (this.waiting.length === before) await pause;
    }
    clearTimeout(this.timer);
    return this.waiting.length === 0;
  }

  private schedule(afterMs: number): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      void this.send();
    }, afterMs);
  }

  private send(): Promise<void> {
    this.sending ??= this.sendOnce().finally(() => {
      this.sending = undefined;
    });
    return this.sending;
  }

  private async sendOnce(): Promise<void> {
    const batch = this.batch();
    if (batch.length === 0) return;
    const goOn = await this.deliver(batch);
    if (goOn && this.waiting.length > 0) this.schedule(0);
  }

  /** @returns false when nothing more can be sent now: the platform is away, or the job over. */
  private async deliver(batch: readonly Turn[]): Promise<boolean> {
    try {
      const limit = await this.deps.send(batch);
      this.retryMs = FIRST_RETRY_MS;
      if (limit) this.deps.onLimit?.(limit);
    } catch (error) {
      const status = error instanceof PlatformError ? error.status : undefined;
      if (status === 401) {
        this.over = true;
        this.remove(this.waiting);
        this.deps.onOver();
        return false;
      }
      if (!(error instanceof PlatformError) || error.isPassing) {
        this.deps.log.warn({ err: error }, "turns will be sent again");
        this.schedule(this.retryMs);
        this.retryMs = Math.min(this.retryMs * 2, LAST_RETRY_MS);
        return false;
      }
      // One bad turn must not keep the others: each goes alone, and is dropped if refused alone.
      const ids = batch.map((turn) => turn.id);
      if (batch.length > 1) {
        this.deps.log.warn({ err: error, turns: ids }, "turns were refused: they go one by one");
        for (const turn of batch) if (!(await this.deliver([turn]))) return false;
        return true;
      }
      this.deps.log.error({ err: error, turns: ids }, "a turn was refused: it is lost");
    }
    this.remove(batch);
    return true;
  }

  private batch(): Turn[] {
    let characters = 0;
    const batch: Turn[] = [];
    for (const turn of this.waiting) {
      characters += turn.text.length + (turn.toolCall ? JSON.stringify(turn.toolCall).length : 0);
      if (batch.length > 0 && characters > MAX_BATCH_CHARACTERS) break;
      batch.push(turn);
      if (batch.length === MAX_BATCH) break;
    }
    return batch;
  }

  private remove(turns: readonly Turn[]): void {
    const ids = new Set(turns.map((turn) => turn.id));
    const left = this.waiting.filter((turn) => !ids.has(turn.id));
    this.waiting.splice(0, this.waiting.length, ...left);
    for (const id of ids) {
      this.settle.get(id)?.();
      this.settle.delete(id);
    }
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, Math.max(0, ms));
  });
}
