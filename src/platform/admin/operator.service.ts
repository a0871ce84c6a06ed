import { randomUUID } from "node:crypto";
import { atCommandLine } from "../audit/author.js";
import { changesBetween } from "../audit/changes.js";
import { recordAudit, type AuditAction } from "../audit/record-audit.js";
import { SCOPES, type Scope } from "../auth/scopes.js";
import { newToken } from "../auth/token-secret.js";
import type { RetentionService } from "../conversations/retention.service.js";
import type { Database, Transaction } from "../database/client.js";
import type { AuditEntry } from "../database/generated/client.js";
import { jsonColumn } from "../database/json-column.js";
import type { Role } from "../database/enums.js";
import { isUniqueViolation } from "../database/prisma-errors.js";
import { AppError } from "../errors.js";
import { checkUsageLimits } from "../input/usage-limits.js";
import { isUuid } from "../input/uuid.js";
import { changeOrganization } from "../organizations/change-organization.js";
import type { InviteService } from "../people/invite.service.js";
import { removeSecondFactor } from "../people/second-factor.service.js";

/** What the person at the server's command line does: they own the database, so no scope is asked. */
export class OperatorService {
  constructor(
    private readonly db: Database,
    private readonly retention: RetentionService,
    private readonly now: () => Date,
    private readonly invites: InviteService,
  ) {}

  /** @returns the id. @throws AppError `conflict` when it is taken. */
  async createOrganization(name: string, id = `org_${randomUUID()}`): Promise<string> {
    try {
      await this.db.$transaction(async (tx) => {
        await tx.organization.create({ data: { id, name, createdAt: this.now() } });
        await this.record(tx, "organization.create", { of: id, id, after: { name } });
      });
      return id;
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw new AppError("conflict", `There is an organization ${id} already.`);
    }
  }

  listOrganizations(): Promise<
    { id: string; name: string; createdAt: Date; retentionDays: number | null }[]
  > {
    return this.db.organization.findMany({ orderBy: { createdAt: "asc" } });
  }

  async setRetention(organizationId: string, retentionDays: number | null): Promise<string> {
    return this.changeOrganization(organizationId, { retentionDays });
  }

  /** What an organization's talks may use up; without a key its default counts. @throws AppError `invalid`. */
  async setLimits(organizationId: string, limits: object): Promise<string> {
    checkUsageLimits(limits, {});
    return this.changeOrganization(organizationId, { limits: jsonColumn(limits) });
  }

  /** @returns the user's id. @throws AppError `conflict` when the address is taken. */
  async createUser(email: string, name: string): Promise<string> {
    const address = email.trim().toLowerCase();
    if (!/^[^\s@]+@[^\s@]+$/.test(address))
      throw new AppError("invalid", "That is no e-mail address.");
    try {
      const id = randomUUID();
      await this.db.$transaction(async (tx) => {
        await tx.user.create({ data: { id, email: address, name, createdAt: this.now() } });
        await this.record(tx, "user.create", { of: null, id, after: {} });
      });
      return id;
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      const existing = await this.userId(address);
      throw new AppError("conflict", `There is a user with this address already: ${existing}.`);
    }
  }

  /** @returns the invitation's link. @throws AppError `not_found`, `invalid`, `conflict`. */
  async inviteUser(organizationId: string, email: string, role: Role): Promise<string> {
    await this.requireOrganization(organizationId);
    const { link } = await this.invites.inviteTo(atCommandLine(organizationId), { email, role });
    return link;
  }

  /** @returns the link by which a user gets another password. @throws AppError `not_found`. */
  async resetPassword(user: string): Promise<string> {
    return this.invites.resetOf(atCommandLine(null), await this.userId(user));
  }

  /** For who has lost the app and its codes, or a passkey; signs them out everywhere. @returns the user's id. */
  async removeSecondFactor(user: string): Promise<string> {
    const userId = await this.userId(user);
    await this.db.$transaction(async (tx) => {
      const [before, after] = [{ secondFactor: true }, { secondFactor: false }];
      if (await removeSecondFactor(tx, userId)) {
        const write = { of: null, id: userId, before, after };
        await this.record(tx, "user.remove_second_factor", write);
      }
      const { count: passkeys } = await tx.passkey.deleteMany({ where: { userId } });
      if (passkeys > 0) {
        const write = { of: null, id: userId, before: { passkeys }, after: { passkeys: 0 } };
        await this.record(tx, "user.remove_passkey", write);
      }
      await tx.consoleSession.deleteMany({ where: { userId } });
    });
    return userId;
  }

  /** Makes a user a member, or changes their role. @returns the user's id. */
  async addMember(organizationId: string, user: string, role: "admin" | "viewer"): Promise<string> {
    await this.requireOrganization(organizationId);
    const userId = await this.userId(user);
    await this.db.$transaction(async (tx) => {
      const where = { userId_organizationId: { userId, organizationId } };
      const before = await tx.membership.findUnique({ where });
      if (before?.role === role) return;
      const create = { userId, organizationId, role, createdAt: this.now() };
      await tx.membership.upsert({ where, create, update: { role } });
      const write = { of: organizationId, id: userId, before: before ?? {}, after: { role } };
      await this.record(tx, before ? "member.update" : "member.add", write);
    });
    return userId;
  }

  /** @param scopes empty: all. @returns the secret, which is shown this once. */
  async createKey(
    organizationId: string,
    options: { name: string; scopes: readonly Scope[]; expiresAt: Date | undefined },
  ): Promise<string> {
    await this.requireOrganization(organizationId);
    const { id, hash: secretHash, text } = newToken("ak");
    const fields = {
      name: options.name,
      scopes: options.scopes.length > 0 ? [...options.scopes] : [...SCOPES],
      expiresAt: options.expiresAt ?? null,
    };
    await this.db.$transaction(async (tx) => {
      const rest = { id, organizationId, secretHash, createdAt: this.now() };
      await tx.apiKey.create({ data: { ...fields, ...rest } });
      await this.record(tx, "api_key.create", { of: organizationId, id, after: fields });
    });
    return text;
  }

  async listKeys(
    organizationId: string,
  ): Promise<
    { id: string; name: string; scopes: string[]; expiresAt: Date | null; revokedAt: Date | null }[]
  > {
    await this.requireOrganization(organizationId);
    return this.db.apiKey.findMany({
      where: { organizationId },
      omit: { secretHash: true },
      orderBy: { createdAt: "asc" },
    });
  }

  async revokeKey(id: string): Promise<string> {
    await this.db.$transaction(async (tx) => {
      const revokedAt = this.now();
      const { count } = await tx.apiKey.updateMany({
        where: { id, revokedAt: null },
        data: { revokedAt },
      });
      const key = await tx.apiKey.findUnique({ where: { id } });
      if (!key) throw new AppError("not_found", "There is no such key.");
      if (count === 0) return;
      const write = { of: key.organizationId, id, after: { revokedAt } };
      await this.record(tx, "api_key.revoke", write);
    });
    return id;
  }

  /** @returns the secret, which is shown this once. */
  async createPersonalToken(
    user: string,
    options: { name: string; expiresAt: Date | undefined },
  ): Promise<string> {
    const userId = await this.userId(user);
    const { id, hash: secretHash, text } = newToken("pat");
    const fields = { userId, name: options.name, expiresAt: options.expiresAt ?? null };
    await this.db.$transaction(async (tx) => {
      const rest = { id, secretHash, createdAt: this.now() };
      await tx.personalAccessToken.create({ data: { ...fields, ...rest } });
      await this.record(tx, "personal_token.create", { of: null, id, after: fields });
    });
    return text;
  }

  async revokePersonalToken(id: string): Promise<string> {
    await this.db.$transaction(async (tx) => {
      const revokedAt = this.now();
      const { count } = await tx.personalAccessToken.updateMany({
        where: { id, revokedAt: null },
        data: { revokedAt },
      });
      if (count > 0) {
        await this.record(tx, "personal_token.revoke", { of: null, id, after: { revokedAt } });
      } else if (!(await tx.personalAccessToken.findUnique({ where: { id } }))) {
        throw new AppError("not_found", "There is no such token.");
      }
    });
    return id;
  }

  /** @returns how many conversations were removed. */
  async eraseVisitor(organizationId: string, userId: string): Promise<number> {
    await this.requireOrganization(organizationId);
    return this.retention.erase(atCommandLine(organizationId), userId);
  }

  /**
   * The newest entries of the audit log, newest first.
   *
   * @param organizationId null: what concerns the whole installation.
   */
  async listAudit(organizationId: string | null, count: number): Promise<AuditEntry[]> {
    if (organizationId !== null) await this.requireOrganization(organizationId);
    return this.db.auditEntry.findMany({
      where: { organizationId },
      orderBy: [{ createdAt: "desc" }, { id: "desc" }],
      take: count,
    });
  }

  private async changeOrganization(
    id: string,
    changes: Parameters<typeof changeOrganization>[2],
  ): Promise<string> {
    await this.db.$transaction((tx) =>
      changeOrganization(tx, atCommandLine(id), changes, this.now()),
    );
    return id;
  }

  private async record(
    tx: Transaction,
    action: AuditAction,
    write: { of: string | null; id: string; before?: object; after: object },
  ): Promise<void> {
    await recordAudit(tx, atCommandLine(write.of), {
      action,
      subjectId: write.id,
      changes: changesBetween(write.before ?? {}, write.after),
      at: this.now(),
    });
  }

  private async requireOrganization(id: string): Promise<void> {
    if (!(await this.db.organization.findUnique({ where: { id } }))) {
      throw new AppError("not_found", "There is no such organization.");
    }
  }

  /** @param user an id or an e-mail address. */
  private async userId(user: string): Promise<string> {
    const email = user.trim().toLowerCase();
    const found = isUuid(user)
      ? await this.db.user.findUnique({ where: { id: user } })
      : await this.db.user.findUnique({ where: { email } });
    if (!found) throw new AppError("not_found", "There is no such user.");
    return found.id;
  }
}

/** What a key is worth at a moment. */
export function keyState(
  key: { revokedAt: Date | null; expiresAt: Date | null },
  now: Date,
): "valid" | "expired" | "revoked" {
  if (key.revokedAt) return "revoked";
  return key.expiresAt && key.expiresAt <= now ? "expired" : "valid";
}
