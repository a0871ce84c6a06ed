import { randomBytes, randomUUID } from "node:crypto";
import { ORGANIZATION_HEADER } from "../../protocol/console-api.js";
import type { Database, Transaction } from "../database/client.js";
import { AppError } from "../errors.js";
import type { Actor } from "./actor.js";
import type { RecentlyVerified } from "./recently-verified.js";
import { ROLE_SCOPES } from "./scopes.js";
import { hashSecret } from "./token-secret.js";

const IDLE_SECONDS = 12 * 3600;
const MOST_SECONDS = 7 * 24 * 3600;
/** How exact the last use is: each note of it is a write. */
const SEEN_SECONDS = 60;

/** A person who is signed in, in one browser. */
export interface Session {
  readonly id: string;
  readonly userId: string;
  readonly createdAt: Date;
  /** When it ends unless it is used before. */
  readonly expiresAt: Date;
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
    const now = this.now().getTime();
    if (!row) return undefined;
    const expiresAt = endOf(row);
    if (expiresAt.getTime() <= now) return undefined;
    if (isUse && row.lastSeenAt.getTime() <= now - SEEN_SECONDS * 1000) {
      // One that was ended in between stays ended.
      await this.db.consoleSession.updateMany({
        where: { id: row.id },
        data: { lastSeenAt: new Date(now) },
      });
    }
    this.verified.add(secret);
    return { id: row.id, userId: row.userId, createdAt: row.createdAt, expiresAt };
  }

  /**
   * What a person may do in an organization, as it is now.
   *
   * @param organizationId from the request's header.
   * @throws AppError `bad_request` without one, `forbidden` when they are no member.
   */
  async actor({ id, userId }: Session, organizationId: string | undefined): Promise<Actor> {
    if (!organizationId) {
      throw new AppError(
        "bad_request",
        `Name one of your organizations in ${ORGANIZATION_HEADER}.`,
      );
    }
    const membership = await this.db.membership.findUnique({
      where: { userId_organizationId: { userId, organizationId } },
    });
    if (!membership) throw new AppError("forbidden", "You are no member of this organization.");
    const scopes = new Set(ROLE_SCOPES[membership.role]);
    return { kind: "console_session", id, userId, organizationId, scopes };
  }

  /** Those that are not over, newest first. */
  async list(userId: string): Promise<Session[]> {
    const rows = await this.db.consoleSession.findMany({
      where: { userId },
      orderBy: { createdAt: "desc" },
    });
    const sessions = rows.map((row) => ({ ...row, expiresAt: endOf(row) }));
    return sessions.filter(({ expiresAt }) => expiresAt > this.now());
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
}

function endOf({ lastSeenAt, expiresAt }: { lastSeenAt: Date; expiresAt: Date }): Date {
  return new Date(Math.min(lastSeenAt.getTime() + IDLE_SECONDS * 1000, expiresAt.getTime()));
}
