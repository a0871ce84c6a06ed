import { randomBytes, randomUUID } from "node:crypto";
import { ORGANIZATION_HEADER } from "../../protocol/console-api.js";
import type { Database, Transaction } from "../database/client.js";
import type { ConsoleSession } from "../database/generated/client.js";
import { AppError } from "../errors.js";
import type { Actor } from "./actor.js";
import type { RecentlyVerified } from "./recently-verified.js";
import { ROLE_SCOPES } from "./scopes.js";
import { hashSecret } from "./token-secret.js";

const IDLE_SECONDS = 12 * 3600;
const MOST_SECONDS = 7 * 24 * 3600;
/** How exact the last use is: each note of it is a write. */
const SEEN_SECONDS = 60;
/** How long a proof of who sits there is good for what is secret. */
const CONFIRMED_SECONDS = 15 * 60;

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
}

/** A fresh session. `secret` goes into the cookie and nowhere else; only its hash is stored. */
export interface NewSession {
  readonly id: string;
  readonly secret: string;
  readonly maxAgeSeconds: number;
}

/** Sessions of the console (contract section 2). What one may do is decided anew by each request. */
export class SessionService {
  constructor(
    private readonly db: Database,
    private readonly verified: RecentlyVerified,
    private readonly now: () => Date,
  ) {}

  /** Always a new one: a cookie that somebody planted never becomes anybody's session. */
  async begin(tx: Database | Transaction, userId: string): Promise<NewSession> {
    const secret = randomBytes(32).toString("base64url");
    const now = this.now();
    const { id } = await tx.consoleSession.create({
      data: {
        id: randomUUID(),
        userId,
        secretHash: hashSecret(secret),
        createdAt: now,
        lastSeenAt: now,
        expiresAt: new Date(now.getTime() + MOST_SECONDS * 1000),
      },
    });
    return { id, secret, maxAgeSeconds: MOST_SECONDS };
  }

  /**
   * @param isUse whether this keeps it from ending: what asks again by itself does not.
   * @returns undefined for one that is unknown, ended or over.
   */
  async find(secret: string, isUse: boolean): Promise<Session | undefined> {
    const row = await this.db.consoleSession.findUnique({
      where: { secretHash: hashSecret(secret) },
    });
    if (!row) return undefined;
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
    { id, userId }: Session,
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
    const scopes = new Set(ROLE_SCOPES[membership.role]);
    return { kind: "console_session", id, userId, organizationId, scopes };
  }

  /** Those that are not over, newest first. */
  async list(userId: string): Promise<Session[]> {
    const rows = await this.db.consoleSession.findMany({
      where: { userId },
      orderBy: { createdAt: "desc" },
    });
    const sessions = rows.map((row) => this.sessionOf(row));
    return sessions.filter(({ expiresAt }) => expiresAt > this.now());
  }

  /** Its person has proved who they are once more. */
  async confirm(id: string): Promise<void> {
    const confirmedAt = this.now();
    await this.db.consoleSession.updateMany({ where: { id }, data: { confirmedAt } });
  }

  /** @returns whether it was one of the person's. */
  async endOne(userId: string, id: string): Promise<boolean> {
    return (await this.db.consoleSession.deleteMany({ where: { id, userId } })).count > 0;
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
    return { id, userId, createdAt, lastSeenAt, expiresAt: endOf(row), confirmedAt, isConfirmed };
  }

  private isLongAgo(at: Date | null, seconds: number): boolean {
    return at === null || at.getTime() <= this.now().getTime() - seconds * 1000;
  }
}

function endOf({ lastSeenAt, expiresAt }: { lastSeenAt: Date; expiresAt: Date }): Date {
  return new Date(Math.min(lastSeenAt.getTime() + IDLE_SECONDS * 1000, expiresAt.getTime()));
}
