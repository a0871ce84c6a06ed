import type { Database } from "../database/client.js";
import { RecentReads } from "../database/recent-reads.js";
import { AppError } from "../errors.js";
import type { QuotaListener, RateLimits } from "./rate-limits.js";
import { hashOf, type RecentlyVerified } from "./recently-verified.js";
import type { Actor } from "./actor.js";
import { isScope, ROLE_SCOPES } from "./scopes.js";
import { parseToken, secretMatches, type ParsedToken } from "./token-secret.js";

/** The headers that name a caller. */
export interface Credentials {
  readonly authorization: string | undefined;
  /** `X-Anyreach-Org`: the organization of a personal access token; ignored beside a key. */
  readonly organizationHeader: string | undefined;
  readonly clientIp: string;
}

/** What somebody wants to do: what is read may be decided by what was true a second ago. */
export type Purpose = "read" | "write";

interface Identified {
  readonly actor: Actor;
  readonly expiresAt: Date | null;
}

/** From an `Authorization` header to an actor (contract section 2). */
export class CredentialsService {
  readonly recent = new RecentReads<Identified>(() => true);

  constructor(
    private readonly db: Database,
    private readonly limits: RateLimits,
    private readonly now: () => Date,
    private readonly verified: RecentlyVerified,
  ) {}

  /**
   * @param purpose a write is decided by what is true now, a read by what was within the last second;
   *   the expiry counts for both at once.
   * @throws AppError `unauthenticated` for a missing, unknown, expired or revoked token,
   * `forbidden` when a personal access token's owner is no member, `rate_limited` after too many
   * failures from one address (a valid token still passes, so nobody locks a neighbour out).
   */
  async authenticate(
    credentials: Credentials,
    listener: QuotaListener,
    purpose: Purpose,
  ): Promise<Actor> {
    try {
      const actor = await this.identify(credentials, purpose);
      this.verified.add(bearerOf(credentials.authorization));
      return actor;
    } catch (error) {
      if (error instanceof AppError && error.code === "unauthenticated") {
        await this.limits.consume("failed_credentials", credentials.clientIp, listener);
      }
      throw error;
    }
  }

  /** For who has revoked something: the next read asks anew. */
  forgetAll(): void {
    this.recent.forgetAll();
  }

  private async identify(credentials: Credentials, purpose: Purpose): Promise<Actor> {
    if (!credentials.authorization) throw new AppError("unauthenticated", "Token is missing.");
    const text = bearerOf(credentials.authorization);
    if (text === undefined) throw invalidToken();
    const organizationId = credentials.organizationHeader?.trim();
    const read = (): Promise<Identified> => this.readToken(text, organizationId);
    if (purpose === "write") return (await read()).actor;
    const key = `${hashOf(text)} ${organizationId ?? ""}`;
    const { actor, expiresAt } = await this.recent.find(key, read);
    if (this.isPast(expiresAt)) throw invalidToken();
    return actor;
  }

  private async readToken(text: string, organizationId: string | undefined): Promise<Identified> {
    const token = parseToken(text);
    if (!token) throw invalidToken();
    if (token.prefix === "ak") return this.byApiKey(token);
    return this.byPersonalAccessToken(token, organizationId);
  }

  private async byApiKey(token: ParsedToken): Promise<Identified> {
    const key = await this.db.apiKey.findUnique({ where: { id: token.id } });
    if (!key || !secretMatches(token.secret, key.secretHash) || this.isOver(key))
      throw invalidToken();
    const scopes = new Set(key.scopes.filter(isScope));
    const { id, organizationId, expiresAt } = key;
    return { actor: { kind: "api_key", id, userId: undefined, organizationId, scopes }, expiresAt };
  }

  private async byPersonalAccessToken(
    token: ParsedToken,
    organizationId: string | undefined,
  ): Promise<Identified> {
    const row = await this.db.personalAccessToken.findUnique({ where: { id: token.id } });
    if (!row || !secretMatches(token.secret, row.secretHash) || this.isOver(row))
      throw invalidToken();
    if (!organizationId) {
      throw new AppError("unauthenticated", "Token is missing organization claim.");
    }
    const membership = await this.db.membership.findUnique({
      where: { userId_organizationId: { userId: row.userId, organizationId } },
    });
    if (!membership) {
      throw new AppError("forbidden", "The token's owner is no member of this organization.");
    }
    const scopes = new Set(ROLE_SCOPES[membership.role]);
    const { id, userId, expiresAt } = row;
    return { actor: { kind: "personal_token", id, userId, organizationId, scopes }, expiresAt };
  }

  private isOver(token: { expiresAt: Date | null; revokedAt: Date | null }): boolean {
    return token.revokedAt !== null || this.isPast(token.expiresAt);
  }

  private isPast(expiresAt: Date | null): boolean {
    return expiresAt !== null && expiresAt.getTime() <= this.now().getTime();
  }
}

/** The token of an `Authorization: Bearer` header. */
export function bearerOf(authorization: string | undefined): string | undefined {
  return /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
}

/** One sentence for unknown, wrong, expired and revoked: an attacker learns nothing from the difference. */
function invalidToken(): AppError {
  return new AppError("unauthenticated", "Token is invalid, expired or revoked.");
}
