import { randomUUID } from "node:crypto";
import type { LinkAnswer, UseLinkRequest } from "../../protocol/console-api.js";
import { personOf } from "../audit/author.js";
import { checkNewPassword, type Passwords } from "../auth/passwords.js";
import { accountKey, type QuotaListener, type RateLimits } from "../auth/rate-limits.js";
import type { NewSession, SessionService } from "../auth/sessions.service.js";
import { hashSecret } from "../auth/token-secret.js";
import type { Database } from "../database/client.js";
import type { Invitation, Membership, User } from "../database/generated/client.js";
import { isUniqueViolation } from "../database/prisma-errors.js";
import { AppError, invalid } from "../errors.js";
import { checkText } from "../input/check-text.js";
import { joinOrganization } from "./join-organization.js";
import { recordPassword } from "./record-password.js";

/** Who knocks. */
export interface Caller extends QuotaListener {
  readonly clientIp: string;
  readonly requestId: string;
}

type Account = User & {
  readonly memberships: readonly Membership[];
  readonly oidcAccounts?: readonly unknown[];
  readonly passkeys?: readonly unknown[];
};

/** What the links of `InviteService` open. */
export class LinkService {
  constructor(
    private readonly deps: {
      readonly db: Database;
      readonly sessions: SessionService;
      readonly passwords: Passwords;
      readonly limits: RateLimits;
      readonly now: () => Date;
    },
  ) {}

  /** @returns undefined for one that is unknown, used, revoked or over. */
  async look(token: string): Promise<LinkAnswer | undefined> {
    const needs = ["password"] as const;
    const invitation = await this.invitationOf(token);
    if (invitation) {
      const { email } = invitation;
      const account = await this.deps.db.user.findUnique({ where: { email } });
      const hasPassword = typeof account?.passwordHash === "string";
      const organization = invitation.organization.name;
      return { kind: "invitation", state: "good", email, organization, needs, hasPassword };
    }
    const reset = await this.resetOf(token);
    if (!reset) return undefined;
    return { kind: "reset", state: "good", email: reset.user.email, needs, hasPassword: false };
  }

  /** @throws AppError `unauthenticated` for a link that is not good; `invalid`, `conflict`, `rate_limited`. */
  async use(caller: Caller, request: UseLinkRequest): Promise<NewSession> {
    const { db, sessions, passwords, now } = this.deps;
    const invitation = await this.invitationOf(request.token);
    if (invitation) return this.accept(caller, invitation, request);
    const reset = await this.resetOf(request.token);
    if (!reset) throw linkIsOver();
    const passwordHash = await passwords.hash(newPassword(request));
    return db.$transaction(async (tx) => {
      const { userId, secretHash } = reset;
      const used = await tx.passwordReset.deleteMany({ where: { userId, secretHash } });
      if (used.count === 0) throw linkIsOver();
      await tx.user.update({ where: { id: userId }, data: { passwordHash } });
      await tx.consoleSession.deleteMany({ where: { userId } });
      const session = await sessions.begin(tx, userId);
      await recordPassword(tx, personOf(caller, { id: session.id, userId }, null), {
        subjectId: userId,
        at: now(),
        change: [reset.user.passwordHash, passwordHash],
      });
      return session;
    });
  }

  private async accept(
    caller: Caller,
    invitation: Invitation,
    request: UseLinkRequest,
  ): Promise<NewSession> {
    const { db, sessions, now } = this.deps;
    const { email, organizationId } = invitation;
    checkText("name", request.name, { max: 200 });
    const account = await db.user.findUnique({
      where: { email },
      include: { memberships: true, oidcAccounts: true, passkeys: true },
    });
    const passwordHash = await this.prove(caller, account, organizationId, request);
    const createdAt = now();
    const accepted = db.$transaction(async (tx) => {
      const userId = account?.id ?? randomUUID();
      if (account) {
        // As it was when the password was checked.
        const same = { id: userId, passwordHash: account.passwordHash };
        const held = await tx.user.updateMany({ where: same, data: { passwordHash } });
        if (held.count === 0) throw linkIsOver();
      } else {
        const name = request.name?.trim() ?? "";
        await tx.user.create({ data: { id: userId, email, name, passwordHash, createdAt } });
      }
      const session = await sessions.begin(tx, userId);
      const owner = { id: session.id, userId };
      const joined = await joinOrganization(tx, caller, {
        session: owner,
        invitation,
        at: createdAt,
      });
      if (!joined) throw linkIsOver();
      return session;
    });
    return accepted.catch((error: unknown) => {
      if (!isUniqueViolation(error)) throw error;
      throw new AppError("conflict", "Somebody else made this account meanwhile. Try again.");
    });
  }

  /**
   * Whoever made an invitation has its link: it opens no account that is somebody's.
   *
   * @returns the hash of the account's password, which may be its first.
   */
  private async prove(
    caller: Caller,
    account: Account | null,
    organizationId: string,
    request: UseLinkRequest,
  ): Promise<string> {
    const { passwords, limits } = this.deps;
    if (typeof account?.passwordHash === "string") {
      await limits.consume("sign_in_account", accountKey(account.email, caller.clientIp), caller);
      if (await passwords.fits(request.password ?? "", account.passwordHash)) {
        return account.passwordHash;
      }
      throw invalid({
        path: "password",
        message: "Is not the password of this account.",
        rule: "password",
      });
    }
    if (account?.oidcAccounts?.length) {
      throw new AppError("conflict", "This account signs in by its provider, which uses this up.");
    }
    if (account?.passkeys?.length) {
      throw new AppError(
        "conflict",
        "This account signs in by a passkey: set a password on your own page first.",
      );
    }
    if (account?.memberships.some((one) => one.organizationId !== organizationId)) {
      throw new AppError("conflict", "This account has no password yet: ask the operator for one.");
    }
    return passwords.hash(newPassword(request));
  }

  private async invitationOf(
    token: string,
  ): Promise<(Invitation & { organization: { name: string } }) | undefined> {
    const found = await this.deps.db.invitation.findUnique({
      where: { secretHash: hashSecret(token) },
      include: { organization: true },
    });
    return found && found.expiresAt > this.deps.now() ? found : undefined;
  }

  private async resetOf(
    token: string,
  ): Promise<{ userId: string; secretHash: Uint8Array<ArrayBuffer>; user: Account } | undefined> {
    const found = await this.deps.db.passwordReset.findUnique({
      where: { secretHash: hashSecret(token) },
      include: { user: { include: { memberships: true } } },
    });
    if (!found || found.expiresAt <= this.deps.now()) return undefined;
    const { organizationId, user } = found;
    const isTheirs = user.memberships.every((one) => one.organizationId === organizationId);
    if (organizationId !== null && (!isTheirs || user.memberships.length === 0)) return undefined;
    return found;
  }
}

function newPassword({ password }: UseLinkRequest): string {
  if (password === undefined)
    throw invalid({ path: "password", message: "Is needed.", rule: "required" });
  checkNewPassword("password", password);
  return password;
}

/** One sentence: a link says nothing of what it was. */
export function linkIsOver(): AppError {
  return new AppError("unauthenticated", "This link is used, over or unknown.");
}
