import type { Transaction } from "../database/client.js";

/**
 * Holds the agent until the transaction ends: numbering, deleting and binding a widget exclude each other.
 *
 * @returns whether there is such an agent.
 */
export async function lockAgent(
  tx: Transaction,
  organizationId: string,
  id: string,
): Promise<boolean> {
  const rows = await tx.$queryRaw<unknown[]>`
    SELECT 1 FROM agents WHERE id = ${id}::uuid AND organization_id = ${organizationId} AND deleted_at IS NULL FOR NO KEY UPDATE`;
  return rows.length > 0;
}
