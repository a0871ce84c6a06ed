import type { RequestContext } from "../auth/context.js";
import { checkNewPassword, type Passwords } from "../auth/passwords.js";
import { accountKey, type RateLimits } from "../auth/rate-limits.js";
import { requireSession } from "../auth/require-session.js";
import { ROLE_SCOPES } from "../auth/scopes.js";
import type { Session, SessionService } from "../auth/sessions.service.js";
import type { Database } from "../database/client.js";
import { AppError, invalid } from "../errors.js";
import type { ChangePasswordInput, Viewer } from "./viewer.type.js";

/** The person who is signed in to the console, and what is theirs alone (contract section 2). */
export class ViewerService {
  constructor(
    private readonly db: Database,
    private readonly sessions: SessionService,
    private readonly passwords: Passwords,
    private readonly limits: RateLimits,
  ) {}

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
      // Who sits down at somebody's open console guesses no faster than at the door.
      const key = accountKey(session.userId, ctx.clientIp);
      await this.limits.consume("sign_in_account", key, ctx);
      if (!(await this.passwords.fits(input.currentPassword ?? "", passwordHash))) {
        throw invalid({ path: "currentPassword", message: "Is not the present password." });
      }
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
    });
    return this.viewerOf(session);
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
        },
      }),
      this.sessions.list(session.userId),
    ]);
    return {
      user,
      organizations: user.memberships.map(({ organization, role }) => ({
        organization,
        role,
        scopes: [...ROLE_SCOPES[role]],
      })),
      session,
      sessions,
      hasPassword: user.passwordHash !== null,
    };
  }
}
