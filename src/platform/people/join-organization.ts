import { personOf } from "../audit/author.js";
import { changesBetween } from "../audit/changes.js";
import { recordAudit } from "../audit/record-audit.js";
import type { Transaction } from "../database/client.js";
import type { Role } from "../database/enums.js";

/**
 * Uses an invitation up, for who has proved that it is theirs. A member stays what they are.
 *
 * @param session in which they are signed in by it.
 * @returns false for one that was used or withdrawn at this moment, or made again: nothing was done.
 */
export async function joinOrganization(
  tx: Transaction,
  caller: { readonly requestId: string },
  {
    session,
    invitation: { id, secretHash, organizationId, role },
    at,
  }: {
    readonly session: { readonly id: string; readonly userId: string };
    readonly invitation: {
      readonly id: string;
      readonly secretHash: Uint8Array<ArrayBuffer>;
      readonly organizationId: string;
      readonly role: Role;
    };
    readonly at: Date;
  },
): Promise<boolean> {
  const { userId } = session;
  if ((await tx.invitation.deleteMany({ where: { id, secretHash } })).count === 0) return false;
  const where = { userId_organizationId: { userId, organizationId } };
  if (await tx.membership.findUnique({ where })) return true;
  await tx.membership.create({ data: { userId, organizationId, role, createdAt: at } });
  await recordAudit(tx, personOf(caller, session, organizationId), {
    action: "member.add",
    subjectId: userId,
    changes: changesBetween({}, { role }),
    at,
  });
  return true;
}
