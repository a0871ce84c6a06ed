import { authorOf } from "../audit/author.js";
import { changesBetween, DELETED } from "../audit/changes.js";
import { recordAudit } from "../audit/record-audit.js";
import type { RequestContext } from "../auth/context.js";
import { requireScope } from "../auth/require-scope.js";
import { MANAGE_ORGANIZATION } from "../auth/scopes.js";
import type { Database, Transaction } from "../database/client.js";
import type { Membership } from "../database/generated/client.js";
import { inOrder, readPage, whereAll, type Page, type PageRequest } from "../database/paging.js";
import { AppError, notFound } from "../errors.js";
import type { Member, UpdateMemberInput } from "./member.type.js";

/** A member, by the person's id. */
type Row = Member & { readonly id: string };

/** Who belongs to an organization, and as what (contract section 2). */
export class MemberService {
  /** @param credentials what reads remember of personal tokens: each change is told. */
  constructor(
    private readonly db: Database,
    private readonly credentials: { forgetAll(): void },
    private readonly now: () => Date,
  ) {}

  async list(ctx: RequestContext, args: PageRequest): Promise<Page<Row>> {
    const { organizationId } = await requireScope(ctx, MANAGE_ORGANIZATION);
    const rows = await this.db.$queryRaw<{ id: string }[]>`
      SELECT id::text FROM (
        SELECT user_id AS id, created_at FROM memberships WHERE organization_id = ${organizationId}
      ) AS members ${whereAll(readPage(args))}
      ORDER BY created_at DESC, id DESC LIMIT ${args.first + 1}`;
    const items = rows.slice(0, args.first).map(({ id }) => id);
    return inOrder({ items, hasNextPage: rows.length > items.length }, async (ids) => {
      const members = await this.db.membership.findMany({
        where: { organizationId, userId: { in: ids } },
        include: { user: true },
      });
      return members.map((member) => ({ ...member, id: member.userId }));
    });
  }

  /** @throws AppError `not_found`; `conflict` for the last administrator. */
  async update(ctx: RequestContext, input: UpdateMemberInput): Promise<Member> {
    const actor = await requireScope(ctx, MANAGE_ORGANIZATION);
    const { organizationId } = actor;
    const { userId, role } = input;
    const member = await this.db.$transaction(async (tx) => {
      const present = await this.lock(tx, organizationId, userId);
      if (present.role === "admin" && role !== "admin") await this.requireAnother(tx, present);
      if (present.role !== role) {
        const changes = changesBetween(present, { role });
        const record = {
          action: "member.update",
          subjectId: userId,
          changes,
          at: this.now(),
        } as const;
        await recordAudit(tx, authorOf(ctx, actor), record);
      }
      return tx.membership.update({
        where: { userId_organizationId: { userId, organizationId } },
        data: { role },
        include: { user: true },
      });
    });
    this.credentials.forgetAll();
    return member;
  }

  /**
   * Who belongs nowhere any more is signed out everywhere.
   *
   * @returns the person's id.
   * @throws AppError `not_found`; `conflict` for the last administrator.
   */
  async remove(ctx: RequestContext, userId: string): Promise<string> {
    const actor = await requireScope(ctx, MANAGE_ORGANIZATION);
    const { organizationId } = actor;
    await this.db.$transaction(async (tx) => {
      const present = await this.lock(tx, organizationId, userId);
      if (present.role === "admin") await this.requireAnother(tx, present);
      await tx.membership.delete({
        where: { userId_organizationId: { userId, organizationId } },
      });
      const left = await tx.membership.count({ where: { userId } });
      if (left === 0) await tx.consoleSession.deleteMany({ where: { userId } });
      const record = {
        action: "member.remove",
        subjectId: userId,
        changes: DELETED,
        at: this.now(),
      } as const;
      await recordAudit(tx, authorOf(ctx, actor), record);
    });
    this.credentials.forgetAll();
    return userId;
  }

  /** Of all changes to an organization's members one at a time: each sees who is left. */
  private async lock(tx: Transaction, organizationId: string, userId: string): Promise<Membership> {
    await tx.$queryRaw`SELECT 1 FROM organizations WHERE id = ${organizationId} FOR NO KEY UPDATE`;
    const member = await tx.membership.findUnique({
      where: { userId_organizationId: { userId, organizationId } },
    });
    if (!member) throw notFound("Member");
    return member;
  }

  private async requireAnother(
    tx: Transaction,
    { organizationId, userId }: Membership,
  ): Promise<void> {
    const others = { organizationId, role: "admin", userId: { not: userId } } as const;
    if ((await tx.membership.count({ where: others })) > 0) return;
    throw new AppError("conflict", "An organization keeps its last administrator.");
  }
}
