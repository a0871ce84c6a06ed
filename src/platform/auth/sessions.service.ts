import { randomBytes, randomUUID } from "node:crypto";
import { ORGANIZATION_HEADER } from "../../protocol/console-api.js";
import type { Database, Transaction } from "../database/client.js";
import type { Role } from "../database/enums.js";
import type { ConsoleSession } from "../database/generated/client.js";
import { AppError } from "../errors.js";
import type { Actor } from "./actor.js";
import type { RecentlyVerified } from "./recently-verified.js";
import { ROLE_SCOPES, type Scope } from "./scopes.js";
import { hashSecret } from "./token-secret.js";

const IDLE_SECONDS = 12 * 3600;
const MOST_SECONDS = 7 * 24 * 3600;
/** How exact the last use is: each note of it is a write. */
const SEEN_SECONDS = 60;
/** How long a proof of who sits there is good for what is secret. */
const CONFIRMED_SECONDS = 15 * 60;
/** How long a right password waits for the second factor. */
const PENDING_SECONDS = 10 * 60;

/** A person who is signed in, in one browser. */
export interface Session {
  readonly id: string;
  readonly userId: string;
  readonly createdAt: Date;
  /** To the minute. */
  readonly lastSeenAt: Date;
  /** When it ends unless it is used before. */
  readonly expiresAt: Date;
  /** When its person last proved who they are. */
  readonly confirmedAt: Date;
  /** Whether that is recent enough for what is secret. */
  readonly isConfirmed: boolean;
  /** Whether its person has shown more than a password. */
  readonly hasSecondFactor: boolean;
  /** Whether it carries `organizations:manage` where its person's role does. */
  readonly mayManage: boolean;
}

/** A fresh session. `secret` goes into the cookie and nowhere else; only its hash is stored. */
export interface NewSession {
  readonly id: string;
  readonly secret: string;
  readonly maxAgeSeconds: number;
  /** Until the second factor was shown it counts for nothing else. */
  readonly isPending: boolean;
}

/** Sessions of the console (contract section 2). What one may do is decided anew by each request. */
export class SessionService {
  constructor(
    private readonly db: Database,
    private readonly verified: RecentlyVerified,
    private readonly now: () => Date,
    /** Whether who has shown a password alone manages no organization. */
    private readonly requiresSecondFactor: boolean,
  ) {}

  /**
   * Always a new one: a cookie that somebody planted never becomes anybody's session.
   *
   * @param hasSecondFactor whether more than a password was shown; without it the session of who has an
   *   authenticator app waits for its code.
   */
  async begin(
    tx: Database | Transaction,
    userId: string,
    hasSecondFactor = false,
  ): Promise<NewSession> {
    const isPending = !hasSecondFactor && (await hasTotp(tx, userId));
    const maxAgeSeconds = isPending ? PENDING_SECONDS : MOST_SECONDS;
    const secret = randomBytes(32).toString("base64url");
    const now = this.now();
    const { id } = await tx.consoleSession.create({
      data: {
        id: randomUUID(),
        userId,
        secretHash: hashSecret(secret),
        createdAt: now,
        lastSeenAt: now,
        expiresAt: new Date(now.getTime() + maxAgeSeconds * 1000),
        hasSecondFactor,
        isPending,
      },
    });
    return { id, secret, maxAgeSeconds, isPending };
  }

  /** @returns who has given a right password and is to show the second factor; undefined: nobody. */
  async pendingUser(secret: string): Promise<string | undefined> {
    const where = { secretHash: hashSecret(secret), isPending: true };
    const row = await this.db.consoleSession.findFirst({ where });
    return row && row.expiresAt > this.now() ? row.userId : undefined;
  }

  /** @returns the session that follows a pending one; undefined when that has ended, also by this. */
  async complete(tx: Transaction, secret: string, userId: string): Promise<NewSession | undefined> {
    const where = { secretHash: hashSecret(secret), isPending: true };
    const { count } = await tx.consoleSession.deleteMany({ where });
    return count === 0 ? undefined : this.begin(tx, userId, true);
  }

  /**
   * When who was signed in by somebody else's word has proved themselves there: that may be long ago.
   *
   * @param at the present at the latest counts. Undefined: nobody says, and it counts for never.
   */
  async noteProof(tx: Transaction, id: string, at: Date | undefined): Promise<void> {
    const confirmedAt = new Date(Math.min(at?.getTime() ?? 0, this.now().getTime()));
    await tx.consoleSession.updateMany({ where: { id }, data: { confirmedAt } });
  }

  /** Its person has shown one now. */
  async noteSecondFactor(tx: Transaction, id: string): Promise<void> {
    await tx.consoleSession.updateMany({ where: { id }, data: { hasSecondFactor: true } });
  }

  /**
   * @param isUse whether this keeps it from ending: what asks again by itself does not.
   * @returns undefined for one that is unknown, ended or over.
   */
  async find(secret: string, isUse: boolean): Promise<Session | undefined> {
    const row = await this.db.consoleSession.findUnique({
      where: { secretHash: hashSecret(secret) },
    });
    if (!row || row.isPending) return undefined;
    const session = this.sessionOf(row);
    const lastSeenAt = this.now();
    if (session.expiresAt <= lastSeenAt) return undefined;
    if (isUse && this.isLongAgo(row.lastSeenAt, SEEN_SECONDS)) {
      // One that was ended in between stays ended.
      await this.db.consoleSession.updateMany({ where: { id: row.id }, data: { lastSeenAt } });
    }
    this.verified.add(secret);
    return session;
  }

  /**
   * What a person may do in an organization, as it is now.
   *
   * @param organizationId from the request's header.
   * @param isUse whether its members are told of it: see `find`.
   * @throws AppError `bad_request` without one, `forbidden` when they are no member.
   */
  async actor(
    { id, userId, mayManage }: Session,
    organizationId: string | undefined,
    isUse: boolean,
  ): Promise<Actor> {
    if (!organizationId) {
      throw new AppError(
        "bad_request",
        `Name one of your organizations in ${ORGANIZATION_HEADER}.`,
      );
    }
    const where = { userId, organizationId };
    const membership = await this.db.membership.findUnique({
      where: { userId_organizationId: where },
    });
    if (!membership) throw new AppError("forbidden", "You are no member of this organization.");
    if (isUse && this.isLongAgo(membership.lastSeenAt, SEEN_SECONDS)) {
      await this.db.membership.updateMany({ where, data: { lastSeenAt: this.now() } });
    }
    const scopes = new Set(sessionScopes(membership.role, mayManage));
    return { kind: "console_session", id, userId, organizationId, scopes };
  }

  /**
   * What a session carries in an organization now, for what was begun by it and goes on without its cookie.
   *
   * @returns none for a session that has ended or is over, or a person who is no member.
   */
  async scopesOf(
    tx: Transaction,
    { id, userId }: Pick<Session, "id" | "userId">,
    organizationId: string,
  ): Promise<Scope[]> {
    const row = await tx.consoleSession.findFirst({ where: { id, userId, isPending: false } });
    const session = row && this.sessionOf(row);
    if (!session || session.expiresAt <= this.now()) return [];
    const membership = await tx.membership.findUnique({
      where: { userId_organizationId: { userId, organizationId } },
    });
    return membership ? sessionScopes(membership.role, session.mayManage) : [];
  }

  /** Those that are not over, newest first. */
  async list(userId: string): Promise<Session[]> {
    const rows = await this.db.consoleSession.findMany({
      where: { userId, isPending: false },
      orderBy: { createdAt: "desc" },
    });
    const sessions = rows.map((row) => this.sessionOf(row));
    return sessions.filter(({ expiresAt }) => expiresAt > this.now());
  }

  /** Its person has proved who they are once more. */
  async confirm(id: string, tx: Database | Transaction = this.db): Promise<void> {
    const confirmedAt = this.now();
    await tx.consoleSession.updateMany({ where: { id }, data: { confirmedAt } });
  }

  /** @returns whether it was one of the person's. */
  async endOne(tx: Transaction, userId: string, id: string): Promise<boolean> {
    return (await tx.consoleSession.deleteMany({ where: { id, userId } })).count > 0;
  }

  /** For a browser that leaves, or signs in as somebody else. */
  async end(secret: string): Promise<void> {
    await this.db.consoleSession.deleteMany({ where: { secretHash: hashSecret(secret) } });
  }

  /** @param keptId the one that asks for it. */
  async endOthers(tx: Transaction, userId: string, keptId: string): Promise<void> {
    await tx.consoleSession.deleteMany({ where: { userId, id: { not: keptId } } });
  }

  /** Removes what is over. */
  async sweep(): Promise<void> {
    const now = this.now();
    const idle = new Date(now.getTime() - IDLE_SECONDS * 1000);
    await this.db.consoleSession.deleteMany({
      where: { OR: [{ expiresAt: { lte: now } }, { lastSeenAt: { lte: idle } }] },
    });
  }

  private sessionOf(row: ConsoleSession): Session {
    const { id, userId, createdAt, lastSeenAt } = row;
    const confirmedAt = row.confirmedAt ?? createdAt;
    const isConfirmed = !this.isLongAgo(confirmedAt, CONFIRMED_SECONDS);
    const { hasSecondFactor } = row;
    const mayManage = hasSecondFactor || !this.requiresSecondFactor;
    const times = { createdAt, lastSeenAt, expiresAt: endOf(row), confirmedAt };
    return { id, userId, ...times, isConfirmed, hasSecondFactor, mayManage };
  }

  private isLongAgo(at: Date | null, seconds: number): boolean {
    return at === null || at.getTime() <= this.now().getTime() - seconds * 1000;
  }
}

/** What a session carries of a role. */
export function sessionScopes(role: Role, mayManage: boolean): Scope[] {
  return ROLE_SCOPES[role].filter((scope) => mayManage || scope !== "organizations:manage");
}

/** Whether an authenticator app of the person's is in use. */
export async function hasTotp(tx: Database | Transaction, userId: string): Promise<boolean> {
  return (await tx.secondFactor.count({ where: { userId, secret: { not: null } } })) > 0;
}

/**
 * Where a second factor is demanded, nobody who knows a password alone makes themselves another one.
 *
 * @throws AppError `confirmation_required` for who has a passkey and has shown none.
 */
export async function requireShownPasskey(
  tx: Database | Transaction,
  { userId, mayManage }: Session,
): Promise<void> {
  if (mayManage || (await tx.passkey.count({ where: { userId } })) === 0) return;
  throw new AppError("confirmation_required", "Show your passkey first.");
}

function endOf({ lastSeenAt, expiresAt }: { lastSeenAt: Date; expiresAt: Date }): Date {
  return new Date(Math.min(lastSeenAt.getTime() + IDLE_SECONDS * 1000, expiresAt.getTime()));
}
