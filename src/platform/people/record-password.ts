import type { Author } from "../audit/author.js";
import { changesBetween } from "../audit/changes.js";
import { recordAudit, type AuditRecord } from "../audit/record-audit.js";
import type { Transaction } from "../database/client.js";

/** Leaves an entry of a person's other password, or their first one. @param change the hashes, which the log does not have. */
export async function recordPassword(
  tx: Transaction,
  author: Author,
  {
    change: [before, after],
    ...record
  }: Pick<AuditRecord, "subjectId" | "at"> & { change: readonly [string | null, string] },
): Promise<void> {
  const changes = changesBetween({ password: before }, { password: after });
  await recordAudit(tx, author, { ...record, action: "user.change_password", changes });
}
