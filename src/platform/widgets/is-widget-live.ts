import type { Transaction } from "../database/client.js";

/** Whether visitors may use the conversation's widget. A test needs none. */
export async function isWidgetLive(
  tx: Transaction,
  conversation: { webWidgetId: string | null; testerId: string | null },
): Promise<boolean> {
  if (conversation.testerId !== null) return true;
  if (!conversation.webWidgetId) return false;
  const widget = await tx.widget.findUnique({ where: { id: conversation.webWidgetId } });
  return widget !== null && widget.published && widget.deletedAt === null;
}
