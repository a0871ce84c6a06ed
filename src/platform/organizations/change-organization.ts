import type { OrganizationAuthor } from "../audit/author.js";
import { changesBetween } from "../audit/changes.js";
import { recordAudit } from "../audit/record-audit.js";
import type { Transaction } from "../database/client.js";
import type { Organization, Prisma } from "../database/generated/client.js";
import { isUnchanged } from "../database/unchanged.js";
import { AppError } from "../errors.js";

/**
 * Changes the author's organization, for its own people and for the operator alike.
 *
 * @throws AppError `not_found`.
 */
export async function changeOrganization(
  tx: Transaction,
  author: OrganizationAuthor,
  changes: Pick<Prisma.OrganizationUpdateInput, "name" | "retentionDays" | "limits">,
  at: Date,
): Promise<Organization> {
  const { organizationId: id } = author;
  await tx.$queryRaw`SELECT 1 FROM organizations WHERE id = ${id} FOR NO KEY UPDATE`;
  const before = await tx.organization.findUnique({ where: { id } });
  if (!before) throw new AppError("not_found", "There is no such organization.");
  if (isUnchanged(before, changes)) return before;
  await recordAudit(tx, author, {
    action: "organization.update",
    subjectId: id,
    changes: changesBetween(before, changes),
    at,
  });
  return tx.organization.update({ where: { id }, data: changes });
}
