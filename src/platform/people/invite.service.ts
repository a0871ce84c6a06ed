import { randomBytes, randomUUID } from "node:crypto";
import { LINK_PATH } from "../../protocol/console-api.js";
import { authorOf, type Author, type OrganizationAuthor } from "../audit/author.js";
import { changesBetween, DELETED } from "../audit/changes.js";
import { recordAudit } from "../audit/record-audit.js";
import type { RequestContext } from "../auth/context.js";
import { requireScope } from "../auth/require-scope.js";
import { requireConfirmation } from "../auth/require-session.js";
import { MANAGE_ORGANIZATION } from "../auth/scopes.js";
import { hashSecret } from "../auth/token-secret.js";
import type { Database } from "../database/client.js";
import type { Role } from "../database/enums.js";
import { Filters } from "../database/filters.js";
import type { Invitation } from "../database/generated/client.js";
import { inOrder, pageOf, pageOfIds, type Page, type PageRequest } from "../database/paging.js";
import { AppError, invalid, notFound } from "../errors.js";

const INVITATION_MS = 7 * 24 * 3_600_000;
const RESET_MS = 24 * 3_600_000;

/** An invitation, and its link, which is shown this once. */
export interface NewInvitation {
  readonly invitation: Invitation;
  readonly link: string;
}

/** Links that administrators and operators hand to people: no mail is sent (contract section 2). */
export class InviteService {
  constructor(
    private readonly db: Database,
    private readonly consoleUrl: string,
    private readonly now: () => Date,
  ) {}

  async list(ctx: RequestContext, args: PageRequest): Promise<Page<Invitation>> {
    const { organizationId } = await requireScope(ctx, MANAGE_ORGANIZATION);
    const { conditions } = new Filters().equals("organization_id", organizationId);
    const ids = await pageOfIds(this.db, "invitations", conditions, pageOf(ctx, args));
    return inOrder(ids, (items) => this.db.invitation.findMany({ where: { id: { in: items } } }));
  }

  /** Of one address again: the former link ends. @throws AppError `invalid`; `conflict` for a member. */
  async invite(ctx: RequestContext, input: { email: string; role: Role }): Promise<NewInvitation> {
    const actor = await requireScope(ctx, MANAGE_ORGANIZATION);
    await requireConfirmation(ctx);
    return this.inviteTo(authorOf(ctx, actor), input);
  }

  /** The same for the person at the server's command line. */
  async inviteTo(
    author: OrganizationAuthor,
    { email: given, role }: { email: string; role: Role },
  ): Promise<NewInvitation> {
    const { organizationId } = author;
    const email = given.trim().toLowerCase();
    if (email.length > 320 || !/^[^\s@]+@[^\s@]+$/.test(email)) {
      throw invalid({ path: "email", message: "Is no e-mail address.", rule: "email" });
    }
    const member = { organizationId, user: { email } };
    if (await this.db.membership.findFirst({ where: member })) {
      throw new AppError("conflict", "They are a member already.");
    }
    const { link, secretHash } = this.newLink();
    const createdAt = this.now();
    const expiresAt = new Date(createdAt.getTime() + INVITATION_MS);
    const values = { role, secretHash, createdAt, expiresAt };
    return this.db.$transaction(async (tx) => {
      const invitation = await tx.invitation.upsert({
        where: { organizationId_email: { organizationId, email } },
        create: { id: randomUUID(), organizationId, email, ...values },
        update: values,
      });
      const subjectId = invitation.id;
      const changes = changesBetween({}, { role, expiresAt });
      const record = { action: "invitation.create", subjectId, changes, at: createdAt } as const;
      await recordAudit(tx, author, record);
      return { invitation, link };
    });
  }

  /** @returns its id. @throws AppError `not_found`. */
  async revoke(ctx: RequestContext, id: string): Promise<string> {
    const actor = await requireScope(ctx, MANAGE_ORGANIZATION);
    const { organizationId } = actor;
    await this.db.$transaction(async (tx) => {
      const { count } = await tx.invitation.deleteMany({ where: { id, organizationId } });
      if (count === 0) throw notFound("Invitation");
      const at = this.now();
      const record = { action: "invitation.revoke", subjectId: id, changes: DELETED, at } as const;
      await recordAudit(tx, authorOf(ctx, actor), record);
    });
    return id;
  }

  /**
   * Who belongs to other organizations too would lose them to this one's administrator, so that such a
   * person is an operator's to help.
   *
   * @returns the link, which is shown this once.
   * @throws AppError `not_found`, `conflict`.
   */
  async createReset(ctx: RequestContext, userId: string): Promise<string> {
    const actor = await requireScope(ctx, MANAGE_ORGANIZATION);
    const { organizationId } = actor;
    await requireConfirmation(ctx);
    const memberships = await this.db.membership.findMany({ where: { userId } });
    if (!memberships.some((one) => one.organizationId === organizationId)) {
      throw notFound("Member");
    }
    if (memberships.length > 1) {
      throw new AppError("conflict", "They belong to other organizations too: ask the operator.");
    }
    return this.resetOf(authorOf(ctx, actor), userId);
  }

  /** @param author of no organization: the operator. */
  async resetOf(author: Author, userId: string): Promise<string> {
    const { link, secretHash } = this.newLink();
    const at = this.now();
    const expiresAt = new Date(at.getTime() + RESET_MS);
    const values = { organizationId: author.organizationId, secretHash, expiresAt };
    await this.db.$transaction(async (tx) => {
      await tx.passwordReset.upsert({
        where: { userId },
        create: { userId, ...values },
        update: values,
      });
      const changes = changesBetween({}, { expiresAt });
      const record = {
        action: "member.create_reset_link",
        subjectId: userId,
        changes,
        at,
      } as const;
      await recordAudit(tx, author, record);
    });
    return link;
  }

  /** Removes links that are over. */
  async sweep(): Promise<void> {
    const where = { expiresAt: { lte: this.now() } };
    await this.db.invitation.deleteMany({ where });
    await this.db.passwordReset.deleteMany({ where });
  }

  private newLink(): { link: string; secretHash: Uint8Array<ArrayBuffer> } {
    const token = randomBytes(32).toString("base64url");
    return { link: `${this.consoleUrl}${LINK_PATH}#${token}`, secretHash: hashSecret(token) };
  }
}
