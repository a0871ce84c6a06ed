import type { RequestContext } from "../auth/context.js";
import type { Database } from "../database/client.js";
import type { AgentAvailability } from "../agents/agent-availability.js";
import type { Heartbeat } from "./worker-input.js";
import type { WorkerAuth } from "./worker-auth.js";
import { HEARTBEAT_SECONDS } from "../../protocol/limits.js";

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

/** What a report has changed: a worker came where there was none, or there is room where there was none. */
export type Change = "worker_came" | "room_came" | undefined;

/** The workers as they were at one moment. */
interface Workers {
  readonly count: number;
  readonly activeJobs: number;
  readonly free: number;
}

/** Knows from the workers' own reports whether an agent would answer. */
export class PresenceService implements AgentAvailability {
  /** Until a report came to this process: those before say nothing of its own worker. */
  private since: Date | undefined;
  private answer: { readonly value: Promise<number>; readonly atMs: number } | undefined;

  constructor(private readonly deps: PresenceDependencies) {
    this.since = deps.ownWorker ? deps.now() : undefined;
  }

  async available(): Promise<boolean> {
    return (await this.free()) > 0;
  }

  /**
   * None only when that is known: a worker reported once and none does now, all that do are full, or
   * this process runs the worker itself and it has not reported yet. Asked by every start, so an
   * answer is good for a second.
   */
  free(): Promise<number> {
    const nowMs = this.deps.now().getTime();
    // In either direction: a clock that is set back must not make an answer last.
    if (!this.answer || Math.abs(nowMs - this.answer.atMs) >= CACHE_MS) {
      this.answer = { value: this.countFree(), atMs: nowMs };
    }
    return this.answer.value;
  }

  /** @returns what else is to be done about it: rooms may be waiting for an agent. */
  async report(ctx: RequestContext, heartbeat: Heartbeat): Promise<Change> {
    await this.deps.auth.requireWorker(ctx);
    const { db, agentName } = this.deps;
    const now = this.deps.now();
    const { workerId: id, activeJobs, maxJobs } = heartbeat;
    const before = await this.look();
    const known = await db.worker.findUnique({ where: { id }, select: { id: true } });
    // A worker that says goodbye is gone now, not after three silent intervals.
    const seenAt = heartbeat.stopping ? this.silent(now) : now;
    await db.worker.upsert({
      where: { id },
      create: { id, agentName, activeJobs, maxJobs, seenAt },
      update: { activeJobs, maxJobs, seenAt },
    });
    if (!known) {
      const old = new Date(now.getTime() - FORGET_SECONDS * 1000);
      await db.worker.deleteMany({ where: { agentName, seenAt: { lt: old } } });
    }
    this.since = undefined;
    if (heartbeat.stopping) {
      this.answer = undefined;
      return undefined;
    }
    const hasRoom = maxJobs === null || activeJobs < maxJobs;
    if (hasRoom !== before.free > 0) this.answer = undefined;
    if (before.count === 0) return "worker_came";
    return hasRoom && before.free === 0 ? "room_came" : undefined;
  }

  /** For the process that runs the worker: it knows of its death before any report is late. */
  async lost(workerId: string): Promise<void> {
    await this.deps.db.worker.updateMany({
      where: { id: workerId },
      data: { activeJobs: 0, seenAt: this.silent(this.deps.now()) },
    });
    this.answer = undefined;
  }

  private async countFree(): Promise<number> {
    const { count, free } = await this.look();
    if (count > 0 || this.since) return free;
    // Somebody else's worker may be there without ever having reported: nothing is known then.
    const { db, agentName } = this.deps;
    return (await db.worker.count({ where: { agentName } })) === 0 ? Infinity : 0;
  }

  /** The workers of all instances, as the database has them now. */
  async look(): Promise<Workers> {
    const { db, agentName } = this.deps;
    const now = this.deps.now();
    const silent = this.silent(now);
    const workers = await db.worker.findMany({
      where: {
        agentName,
        seenAt: {
          ...(this.since && this.since > silent ? { gte: this.since } : { gt: silent }),
          // A report from the future is one from before the clock was set back.
          lt: new Date(now.getTime() + SILENCE_SECONDS * 1000),
        },
      },
      select: { activeJobs: true, maxJobs: true },
    });
    const free = workers.reduce(
      (sum, { activeJobs, maxJobs }) => sum + Math.max(0, (maxJobs ?? Infinity) - activeJobs),
      0,
    );
    const activeJobs = workers.reduce((sum, worker) => sum + worker.activeJobs, 0);
    return { count: workers.length, activeJobs, free };
  }

  private silent(now: Date): Date {
    return new Date(now.getTime() - SILENCE_SECONDS * 1000);
  }
}
