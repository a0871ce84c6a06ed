import type { Transaction } from "../database/client.js";

/** Whether visitors may use the conversation's widget. */
export async function isWidgetLive(
  tx: Transaction,
  conversation: { webWidgetId: string | null },
): Promise<boolean> {
  if (!conversation.webWidgetId) return false;
  const widget = await tx.widget.findUnique({ where: { id: conversation.webWidgetId } });
  return widget !== null && widget.published && widget.deletedAt === null;
}
