import { randomBytes, randomUUID } from "node:crypto";
import type { Logger } from "pino";
import type { OidcResult, OidcStartRequest } from "../../protocol/console-api.js";
import { personOf } from "../audit/author.js";
import { changesBetween } from "../audit/changes.js";
import { recordAudit, type AuditAction } from "../audit/record-audit.js";
import type { RequestContext } from "../auth/context.js";
import {
  OidcAnswerError,
  proofOf,
  type OidcClient,
  type ProvenPerson,
} from "../auth/oidc-client.js";
import type { RateLimits } from "../auth/rate-limits.js";
import { requireConfirmation, requireSession } from "../auth/require-session.js";
import type { NewSession, Session, SessionService } from "../auth/sessions.service.js";
import { hashSecret, secretMatches } from "../auth/token-secret.js";
import type { Database, Transaction } from "../database/client.js";
import type { Invitation, OidcLogin } from "../database/generated/client.js";
import { isUniqueViolation } from "../database/prisma-errors.js";
import { AppError } from "../errors.js";
import { joinOrganization } from "./join-organization.js";
import type { Caller } from "./link.service.js";
import { lockPerson } from "./lock-person.js";

/** From the way to the provider to the way back. */
export const OIDC_SECONDS = 600;
/** Clocks are off by a little, and who has proved themselves just before has proved themselves. */
const PROOF_TOLERANCE_MS = 60_000;

/** What came of a way to the provider. */
export interface OidcOutcome {
  /** Absent where a sign-in is complete. */
  readonly result?: OidcResult;
  /** Of who has signed in. */
  readonly session?: NewSession;
  /** What it was for; undefined where nobody knows. */
  readonly purpose?: OidcLogin["purpose"];
  /** Where the console goes on, below it. */
  readonly returnTo: string;
  /** Whether the browser's cookie is of no more use. */
  readonly isUsed: boolean;
}

type AskForSession = () => Promise<Session | undefined>;

/** Why not: a sentence of the console's. */
class Refusal extends Error {
  constructor(readonly result: OidcResult) {
    super(result);
  }
}

/** Signing in by a company's provider of OpenID Connect (contract section 2). */
export class OidcService {
  constructor(
    private readonly deps: {
      readonly db: Database;
      readonly sessions: SessionService;
      readonly limits: RateLimits;
      /** Undefined: there is no provider, and nobody signs in so. */
      readonly client: OidcClient | undefined;
      readonly log: Logger;
      readonly now: () => Date;
    },
  ) {}

  /** What the provider is called; undefined without one. */
  get name(): string | undefined {
    return this.deps.client?.name;
  }

  /**
   * Sends a browser to the provider.
   *
   * @returns where, and the secret for its cookie: who comes back without it is nobody.
   * @throws AppError `not_found` without a provider; `unavailable`, `rate_limited`, `unauthenticated`, `confirmation_required`.
   */
  async start(
    ctx: RequestContext,
    { purpose, returnTo }: OidcStartRequest,
  ): Promise<{ url: string; secret: string }> {
    const { db, limits, now } = this.deps;
    const client = this.client();
    await limits.consume("sign_in", ctx.clientIp, ctx);
    const session = purpose === "sign_in" ? undefined : requireSession(await ctx.session());
    if (purpose === "connect") await requireConfirmation(ctx);
    const secret = randomBytes(32).toString("base64url");
    const url = await client.authorizationUrl(secret, purpose === "confirm");
    const createdAt = now();
    await db.oidcLogin.create({
      data: {
        secretHash: hashSecret(secret),
        purpose,
        sessionId: session?.id ?? null,
        returnTo,
        createdAt,
        expiresAt: new Date(createdAt.getTime() + OIDC_SECONDS * 1000),
      },
    });
    return { url, secret };
  }

  /**
   * A browser came back. What the provider says is asked for once, whatever comes of it.
   *
   * @param secret of the browser's cookie.
   * @param query what it came with.
   * @param session says who is signed in in that browser. Asked when it matters.
   */
  async finish(
    caller: Caller,
    { secret, query, session }: { secret?: string; query: string; session: AskForSession },
  ): Promise<OidcOutcome> {
    if (secret === undefined) return { result: "start_again", returnTo: "/", isUsed: false };
    let login: OidcLogin | undefined;
    try {
      await this.deps.limits.consume("sign_in", caller.clientIp, caller);
      const state = new URLSearchParams(query).get("state") ?? "";
      // Whoever makes a browser come back with something else ends nothing by it.
      if (!secretMatches(state, hashSecret(proofOf(secret, "state")))) {
        throw new Refusal("start_again");
      }
      login = await this.take(secret);
      const { purpose, returnTo } = login;
      const person = await this.client().personOf(secret, query);
      const done = await this.perform(caller, { login, person, session });
      return { ...done, purpose, returnTo, isUsed: true };
    } catch (error) {
      const result = this.resultOf(error);
      const { purpose, returnTo = "/" } = login ?? {};
      return { result, returnTo, isUsed: login !== undefined, ...(purpose ? { purpose } : {}) };
    }
  }

  /**
   * The provider signs them in no more.
   *
   * @throws AppError `unauthenticated`, `confirmation_required`; `conflict` where it is the last way to sign in.
   */
  async disconnect(ctx: RequestContext): Promise<void> {
    const { db } = this.deps;
    const session = requireSession(await ctx.session());
    await requireConfirmation(ctx);
    const { issuer } = this.client();
    const { userId } = session;
    await db.$transaction(async (tx) => {
      const { passwordHash } = await lockPerson(tx, userId);
      const passkeys = await tx.passkey.count({ where: { userId } });
      if (passwordHash === null && passkeys === 0) {
        throw new AppError("conflict", "It is your only way to sign in: set a password first.");
      }
      const { count } = await tx.oidcAccount.deleteMany({ where: { userId, issuer } });
      if (count > 0) await this.record(tx, ctx, session, "user.disconnect_provider");
    });
  }

  /** Removes what nobody came back from. */
  async sweep(): Promise<void> {
    await this.deps.db.oidcLogin.deleteMany({ where: { expiresAt: { lte: this.deps.now() } } });
  }

  private client(): OidcClient {
    const { client } = this.deps;
    if (client) return client;
    throw new AppError("not_found", "There is no provider of sign-in here.");
  }

  /** Of two who come back with one secret, one has it. */
  private async take(secret: string): Promise<OidcLogin> {
    const { db, now } = this.deps;
    const where = { secretHash: hashSecret(secret) };
    const login = await db.oidcLogin.findUnique({ where });
    const { count } = await db.oidcLogin.deleteMany({ where });
    if (!login || count === 0 || login.expiresAt <= now()) throw new Refusal("start_again");
    return login;
  }

  private async perform(
    caller: Caller,
    { login, person, session }: { login: OidcLogin; person: ProvenPerson; session: AskForSession },
  ): Promise<{ result?: OidcResult; session?: NewSession }> {
    if (login.purpose === "sign_in") {
      const made = await this.signIn(caller, person);
      return { session: made, ...(made.isPending ? { result: "second_factor" } : {}) };
    }
    // That of another person, or none: what was begun was begun in the one that is named.
    const present = await session();
    if (!present || present.id !== login.sessionId) throw new Refusal("start_again");
    return login.purpose === "connect"
      ? { result: await this.connect(caller, person, present) }
      : { result: await this.confirm(login, person, present) };
  }

  private async signIn(caller: Caller, person: ProvenPerson): Promise<NewSession> {
    const { db, sessions } = this.deps;
    return db.$transaction(async (tx) => {
      const invitations = await this.invitationsFor(tx, person);
      const known = await this.accountOf(tx, person);
      const userId = known ?? (await this.newcomer(tx, person, invitations));
      const { email } = await lockPerson(tx, userId);
      // Disconnected at this moment.
      if (known && !(await this.accountOf(tx, person))) throw new Refusal("start_again");
      const session = await sessions.begin(tx, userId, person.isMultiFactor);
      await sessions.noteProof(tx, session.id, person.authenticatedAt);
      const owner = { id: session.id, userId };
      if (!known) await this.link(tx, caller, owner, person);
      for (const invitation of email === person.email ? invitations : []) {
        await joinOrganization(tx, caller, { session: owner, invitation, at: this.deps.now() });
      }
      return session;
    });
  }

  /** Those that are open for an address which the provider knows to be theirs. */
  private async invitationsFor(
    tx: Transaction,
    { email, isEmailVerified }: ProvenPerson,
  ): Promise<Invitation[]> {
    if (email === undefined || !isEmailVerified) return [];
    return tx.invitation.findMany({ where: { email, expiresAt: { gt: this.deps.now() } } });
  }

  /**
   * An account that somebody can open otherwise stays theirs, whatever its address is: whoever was invited by that address
   * before, and perhaps was not its owner, would have a part in what comes to it now.
   *
   * @returns their id.
   * @throws Refusal
   */
  private async newcomer(
    tx: Transaction,
    { email, isEmailVerified, name }: ProvenPerson,
    invitations: readonly Invitation[],
  ): Promise<string> {
    if (email === undefined || !isEmailVerified) throw new Refusal("email_not_verified");
    const present = await tx.user.findUnique({
      where: { email },
      include: { memberships: true, oidcAccounts: true, passkeys: true },
    });
    if (present) {
      const isUsed =
        present.passwordHash !== null ||
        present.oidcAccounts.length > 0 ||
        present.passkeys.length > 0 ||
        present.memberships.length > 0;
      if (isUsed || invitations.length === 0) throw new Refusal("account_exists");
      return present.id;
    }
    if (invitations.length === 0) throw new Refusal("not_invited");
    const id = randomUUID();
    await tx.user.create({ data: { id, email, name, createdAt: this.deps.now() } });
    return id;
  }

  private async connect(
    caller: Caller,
    person: ProvenPerson,
    session: Session,
  ): Promise<OidcResult> {
    const { userId } = session;
    return this.deps.db.$transaction(async (tx) => {
      await lockPerson(tx, userId);
      // Ended at this moment.
      if (!(await tx.consoleSession.findUnique({ where: { id: session.id } }))) {
        throw new Refusal("start_again");
      }
      const owner = await this.accountOf(tx, person);
      if (owner !== undefined && owner !== userId) throw new Refusal("taken");
      const { issuer } = person;
      if ((await tx.oidcAccount.count({ where: { userId, issuer } })) > 0) {
        return owner === undefined ? "already_connected" : "connected";
      }
      await this.link(tx, caller, session, person);
      return "connected";
    });
  }

  private async confirm(
    { createdAt }: OidcLogin,
    person: ProvenPerson,
    session: Session,
  ): Promise<OidcResult> {
    const { db, sessions } = this.deps;
    if ((await this.accountOf(db, person)) !== session.userId) throw new Refusal("another_person");
    const since = createdAt.getTime() - PROOF_TOLERANCE_MS;
    // Also of a provider that does not say: it may have let them through without a question.
    if (!person.authenticatedAt || person.authenticatedAt.getTime() < since) {
      throw new Refusal("not_asked_again");
    }
    await sessions.confirm(session.id);
    return "confirmed";
  }

  /** @returns whose it is. */
  private async accountOf(
    tx: Database | Transaction,
    { issuer, subject }: ProvenPerson,
  ): Promise<string | undefined> {
    const where = { issuer_subject: { issuer, subject } };
    return (await tx.oidcAccount.findUnique({ where }))?.userId;
  }

  private async link(
    tx: Transaction,
    caller: Caller,
    session: { readonly id: string; readonly userId: string },
    { issuer, subject }: ProvenPerson,
  ): Promise<void> {
    const { userId } = session;
    await tx.oidcAccount.create({ data: { issuer, subject, userId, createdAt: this.deps.now() } });
    await this.record(tx, caller, session, "user.connect_provider");
  }

  private async record(
    tx: Transaction,
    caller: { readonly requestId: string },
    session: { readonly id: string; readonly userId: string },
    action: Extract<AuditAction, `user.${string}_provider`>,
  ): Promise<void> {
    const isConnected = action === "user.connect_provider";
    await recordAudit(tx, personOf(caller, session, null), {
      action,
      subjectId: session.userId,
      changes: changesBetween({ provider: !isConnected }, { provider: isConnected }),
      at: this.deps.now(),
    });
  }

  private resultOf(error: unknown): OidcResult {
    if (error instanceof Refusal) return error.result;
    if (error instanceof OidcAnswerError) {
      if (error.code === "access_denied") return "cancelled";
      // A wrong secret of the client's is an operator's to mend.
      this.deps.log.warn({ code: error.code }, "a sign-in by the provider was refused");
      return "refused";
    }
    if (error instanceof AppError && error.code === "rate_limited") return "too_many";
    if (error instanceof AppError && error.code === "unavailable") {
      this.deps.log.warn("the provider of sign-in cannot be reached");
      return "unavailable";
    }
    // Somebody else made the account, or connected it, at the same moment.
    if (isUniqueViolation(error)) return "start_again";
    throw error;
  }
}
