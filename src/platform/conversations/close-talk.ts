import type { Transaction } from "../database/client.js";
import type { Conversation } from "../database/generated/client.js";
import type { SummaryService } from "./summary.service.js";
import { leaveShare, releaseShare } from "./talk-shares.service.js";

/** Ends a live conversation that its caller has locked. The room is theirs to delete, once this is committed. */
export async function closeTalk(
  tx: Transaction,
  conversation: Conversation,
  { summaries, now }: { summaries: SummaryService; now: () => Date },
): Promise<Conversation> {
  const { id, currentRoom } = conversation;
  const at = now();
  const room = await tx.conversationRoom.findUniqueOrThrow({ where: { name: currentRoom } });
  await tx.conversationRoom.updateMany({
    where: { name: currentRoom, jobId: { not: null }, jobEndedAt: null },
    data: { jobEndedAt: at },
  });
  // LiveKit tells of the end of a room that somebody was in.
  if (room.joinedAt) await leaveShare(tx, currentRoom, at);
  else await releaseShare(tx, currentRoom);
  // A start that comes again would be given this room again.
  await tx.startKey.deleteMany({ where: { conversationId: id } });
  await summaries.ask(tx, conversation);
  const status = room.joinedAt ? "completed" : room.fallbackStatus;
  return tx.conversation.update({ where: { id }, data: { status, updatedAt: at } });
}
