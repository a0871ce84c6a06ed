import type { RequestContext } from "../auth/context.js";
import { requireScope } from "../auth/require-scope.js";
import { MANAGE_ORGANIZATION } from "../auth/scopes.js";
import { actorNames } from "../database/actor-names.js";
import type { Database } from "../database/client.js";
import { Filters } from "../database/filters.js";
import type { AuditEntry as AuditEntryRow } from "../database/generated/client.js";
import { inOrder, pageOf, pageOfIds, type Page } from "../database/paging.js";
import type { AuditEntry, AuditLogArgs } from "./audit.type.js";
import { readChanges } from "./changes.js";

const BATCH = 1000;

/** What was written on whose behalf (contract section 2), as it is read, and for how long it is kept. */
export class AuditService {
  constructor(
    private readonly db: Database,
    private readonly retentionDays: number,
    private readonly now: () => Date,
  ) {}

  async list(ctx: RequestContext, args: AuditLogArgs): Promise<Page<AuditEntry>> {
    const { organizationId } = await requireScope(ctx, MANAGE_ORGANIZATION);
    const filters = new Filters()
      .equals("organization_id", organizationId)
      .equals("action", args.action)
      .equals("actor_id", args.actorId)
      .equals("subject_id", args.subjectId)
      .range("created_at", args.since, undefined)
      .between("created_at", undefined, args.until);
    const ids = await pageOfIds(this.db, "audit_entries", filters.conditions, pageOf(ctx, args));
    const page = await inOrder(ids, (items) =>
      this.db.auditEntry.findMany({ where: { id: { in: items } } }),
    );
    const names = await actorNames(this.db, page.items);
    return { ...page, items: page.items.map((row) => toEntry(row, names)) };
  }

  /** Removes what is too old, in batches, so that no statement holds locks for long. */
  async sweep(): Promise<void> {
    const { retentionDays } = this;
    for (;;) {
      const removed = await this.db.$executeRaw`
        DELETE FROM audit_entries WHERE id IN (
          SELECT id FROM audit_entries
          WHERE created_at < ${this.now()}::timestamptz - make_interval(days => ${retentionDays}::int)
          LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`;
      if (removed < BATCH) return;
    }
  }
}

function toEntry(row: AuditEntryRow, names: ReadonlyMap<string, string>): AuditEntry {
  const { id, createdAt, actorKind, actorId, credentialId, via, action, subjectId } = row;
  const [kind = ""] = action.split(".");
  return {
    id,
    createdAt,
    at: createdAt,
    actor: {
      kind: actorKind,
      id: actorId,
      credentialId,
      name: (actorId === null ? undefined : names.get(actorId)) ?? null,
    },
    via,
    action,
    subject: { kind, id: subjectId },
    changes: readChanges(row.changes),
    requestId: row.requestId,
  };
}
