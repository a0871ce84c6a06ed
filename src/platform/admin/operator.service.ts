import { randomUUID } from "node:crypto";
import { SCOPES, type Scope } from "../auth/scopes.js";
import { newToken } from "../auth/token-secret.js";
import type { RetentionService } from "../conversations/retention.service.js";
import type { Database } from "../database/client.js";
import { jsonColumn } from "../database/json-column.js";
import type { Role } from "../database/enums.js";
import { isUniqueViolation } from "../database/prisma-errors.js";
import { AppError } from "../errors.js";
import { checkUsageLimits } from "../input/usage-limits.js";
import { isUuid } from "../input/uuid.js";
import type { InviteService } from "../people/invite.service.js";

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
      await this.db.organization.create({ data: { id, name, createdAt: this.now() } });
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
    await this.requireOrganization(organizationId);
    await this.db.organization.update({ where: { id: organizationId }, data: { retentionDays } });
    return organizationId;
  }

  /** What an organization's talks may use up; without a key its default counts. @throws AppError `invalid`. */
  async setLimits(organizationId: string, limits: object): Promise<string> {
    checkUsageLimits(limits, {});
    await this.requireOrganization(organizationId);
    await this.db.organization.update({
      where: { id: organizationId },
      data: { limits: jsonColumn(limits) },
    });
    return organizationId;
  }

  /** @returns the user's id. @throws AppError `conflict` when the address is taken. */
  async createUser(email: string, name: string): Promise<string> {
    const address = email.trim().toLowerCase();
    if (!/^[^\s@]+@[^\s@]+$/.test(address))
      throw new AppError("invalid", "That is no e-mail address.");
    try {
      const user = await this.db.user.create({
        data: { id: randomUUID(), email: address, name, createdAt: this.now() },
      });
      return user.id;
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      const existing = await this.userId(address);
      throw new AppError("conflict", `There is a user with this address already: ${existing}.`);
    }
  }

  /** @returns the invitation's link. @throws AppError `not_found`, `invalid`, `conflict`. */
  async inviteUser(organizationId: string, email: string, role: Role): Promise<string> {
    await this.requireOrganization(organizationId);
    const { link } = await this.invites.inviteTo(organizationId, { email, role });
    return link;
  }

  /** @returns the link by which a user gets another password. @throws AppError `not_found`. */
  async resetPassword(user: string): Promise<string> {
    return this.invites.resetOf(await this.userId(user), null);
  }

  /** Makes a user a member, or changes their role. @returns the user's id. */
  async addMember(organizationId: string, user: string, role: "admin" | "viewer"): Promise<string> {
    await this.requireOrganization(organizationId);
    const userId = await this.userId(user);
    await this.db.membership.upsert({
      where: { userId_organizationId: { userId, organizationId } },
      create: { userId, organizationId, role, createdAt: this.now() },
      update: { role },
    });
    return userId;
  }

  /** @param scopes empty: all. @returns the secret, which is shown this once. */
  async createKey(
    organizationId: string,
    options: { name: string; scopes: readonly Scope[]; expiresAt: Date | undefined },
  ): Promise<string> {
    await this.requireOrganization(organizationId);
    const token = newToken("ak");
    await this.db.apiKey.create({
      data: {
        id: token.id,
        organizationId,
        name: options.name,
        secretHash: token.hash,
        scopes: options.scopes.length > 0 ? [...options.scopes] : [...SCOPES],
        expiresAt: options.expiresAt ?? null,
        createdAt: this.now(),
      },
    });
    return token.text;
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
    const { count } = await this.db.apiKey.updateMany({
      where: { id, revokedAt: null },
      data: { revokedAt: this.now() },
    });
    if (count === 0 && !(await this.db.apiKey.findUnique({ where: { id } }))) {
      throw new AppError("not_found", "There is no such key.");
    }
    return id;
  }

  /** @returns the secret, which is shown this once. */
  async createPersonalToken(
    user: string,
    options: { name: string; expiresAt: Date | undefined },
  ): Promise<string> {
    const userId = await this.userId(user);
    const token = newToken("pat");
    await this.db.personalAccessToken.create({
      data: {
        id: token.id,
        userId,
        name: options.name,
        secretHash: token.hash,
        expiresAt: options.expiresAt ?? null,
        createdAt: this.now(),
      },
    });
    return token.text;
  }

  async revokePersonalToken(id: string): Promise<string> {
    const where = { id, revokedAt: null };
    const { count } = await this.db.personalAccessToken.updateMany({
      where,
      data: { revokedAt: this.now() },
    });
    if (count === 0 && !(await this.db.personalAccessToken.findUnique({ where: { id } }))) {
      throw new AppError("not_found", "There is no such token.");
    }
    return id;
  }

  /** @returns how many conversations were removed. */
  async eraseVisitor(organizationId: string, userId: string): Promise<number> {
    await this.requireOrganization(organizationId);
    return this.retention.erase(organizationId, userId);
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
