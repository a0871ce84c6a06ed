import { randomUUID } from "node:crypto";
import type { Transaction } from "../database/client.js";
import { jsonColumn } from "../database/json-column.js";
import type { Author } from "./author.js";
import type { PathChange } from "./changes.js";

/** Every administrative write there is; the word before the dot is the kind of its subject. */
export const AUDIT_ACTIONS = [
  "agent.create",
  "agent.update",
  "agent.delete",
  "agent_version.create",
  "agent_version.update",
  "agent_version.publish",
  "agent_version.try",
  "api_key.create",
  "api_key.revoke",
  "conversation.end",
  "conversation.listen",
  "installation.restore",
  "invitation.create",
  "invitation.revoke",
  "member.add",
  "member.create_reset_link",
  "member.remove",
  "member.update",
  "organization.create",
  "organization.update",
  "personal_token.create",
  "personal_token.revoke",
  "user.add_passkey",
  "user.add_second_factor",
  "user.change_password",
  "user.connect_provider",
  "user.create",
  "user.disconnect_provider",
  "user.end_session",
  "user.remove_passkey",
  "user.remove_second_factor",
  "user.update",
  "visitor.erase",
  "widget.create",
  "widget.update",
  "widget.delete",
  "widget.update_security",
  "widget.rotate_identity_secret",
  "widget.revoke_visitor_tokens",
  "widget.roll_back",
  "widget_draft.begin",
  "widget_draft.discard",
] as const;

export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** What was done. */
export interface AuditRecord {
  readonly action: AuditAction;
  /** Null where it would name a visitor. */
  readonly subjectId: string | null;
  readonly changes: readonly PathChange[];
  readonly at: Date;
}

/**
 * Leaves an entry in the transaction that writes what it tells of: neither is without the other. Who writes nothing calls
 * this not.
 *
 * @returns the entry's id.
 */
export async function recordAudit(
  tx: Transaction,
  author: Author,
  { action, subjectId, changes, at }: AuditRecord,
): Promise<string> {
  const id = randomUUID();
  await tx.auditEntry.create({
    data: { ...author, id, action, subjectId, changes: changes.map(jsonColumn), createdAt: at },
  });
  return id;
}
