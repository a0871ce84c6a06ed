import type { RequestContext } from "../context.js";
import type { Database } from "../database/client.js";
import type { AgentPresence } from "./agent-presence.js";
import type { Heartbeat } from "./worker-input.js";
import type { WorkerAuth } from "./worker-auth.js";
import { HEARTBEAT_SECONDS } from "./worker-limits.js";

/** Three reports may be late before a worker counts as gone. */
const SILENCE_SECONDS = 3 * HEARTBEAT_SECONDS + 2;
const FORGET_SECONDS = 24 * 60 * 60;
const CACHE_MS = 1000;

export interface PresenceDependencies {
  readonly db: Database;
  readonly auth: WorkerAuth;
  readonly agentName: string;
  /** When this process runs a worker of its own: reports from before its start say nothing. */
  readonly ownWorker: boolean;
  readonly now: () => Date;
}

/** Knows from the workers' own reports whether an agent would answer. */
export class PresenceService implements AgentPresence {
  /** Until a report came to this process: those before say nothing of its own worker. */
  private since: Date | undefined;
  private answer: { readonly value: Promise<boolean>; readonly atMs: number } | undefined;

  constructor(private readonly deps: PresenceDependencies) {
    this.since = deps.ownWorker ? deps.now() : undefined;
  }

  /**
   * False only when the agent is known to be down: a worker reported once and none does now, or
   * this process runs the worker itself and it has not reported yet. Asked by every start, so an
   * answer is good for a second.
   */
  available(): Promise<boolean> {
    const nowMs = this.deps.now().getTime();
    // In either direction: a clock that is set back must not make an answer last.
    if (!this.answer || Math.abs(nowMs - this.answer.atMs) >= CACHE_MS) {
      this.answer = { value: this.look(), atMs: nowMs };
    }
    return this.answer.value;
  }

  /** @returns true when no worker was there before this one: rooms may be waiting for it. */
  async report(ctx: RequestContext, heartbeat: Heartbeat): Promise<boolean> {
    await this.deps.auth.requireWorker(ctx);
    const { db, agentName } = this.deps;
    const now = this.deps.now();
    const { workerId: id, activeJobs } = heartbeat;
    const wasAnswered = await this.isAnswered();
    const known = await db.worker.findUnique({ where: { id }, select: { id: true } });
    // A worker that says goodbye is gone now, not after three silent intervals.
    const seenAt = heartbeat.stopping ? this.silent(now) : now;
    await db.worker.upsert({
      where: { id },
      create: { id, agentName, activeJobs, seenAt },
      update: { activeJobs, seenAt },
    });
    if (!known) {
      const old = new Date(now.getTime() - FORGET_SECONDS * 1000);
      await db.worker.deleteMany({ where: { agentName, seenAt: { lt: old } } });
    }
    this.since = undefined;
    if (heartbeat.stopping || !wasAnswered) this.answer = undefined;
    return !heartbeat.stopping && !wasAnswered;
  }

  /** For the process that runs the worker: it knows of its death before any report is late. */
  async lost(workerId: string): Promise<void> {
    await this.deps.db.worker.updateMany({
      where: { id: workerId },
      data: { activeJobs: 0, seenAt: this.silent(this.deps.now()) },
    });
    this.answer = undefined;
  }

  private async look(): Promise<boolean> {
    if (await this.isAnswered()) return true;
    if (this.since) return false;
    // Somebody else's worker may be there without ever having reported: nothing is known then.
    return (await this.deps.db.worker.count({ where: { agentName: this.deps.agentName } })) === 0;
  }

  private async isAnswered(): Promise<boolean> {
    const { db, agentName } = this.deps;
    const now = this.deps.now();
    const silent = this.silent(now);
    const found = await db.worker.findFirst({
      where: {
        agentName,
        seenAt: {
          ...(this.since && this.since > silent ? { gte: this.since } : { gt: silent }),
          // A report from the future is one from before the clock was set back.
          lt: new Date(now.getTime() + SILENCE_SECONDS * 1000),
        },
      },
      select: { id: true },
    });
    return found !== null;
  }

  private silent(now: Date): Date {
    return new Date(now.getTime() - SILENCE_SECONDS * 1000);
  }
}
