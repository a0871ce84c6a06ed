import type { Transaction } from "../database/client.js";
import type { Conversation } from "../database/generated/client.js";

/** Serialises everything that decides on a conversation's status. */
export async function lockConversation(tx: Transaction, id: string): Promise<Conversation> {
  await tx.$queryRaw`SELECT 1 FROM conversations WHERE id = ${id}::uuid FOR NO KEY UPDATE`;
  return tx.conversation.findUniqueOrThrow({ where: { id } });
}
