import type { Passwords } from "../auth/passwords.js";
import { accountKey, type RateLimits } from "../auth/rate-limits.js";
import type { NewSession, SessionService } from "../auth/sessions.service.js";
import type { Database } from "../database/client.js";
import { AppError } from "../errors.js";
import type {
  LinkAnswer,
  LinkRequest,
  SecondFactorRequest,
  SignInOptions,
  SignInRequest,
  UseLinkRequest,
} from "../../protocol/console-api.js";
import type { DevelopmentLink } from "./development-link.js";
import type { SecondFactorService } from "./second-factor.service.js";
import { linkIsOver, type Caller, type LinkService } from "./link.service.js";

/** From what a person knows or holds to a session of the console (contract section 2). */
export class SignInService {
  constructor(
    private readonly deps: {
      readonly db: Database;
      readonly sessions: SessionService;
      readonly passwords: Passwords;
      readonly limits: RateLimits;
      readonly development: DevelopmentLink;
      readonly links: LinkService;
      readonly secondFactors: SecondFactorService;
      /** Absent where there are no passkeys. */
      readonly passkeyOrigin: string | undefined;
      readonly oidc: { readonly name: string | undefined };
    },
  ) {}

  async options(): Promise<SignInOptions> {
    const { development, passkeyOrigin, oidc } = this.deps;
    return {
      development: development.isGood() && !(await this.canSomebodySignIn()),
      ...(passkeyOrigin === undefined ? {} : { passkeyOrigin }),
      ...(oidc.name === undefined ? {} : { provider: oidc.name }),
    };
  }

  /**
   * @throws AppError `unauthenticated` in one sentence for all causes; `rate_limited` by address, by
   *   account and address, and for more at a time than can be worked on.
   */
  async byPassword(caller: Caller, { email, password }: SignInRequest): Promise<NewSession> {
    const { db, sessions, passwords } = this.deps;
    const address = email.trim().toLowerCase();
    await this.count(caller, address);
    const user = await db.user.findUnique({ where: { email: address } });
    const fits = await passwords.fits(password, user?.passwordHash);
    if (!user || !fits) throw wrong();
    return db.$transaction(async (tx) => {
      // The row is held, so that no session outlives a password that changes at this moment.
      const { id, passwordHash } = user;
      const held = await tx.user.updateMany({
        where: { id, passwordHash },
        data: { passwordHash },
      });
      if (held.count === 0) throw wrong();
      return sessions.begin(tx, id);
    });
  }

  /**
   * The second step of who has an authenticator app, whose password was right.
   *
   * @param secret of the pending session.
   * @throws AppError `unauthenticated` for a wrong or used code, and when nobody waits; `rate_limited` by
   *   account from wherever: who comes so far knows the password.
   */
  async bySecondFactor(
    caller: Caller,
    secret: string | undefined,
    { code }: SecondFactorRequest,
  ): Promise<NewSession> {
    const { db, sessions, limits, secondFactors } = this.deps;
    await limits.consume("sign_in", caller.clientIp, caller);
    const userId = secret === undefined ? undefined : await sessions.pendingUser(secret);
    if (secret === undefined || userId === undefined) {
      throw new AppError("unauthenticated", "Give your password first.");
    }
    await limits.consume("second_factor", userId, caller);
    return db.$transaction(async (tx) => {
      const isGood = await secondFactors.accept(tx, userId, code);
      const session = isGood ? await sessions.complete(tx, secret, userId) : undefined;
      if (!session) throw new AppError("unauthenticated", "The code is wrong, or was used before.");
      return session;
    });
  }

  /** Looks at a link, from which moment it is good for a quarter of an hour. */
  async look(caller: Caller, { token }: LinkRequest): Promise<LinkAnswer> {
    const { db, development, limits, links } = this.deps;
    await limits.consume("sign_in", caller.clientIp, caller);
    const found = await links.look(token);
    if (found) return found;
    const kind = "development";
    if (!development.click(token) || (await this.canSomebodySignIn())) {
      return { kind, state: "over", needs: [] };
    }
    const { user, organization } = await development.administrator(db);
    const of = { email: user.email, organization: organization.name };
    return { kind, state: "good", ...of, needs: [] };
  }

  /** @throws AppError `unauthenticated` for a link that is unknown, used or over; `rate_limited`. */
  async useLink(caller: Caller, request: UseLinkRequest): Promise<NewSession> {
    const { db, sessions, development, limits, links } = this.deps;
    await limits.consume("sign_in", caller.clientIp, caller);
    if (!development.click(request.token)) return links.use(caller, request);
    if ((await this.canSomebodySignIn()) || !development.use(request.token)) throw linkIsOver();
    const { user } = await development.administrator(db);
    return sessions.begin(db, user.id);
  }

  /** From then on the development's link signs nobody in. */
  async canSomebodySignIn(): Promise<boolean> {
    const ways = [{ passwordHash: { not: null } }, { passkeys: { some: {} } }];
    const where = { OR: [...ways, { oidcAccounts: { some: {} } }] };
    return (await this.deps.db.user.findFirst({ where, select: { id: true } })) !== null;
  }

  private async count(caller: Caller, account: string): Promise<void> {
    const { limits } = this.deps;
    await limits.consume("sign_in", caller.clientIp, caller);
    await limits.consume("sign_in_account", accountKey(account, caller.clientIp), caller);
  }
}

/** One sentence: who guesses learns nothing of who has an account, or a password. */
function wrong(): AppError {
  return new AppError("unauthenticated", "The address or the password is wrong.");
}
