import { randomUUID } from "node:crypto";
import type { LiveKitAccess } from "../../process/environment.js";
import { authorOf } from "../audit/author.js";
import { changesBetween } from "../audit/changes.js";
import { recordAudit } from "../audit/record-audit.js";
import type { Actor } from "../auth/actor.js";
import { LISTEN_IN, MANAGE_CONVERSATIONS } from "../auth/scopes.js";
import { requireScope } from "../auth/require-scope.js";
import type { RequestContext } from "../auth/context.js";
import type { Database, Transaction } from "../database/client.js";
import { AppError, notFound } from "../errors.js";
import { createListenerToken } from "../livekit/listener-token.js";
import type { Rooms } from "../livekit/rooms.js";
import type { CreateListenerTokenInput, EndConversationInput } from "./conversation.input.js";
import { toConversation } from "./conversation.service.js";
import { tokenEnd } from "./fresh-room.js";
import type { Conversation, ListenerToken } from "./conversation.type.js";
import { lockConversation } from "./lock-conversation.js";
import { isFinal } from "./status.js";
import { seenBy } from "./test-talks.js";
import { closeTalk } from "./close-talk.js";
import type { SummaryService } from "./summary.service.js";

export interface LiveTalkDependencies {
  readonly db: Database;
  readonly rooms: Rooms;
  readonly livekit: LiveKitAccess;
  readonly agentName: string;
  readonly summaries: SummaryService;
  readonly now: () => Date;
}

/** What an owner does with a talk while it goes on (contract section 6). */
export class LiveTalkService {
  constructor(private readonly deps: LiveTalkDependencies) {}

  /**
   * Ends a conversation, its agent's job and its room: `completed`, or what it is when nobody joins.
   * One that is over stays as it is. LiveKit is not waited for; whoever joins late is sent out again.
   *
   * @throws AppError `not_found`; `conflict` when it runs on another channel than was named.
   */
  async end(ctx: RequestContext, input: EndConversationInput): Promise<Conversation> {
    const actor = await requireScope(ctx, MANAGE_CONVERSATIONS);
    const { id, channel } = input;
    const { db, rooms } = this.deps;
    const { row, endedRoom } = await db.$transaction(async (tx) => {
      await requireSeen(tx, id, actor);
      const conversation = await lockConversation(tx, id);
      if (channel && conversation.channel !== channel) {
        throw new AppError(
          "conflict",
          `The conversation runs on the channel ${conversation.channel}, and this ends those on ${channel} alone.`,
        );
      }
      if (isFinal(conversation.status)) return { row: conversation, endedRoom: undefined };
      const ended = await closeTalk(tx, conversation, this.deps);
      const { status } = ended;
      await recordAudit(tx, authorOf(ctx, actor), {
        action: "conversation.end",
        subjectId: id,
        changes: changesBetween(conversation, { status }),
        at: ended.updatedAt,
      });
      return { row: ended, endedRoom: conversation.currentRoom };
    });
    if (endedRoom !== undefined) rooms.deleteInBackground([endedRoom]);
    return toConversation(row);
  }

  /**
   * A token to listen in, unseen, to the talk that goes on.
   *
   * @throws AppError `not_found`; `conflict` when the conversation is over, and before the visitor has
   * joined: the first who joins makes the room, and that is to be the visitor.
   */
  async listenerToken(
    ctx: RequestContext,
    input: CreateListenerTokenInput,
  ): Promise<ListenerToken> {
    const actor = await requireScope(ctx, LISTEN_IN);
    const { db, livekit, agentName, now } = this.deps;
    const where = { id: input.id, ...seenBy(actor) };
    const row = await db.conversation.findFirst({ where });
    if (!row) throw notFound("Conversation");
    if (isFinal(row.status)) throw new AppError("conflict", "The conversation is over.");
    if (row.status !== "in_progress") {
      throw new AppError("conflict", "Nobody is in the conversation's room yet.");
    }
    const token = createListenerToken(livekit, {
      room: row.currentRoom,
      identity: `listener_${randomUUID()}`,
      agentName,
      agentMetadata: {
        conversation_id: row.id,
        widget_id: row.webWidgetId ?? "",
        agent_version_id: row.agentVersionId,
      },
    });
    // Nothing is written but that somebody listens.
    const at = now();
    const heard = { action: "conversation.listen", subjectId: row.id, changes: [], at } as const;
    await recordAudit(db, authorOf(ctx, actor), heard);
    const expiresAt = tokenEnd(at);
    return { url: livekit.url, token, roomName: row.currentRoom, expiresAt };
  }
}

async function requireSeen(tx: Transaction, id: string, actor: Actor): Promise<void> {
  const seen = await tx.conversation.findFirst({
    where: { id, ...seenBy(actor) },
    select: { id: true },
  });
  if (!seen) throw notFound("Conversation");
}
