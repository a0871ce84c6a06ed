import type { Transaction } from "../database/client.js";
import type { Widget } from "../database/generated/client.js";

/**
 * What visitors write goes on side by side; what ends their rights (an unpublication, a revocation, a
 * logout) waits for it, and whatever comes later sees that end. These locks queue: unlike a lock on the
 * widget's row, a stream of starts cannot keep its owner from switching it off.
 *
 * @returns whether the widget is still what it was taken for: live, and not written since it was read.
 */
export async function shareVisits(
  tx: Transaction,
  { id, tokenGeneration, updatedAt }: Pick<Widget, "id" | "tokenGeneration" | "updatedAt">,
): Promise<boolean> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock_shared(hashtextextended(${visitsOf(id)}, 0))`;
  const asRead = { id, published: true, deletedAt: null, tokenGeneration, updatedAt };
  return (await tx.widget.count({ where: asRead })) > 0;
}

/** The other side of `shareVisits`. Both are taken before any lock on a row, and kept until the commit. */
export async function stopVisits(tx: Transaction, widgetId: string): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${visitsOf(widgetId)}, 0))`;
}

/** The name of the lock that visits of a widget share. */
export function visitsOf(widgetId: string): string {
  return `visits:${widgetId}`;
}
