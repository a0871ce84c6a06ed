import type { Logger } from "pino";
import type { Database } from "../database/client.js";
import type { AgentCalls } from "../livekit/agent-calls.js";

const BATCH = 100;
/** LiveKit takes so long to find a worker for a fresh room. */
const FRESH_SECONDS = 10;
/** An agent that was called may have to wait for a process, on a busy machine for long. */
const CALLED_SECONDS = 120;
/** Who took a call and has not claimed the room by then has died on the way, which LiveKit is not told. */
const COMING_SECONDS = 60;

export interface RecallDependencies {
  readonly db: Database;
  readonly calls: AgentCalls;
  readonly agentName: string;
  readonly log: Logger;
  readonly now: () => Date;
}

interface WaitingRoom {
  readonly name: string;
  readonly visitor_identity: string;
  /** The conversation's. */
  readonly id: string;
  /** Whether an agent was there whose job has ended, or none has come in all that time. */
  readonly job_is_over: boolean;
}

/**
 * Finds visitors who wait in a room without an agent, because no worker was there when it was made
 * or the worker died, and calls one. LiveKit itself does not try again.
 */
export class RecallService {
  private running: Promise<void> | undefined;
  /** What the next sweep is to know: a worker has come where there was none. */
  private justBack = false;
  /** Rooms that were called for, and when. */
  private called = new Map<string, number>();
  /** Rooms that an agent has left, perhaps without a word, and when. */
  private deserted = new Map<string, number>();

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
    await this.sweepAgain();
  }

  /** An agent left: where its visitor is still there, it did not go in order, and another is called. */
  async agentLeft(room: string): Promise<void> {
    this.deserted.set(room, this.deps.now().getTime());
    await this.sweepAgain();
  }

  /** The sweep under way began before what is wanted now; all who wait for its end share the next one. */
  private async sweepAgain(): Promise<void> {
    // Should it fail, it tells those who began it.
    await this.running?.catch(() => undefined);
    await this.sweep();
  }

  private async sweepOnce(): Promise<void> {
    const { log } = this.deps;
    const { justBack } = this;
    this.justBack = false;
    const waiting = await this.findWaiting(justBack).catch((error: unknown) => {
      this.justBack ||= justBack;
      throw error;
    });
    for (const room of waiting) {
      if (this.called.has(room.name)) continue;
      await this.callInto(room).catch((error: unknown) =>
        log.warn({ err: error, room: room.name }, "no agent could be called"),
      );
    }
  }

  private async findWaiting(justBack: boolean): Promise<WaitingRoom[]> {
    const { db, now } = this.deps;
    const age = justBack ? 0 : FRESH_SECONDS;
    const oldest = now().getTime() - CALLED_SECONDS * 1000;
    this.called = new Map(
      [...this.called].filter(([, calledMs]) => !justBack && calledMs > oldest),
    );
    this.deserted = new Map([...this.deserted].filter(([, leftMs]) => leftMs > oldest));
    return db.$queryRaw<WaitingRoom[]>`
      SELECT room.name, room.visitor_identity, conversations.id,
        room.job_ended_at IS NOT NULL OR room.job_id IS NULL
          AND room.joined_at <= ${new Date(now().getTime() - COMING_SECONDS * 1000)} AS job_is_over
      FROM conversations JOIN conversation_rooms AS room ON room.name = conversations.current_room
      WHERE conversations.status = 'in_progress' AND (
        room.name = ANY(${[...this.deserted.keys()]})
        OR room.joined_at <= ${new Date(now().getTime() - age * 1000)}
          AND (${justBack} OR room.job_id IS NULL OR room.job_ended_at IS NOT NULL))
      ORDER BY room.job_id IS NOT NULL AND room.job_ended_at IS NULL, room.created_at LIMIT ${BATCH}`;
  }

  private async callInto(room: WaitingRoom): Promise<void> {
    const { db, calls, agentName, log, now } = this.deps;
    const present = await calls.present(room.name);
    if (!present.has(room.visitor_identity) || present.size > 1) return;
    // An agent that was there and is not any more, or that never came: whatever LiveKit says of its job.
    const hasLeft = room.job_is_over || this.deserted.has(room.name);
    if (!hasLeft && (await calls.isTaken(room.name))) return;
    const { webWidgetId, agentVersionId } = await db.conversation.findUniqueOrThrow({
      where: { id: room.id },
      select: { webWidgetId: true, agentVersionId: true },
    });
    log.info({ room: room.name }, "a visitor waits alone: calling the agent again");
    this.called.set(room.name, now().getTime());
    await calls.call(room.name, agentName, {
      conversation_id: room.id,
      widget_id: webWidgetId,
      agent_version_id: agentVersionId,
    });
  }
}
