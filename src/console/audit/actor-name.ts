import type { AuditLogQuery } from "../generated/operations.js";
import type { AuditWords } from "./audit-words.js";

type Actor = NonNullable<AuditLogQuery["auditLog"]>["nodes"][number]["actor"];

/** What somebody is called now who did something then. */
export function actorName({ name, id, kind }: Actor, auditLog: AuditWords): string {
  return name || id || (kind === "COMMAND_LINE" ? auditLog.operator : auditLog.nobody);
}
