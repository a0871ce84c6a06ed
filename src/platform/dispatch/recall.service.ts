import type { Logger } from "pino";
import type { Database } from "../database/client.js";
import type { AgentCalls } from "../livekit/agent-calls.js";
import type { AgentAvailability } from "../agents/agent-availability.js";
import { within, type Tracing } from "../../process/tracing.js";
import type { RoomAgent } from "../../protocol/worker-api.js";

const BATCH = 100;
/** LiveKit takes so long to find a worker for a fresh room. */
const FRESH_SECONDS = 10;
/** An agent that was called and took the call may have to wait for a process, on a busy machine for long. */
const KEPT_MS = 120_000;
/** A call that nobody has taken by then is lost: all were full, and LiveKit does not try again. */
const TAKEN_SECONDS = 10;
/** Who took a call and has not claimed the room by then has died on the way, which LiveKit is not told. */
const COMING_SECONDS = 60;

export interface RecallDependencies {
  readonly db: Database;
  readonly calls: AgentCalls;
  readonly agents: Pick<AgentAvailability, "free">;
  readonly agentName: string;
  readonly tracing: Tracing | undefined;
  readonly log: Logger;
  readonly now: () => Date;
}

interface WaitingRoom {
  readonly name: string;
  readonly visitor_identity: string;
  /** Of the agent that claimed the room last, where it said so. */
  readonly agent_identity: string | null;
  /** The conversation's. */
  readonly id: string;
  /** The last call for this room, by whichever instance. */
  readonly called_at: Date | null;
  readonly call_id: string | null;
  /** Whether an agent was there whose job has ended, or none has come in all that time. */
  readonly job_is_over: boolean;
}

interface Leave {
  readonly identity: string | undefined;
  readonly atMs: number;
}

/**
 * Finds visitors who wait in a room without an agent, because no worker was there when it was made,
 * all were full, or the agent died, and calls one. LiveKit itself does not try again.
 *
 * Every instance sweeps, for LiveKit and the workers tell each thing to one of them alone. Of those that
 * find the same room one calls: it is who writes down the call first.
 */
export class RecallService {
  private running: Promise<void> | undefined;
  /** What the next sweep is to know: a worker has come where there was none. */
  private justBack = false;
  /** No call of before is still on its way. */
  private workersSince = new Date(0);
  /** Rooms that an agent has left, perhaps without a word. */
  private readonly deserted = new Map<string, Leave>();
  /** Agents whose process is gone while LiveKit still holds their place, and since when. */
  private readonly dead = new Map<string, number>();
  private isShort = false;

  constructor(private readonly deps: RecallDependencies) {}

  /** For a timer: joins the sweep that is under way, if there is one. */
  async sweep(): Promise<void> {
    this.running ??= this.sweepOnce().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  /** No worker was there until now, so no call made before is still on its way. */
  async workerIsBack(): Promise<void> {
    this.justBack = true;
    this.workersSince = this.deps.now();
    await this.sweepAgain();
  }

  /** All workers were full until now. */
  async roomIsBack(): Promise<void> {
    await this.sweepAgain();
  }

  /** An agent left: where its visitor is still there, it did not go in order, and another is called. */
  async agentLeft(room: string, identity: string | undefined): Promise<void> {
    this.deserted.set(room, { identity, atMs: this.deps.now().getTime() });
    await this.sweepAgain();
  }

  /** An agent's process is gone: LiveKit would keep its place, and tell nobody, for some 20 seconds. */
  async agentDied({ room, identity }: RoomAgent): Promise<void> {
    const { db, calls, log, now } = this.deps;
    this.dead.set(identity, now().getTime());
    await db.conversationRoom.updateMany({ where: { name: room }, data: { calledAt: null } });
    log.warn({ room, agent: identity }, "an agent's process died in the middle of its talk");
    await Promise.all([
      calls
        .remove(room, identity)
        .catch((error: unknown) => log.warn({ err: error, room }, "a dead agent was not removed")),
      this.agentLeft(room, identity),
    ]);
  }

  /** The sweep under way began before what is wanted now; all who wait for its end share the next one. */
  private async sweepAgain(): Promise<void> {
    // Should it fail, it tells those who began it.
    await this.running?.catch(() => undefined);
    await this.sweep();
  }

  private async sweepOnce(): Promise<void> {
    const { agents, log } = this.deps;
    const { justBack } = this;
    this.justBack = false;
    const waiting = await this.findWaiting(justBack).catch((error: unknown) => {
      this.justBack ||= justBack;
      throw error;
    });
    if (waiting.length === 0) return;
    let free = await agents.free();
    if (free <= 0) {
      this.justBack ||= justBack;
      if (!this.isShort) log.warn({ rooms: waiting.length }, "visitors wait: no worker has room");
      this.isShort = true;
      return;
    }
    this.isShort = false;
    for (const room of waiting) {
      const isCalled = await this.callInto(room).catch((error: unknown) => {
        log.warn({ err: error, room: room.name }, "no agent could be called");
        return false;
      });
      if (isCalled) free -= 1;
      if (free <= 0) return;
    }
  }

  private async findWaiting(justBack: boolean): Promise<WaitingRoom[]> {
    const { db, now } = this.deps;
    const age = justBack ? 0 : FRESH_SECONDS;
    this.forget();
    return db.$queryRaw<WaitingRoom[]>`
      SELECT room.name, room.visitor_identity, room.agent_identity, conversations.id,
        room.called_at, room.call_id,
        room.job_ended_at IS NOT NULL OR room.job_id IS NULL
          AND room.joined_at <= ${new Date(now().getTime() - COMING_SECONDS * 1000)} AS job_is_over
      FROM conversations JOIN conversation_rooms AS room ON room.name = conversations.current_room
      WHERE conversations.status = 'in_progress' AND (
        room.name = ANY(${[...this.deserted.keys()]})
        OR room.joined_at <= ${new Date(now().getTime() - age * 1000)}
          AND (${justBack} OR room.job_id IS NULL OR room.job_ended_at IS NOT NULL))
      ORDER BY room.job_id IS NOT NULL AND room.job_ended_at IS NULL, room.created_at LIMIT ${BATCH}`;
  }

  /** What is so old that it says nothing any more. */
  private forget(): void {
    for (const [name, { atMs }] of this.deserted) {
      if (this.ageMs(atMs) >= KEPT_MS) this.deserted.delete(name);
    }
    for (const [identity, atMs] of this.dead) {
      if (this.ageMs(atMs) >= KEPT_MS) this.dead.delete(identity);
    }
  }

  /** In either direction: a clock that is set back must not make anything last. */
  private ageMs(atMs: number): number {
    return Math.abs(this.deps.now().getTime() - atMs);
  }

  /** @returns whether an agent was called. */
  private async callInto(room: WaitingRoom): Promise<boolean> {
    const { db, calls, agentName, tracing, log, now } = this.deps;
    const earlierMs = this.earlierCall(room);
    if (earlierMs !== undefined && this.ageMs(earlierMs) < TAKEN_SECONDS * 1000) return false;
    const present = await calls.present(room.name);
    if (!present.some(({ identity }) => identity === room.visitor_identity)) return false;
    if (present.some(({ identity, isAgent }) => isAgent && !this.dead.has(identity))) return false;
    // An agent that was there and is not any more, or that never came: whatever LiveKit says of its job.
    const hasLeft = room.job_is_over || this.isDeserted(room);
    const isCalled = earlierMs !== undefined;
    // Of a call that LiveKit never answered there is no id, and nobody can have taken it.
    const earlierId = isCalled ? (room.call_id ?? "") : undefined;
    if ((isCalled || !hasLeft) && (await calls.isTaken(room.name, earlierId))) return false;
    const { webWidgetId, agentVersionId } = await db.conversation.findUniqueOrThrow({
      where: { id: room.id },
      select: { webWidgetId: true, agentVersionId: true },
    });
    const calledAt = now();
    // Before LiveKit is asked: where it does not answer it may have heard all the same.
    const first = await db.conversationRoom.updateMany({
      where: { name: room.name, calledAt: room.called_at },
      data: { calledAt, callId: null },
    });
    if (first.count === 0) return false;
    log.info({ room: room.name }, "a visitor waits alone: calling the agent again");
    const span = tracing?.begin("dispatch", "producer");
    const callId = await within(span, () =>
      calls.call(room.name, agentName, {
        conversation_id: room.id,
        widget_id: webWidgetId,
        agent_version_id: agentVersionId,
        ...(span ? { traceparent: span.traceparent } : {}),
      }),
    );
    await db.conversationRoom.updateMany({
      where: { name: room.name, calledAt },
      data: { callId },
    });
    return true;
  }

  /** @returns when an agent was called that may still be on its way. */
  private earlierCall({ called_at: at }: WaitingRoom): number | undefined {
    if (at === null || at < this.workersSince) return undefined;
    return this.ageMs(at.getTime()) < KEPT_MS ? at.getTime() : undefined;
  }

  /** Whether the one who left is the room's agent: an earlier one's place may be given up only now. */
  private isDeserted({ name, agent_identity: agent }: WaitingRoom): boolean {
    const leave = this.deserted.get(name);
    return leave !== undefined && (agent === null || leave.identity === agent);
  }
}
