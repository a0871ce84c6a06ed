import type { Logger } from "pino";
import type { Database } from "../database/client.js";
import type { AgentCalls } from "../livekit/agent-calls.js";

const BATCH = 100;
/** So long an agent that was called may take to claim its job. */
const CLAIM_SECONDS = 10;

export interface RecallDependencies {
  readonly db: Database;
  readonly calls: AgentCalls;
  readonly agentName: string;
  readonly log: Logger;
  readonly now: () => Date;
}

/**
 * Finds visitors who wait in a room without an agent, because no worker was there when it was made
 * or the worker died, and calls one. LiveKit itself does not try again.
 */
export class RecallService {
  private running: Promise<void> | undefined;

  constructor(private readonly deps: RecallDependencies) {}

  /** @param justBack the agent was away until now, so no call made before it is still on its way. */
  recall(justBack: boolean): Promise<void> {
    this.running ??= this.recallOnce(justBack).finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  private async recallOnce(justBack: boolean): Promise<void> {
    const { db, log, now } = this.deps;
    const age = justBack ? 0 : CLAIM_SECONDS;
    const waiting = await db.$queryRaw<{ name: string; visitor_identity: string; id: string }[]>`
      SELECT room.name, room.visitor_identity, conversations.id
      FROM conversations JOIN conversation_rooms AS room ON room.name = conversations.current_room
      WHERE conversations.status = 'in_progress' AND room.joined_at <= ${new Date(now().getTime() - age * 1000)}
        AND (room.job_id IS NULL OR room.job_ended_at IS NOT NULL)
      ORDER BY room.created_at LIMIT ${BATCH}`;
    for (const room of waiting) {
      await this.callInto(room).catch((error: unknown) =>
        log.warn({ err: error, room: room.name }, "no agent could be called"),
      );
    }
  }

  private async callInto(room: {
    name: string;
    visitor_identity: string;
    id: string;
  }): Promise<void> {
    const { db, calls, agentName, log } = this.deps;
    const present = await calls.present(room.name);
    if (!present.has(room.visitor_identity) || present.size > 1) return;
    const { webWidgetId, agentVersionId } = await db.conversation.findUniqueOrThrow({
      where: { id: room.id },
      select: { webWidgetId: true, agentVersionId: true },
    });
    log.info({ room: room.name }, "a visitor waits alone: calling the agent again");
    await calls.call(room.name, agentName, {
      conversation_id: room.id,
      widget_id: webWidgetId,
      agent_version_id: agentVersionId,
    });
  }
}
