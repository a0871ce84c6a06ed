import { authorOf, type OrganizationAuthor } from "../audit/author.js";
import { recordAudit } from "../audit/record-audit.js";
import { MANAGE_CONVERSATIONS } from "../auth/scopes.js";
import { requireScope } from "../auth/require-scope.js";
import type { RequestContext } from "../auth/context.js";
import type { Database, Transaction } from "../database/client.js";
import type { ConversationStatus } from "../database/enums.js";
import type { Rooms } from "../livekit/rooms.js";
import { isFinal } from "./status.js";

/** The turns that go with a conversation have no bound, and a statement has one. */
const BATCH = 50;

/** How long a test is kept after it began. */
const TEST_HOURS = 24;

/** How long conversations are kept, and how a visitor is forgotten. Turns and rooms go with their conversation. */
export class RetentionService {
  constructor(
    private readonly db: Database,
    private readonly rooms: Rooms,
    private readonly now: () => Date,
  ) {}

  /**
   * Removes everything that a visitor said or was, in this organization. Their live rooms are closed.
   *
   * @returns the number of conversations removed; 0 for an unknown visitor.
   */
  async eraseVisitor(ctx: RequestContext, userId: string): Promise<number> {
    const actor = await requireScope(ctx, MANAGE_CONVERSATIONS);
    return this.erase(authorOf(ctx, actor), userId);
  }

  /** For the person at the server's command line, of whom no scope is asked. */
  async erase(author: OrganizationAuthor, userId: string): Promise<number> {
    const { organizationId } = author;
    const at = this.now();
    let erased: Erasure = { count: 0 };
    for (;;) {
      const { removed, noted } = await this.db.$transaction(async (tx) => {
        const rows = await tx.$queryRaw<{ current_room: string; status: ConversationStatus }[]>`
          DELETE FROM conversations WHERE id IN (
            SELECT id FROM conversations
            WHERE organization_id = ${organizationId} AND user_id = ${userId} LIMIT ${BATCH})
          RETURNING current_room, status`;
        return { removed: rows, noted: await note(tx, author, { erased, more: rows.length, at }) };
      });
      const open = removed.filter(({ status }) => !isFinal(status));
      this.rooms.deleteInBackground(open.map((row) => row.current_room));
      erased = noted;
      if (removed.length < BATCH) return erased.count;
    }
  }

  /**
   * Removes conversations that ended, and last changed, more than their organization's days ago.
   * In batches, so that no statement holds locks for long; safe on several instances at once.
   */
  async sweep(): Promise<void> {
    await this.sweepTests();
    for (;;) {
      const removed = await this.db.$executeRaw`
        DELETE FROM conversations WHERE id IN (
          SELECT conversations.id FROM conversations
          JOIN organizations ON organizations.id = conversations.organization_id
          WHERE organizations.retention_days IS NOT NULL
            AND conversations.status NOT IN ('triggered', 'ringing', 'in_progress')
            AND conversations.updated_at < ${this.now()}::timestamptz - make_interval(days => organizations.retention_days)
            -- Implied by the line above; lets the index on created_at be used.
            AND conversations.created_at < ${this.now()}::timestamptz - make_interval(days => organizations.retention_days)
          LIMIT ${BATCH} FOR UPDATE OF conversations SKIP LOCKED)`;
      if (removed < BATCH) return;
    }
  }

  /** Whatever the organization says: they are nobody's record. */
  private async sweepTests(): Promise<void> {
    for (;;) {
      const removed = await this.db.$executeRaw`
        DELETE FROM conversations WHERE id IN (
          SELECT id FROM conversations
          WHERE tester_id IS NOT NULL AND status NOT IN ('triggered', 'ringing', 'in_progress')
            AND created_at < ${this.now()}::timestamptz - make_interval(hours => ${TEST_HOURS}::int)
          LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`;
      if (removed < BATCH) return;
    }
  }
}

/** What has been erased so far, and the entry that tells of it. */
interface Erasure {
  readonly count: number;
  readonly entryId?: string;
}

/** One entry tells of all batches, and of no visitor: each batch is counted in its own transaction. */
async function note(
  tx: Transaction,
  author: OrganizationAuthor,
  { erased, more, at }: { erased: Erasure; more: number; at: Date },
): Promise<Erasure> {
  if (more === 0) return erased;
  const count = erased.count + more;
  const changes = [{ path: "conversations", before: count, after: 0 }];
  const { entryId } = erased;
  if (entryId === undefined) {
    const record = { action: "visitor.erase", subjectId: null, changes, at } as const;
    return { count, entryId: await recordAudit(tx, author, record) };
  }
  await tx.auditEntry.updateMany({ where: { id: entryId }, data: { changes } });
  return { count, entryId };
}
