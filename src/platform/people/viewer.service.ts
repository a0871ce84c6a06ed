import { personOf } from "../audit/author.js";
import { changesBetween } from "../audit/changes.js";
import { recordAudit } from "../audit/record-audit.js";
import type { RequestContext } from "../auth/context.js";
import { checkNewPassword, type Passwords } from "../auth/passwords.js";
import { accountKey, type RateLimits } from "../auth/rate-limits.js";
import { requireSession } from "../auth/require-session.js";
import { sessionScopes, type Session, type SessionService } from "../auth/sessions.service.js";
import type { Database } from "../database/client.js";
import { AppError, invalid, notFound } from "../errors.js";
import { checkText } from "../input/check-text.js";
import { lockPerson } from "./lock-person.js";
import { recordPassword } from "./record-password.js";
import type { ChangePasswordInput, UpdateViewerInput, Viewer } from "./viewer.type.js";

/** The person who is signed in to the console, and what is theirs alone (contract section 2). */
export class ViewerService {
  constructor(
    private readonly db: Database,
    private readonly sessions: SessionService,
    private readonly passwords: Passwords,
    private readonly limits: RateLimits,
    /** Of sign-in; undefined: there is none. */
    private readonly provider: { readonly issuer: string; readonly name: string } | undefined,
    private readonly now: () => Date,
  ) {}

  /** @throws AppError `unauthenticated`. */
  async present(ctx: RequestContext): Promise<Viewer> {
    return this.viewerOf(requireSession(await ctx.session()));
  }

  /** @returns null when nobody is signed in. */
  async viewer(ctx: RequestContext): Promise<Viewer | null> {
    const session = await ctx.session();
    return session ? this.viewerOf(session) : null;
  }

  /**
   * Ends the person's other sessions in the same transaction.
   *
   * @throws AppError `unauthenticated`, `invalid`, `rate_limited`; `conflict` when it was changed meanwhile.
   */
  async changePassword(ctx: RequestContext, input: ChangePasswordInput): Promise<Viewer> {
    const session = requireSession(await ctx.session());
    checkNewPassword("newPassword", input.newPassword);
    const { passwordHash } = await this.db.user.findUniqueOrThrow({
      where: { id: session.userId },
    });
    if (passwordHash !== null) {
      await this.prove(ctx, session, passwordHash, {
        path: "currentPassword",
        password: input.currentPassword ?? "",
      });
    }
    const changed = await this.passwords.hash(input.newPassword);
    await this.db.$transaction(async (tx) => {
      const { count } = await tx.user.updateMany({
        where: { id: session.userId, passwordHash },
        data: { passwordHash: changed },
      });
      if (count === 0) throw new AppError("conflict", "The password was changed meanwhile.");
      // One that was ended meanwhile changes nothing any more.
      if (!(await tx.consoleSession.findUnique({ where: { id: session.id } }))) {
        requireSession(undefined);
      }
      await this.sessions.endOthers(tx, session.userId, session.id);
      await recordPassword(tx, personOf(ctx, session, null), {
        subjectId: session.userId,
        at: this.now(),
        change: [passwordHash, changed],
      });
    });
    return this.viewerOf(session);
  }

  /** @throws AppError `unauthenticated`, `invalid`. */
  async update(ctx: RequestContext, { name }: UpdateViewerInput): Promise<Viewer> {
    const session = requireSession(await ctx.session());
    checkText("name", name, { max: 200 });
    const data = { name: name.trim() };
    await this.db.$transaction(async (tx) => {
      const person = await lockPerson(tx, session.userId);
      const changes = changesBetween(person, data);
      if (changes.length === 0) return;
      await tx.user.update({ where: { id: person.id }, data });
      await recordAudit(tx, personOf(ctx, session, null), {
        action: "user.update",
        subjectId: person.id,
        changes,
        at: this.now(),
      });
    });
    return this.viewerOf(session);
  }

  /**
   * From then on secrets may be made and shown for a while.
   *
   * @throws AppError `unauthenticated`, `invalid`, `rate_limited`; `conflict` for who has no password.
   */
  async confirm(ctx: RequestContext, { password }: { password: string }): Promise<void> {
    const session = requireSession(await ctx.session());
    const { passwordHash } = await this.db.user.findUniqueOrThrow({
      where: { id: session.userId },
    });
    if (passwordHash === null) throw new AppError("conflict", "You have no password yet.");
    await this.prove(ctx, session, passwordHash, { path: "password", password });
    await this.sessions.confirm(session.id);
  }

  /** @returns its id. @throws AppError `unauthenticated`, `not_found`. */
  async endSession(ctx: RequestContext, id: string): Promise<string> {
    const session = requireSession(await ctx.session());
    const { userId } = session;
    await this.db.$transaction(async (tx) => {
      if (!(await this.sessions.endOne(tx, userId, id))) throw notFound("Session");
      await recordAudit(tx, personOf(ctx, session, null), {
        action: "user.end_session",
        subjectId: userId,
        changes: changesBetween({ session: id }, { session: null }),
        at: this.now(),
      });
    });
    return id;
  }

  /** Who sits down at somebody's open console guesses no faster than at the door. */
  private async prove(
    ctx: RequestContext,
    { userId }: Session,
    passwordHash: string,
    { path, password }: { path: string; password: string },
  ): Promise<void> {
    await this.limits.consume("sign_in_account", accountKey(userId, ctx.clientIp), ctx);
    if (await this.passwords.fits(password, passwordHash)) return;
    throw invalid({ path, message: "Is not the present password.", rule: "password" });
  }

  private async viewerOf(session: Session): Promise<Viewer> {
    const [user, sessions] = await Promise.all([
      this.db.user.findUniqueOrThrow({
        where: { id: session.userId },
        include: {
          memberships: {
            include: { organization: true },
            orderBy: [{ organization: { name: "asc" } }, { organizationId: "asc" }],
          },
          secondFactor: true,
          oidcAccounts: true,
          _count: { select: { recoveryCodes: true } },
          passkeys: { orderBy: [{ createdAt: "asc" }, { id: "asc" }] },
          tokens: { where: { revokedAt: null }, orderBy: { createdAt: "desc" } },
        },
      }),
      this.sessions.list(session.userId),
    ]);
    // As it is now, when the request has changed it.
    const present = sessions.find(({ id }) => id === session.id) ?? session;
    const { provider } = this;
    return {
      user,
      provider: provider
        ? {
            name: provider.name,
            isConnected: user.oidcAccounts.some(({ issuer }) => issuer === provider.issuer),
          }
        : null,
      organizations: user.memberships.map(({ organization, role }) => ({
        organization,
        role,
        scopes: sessionScopes(role, present.mayManage),
      })),
      session: { ...present, current: true },
      sessions: sessions.map((one) => ({ ...one, current: one.id === session.id })),
      personalTokens: user.tokens,
      passkeys: user.passkeys,
      hasTotp: user.secondFactor !== null && user.secondFactor.secret !== null,
      recoveryCodesLeft: user._count.recoveryCodes,
      hasPassword: user.passwordHash !== null,
    };
  }
}
