import type { Database } from "../database/client.js";
import { AppError } from "../errors.js";
import type { QuotaListener, RateLimits } from "./rate-limits.js";
import type { RecentlyVerified } from "./recently-verified.js";
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

/** From an `Authorization` header to an actor (contract section 2). */
export class CredentialsService {
  constructor(
    private readonly db: Database,
    private readonly limits: RateLimits,
    private readonly now: () => Date,
    private readonly verified: RecentlyVerified,
  ) {}

  /**
   * @throws AppError `unauthenticated` for a missing, unknown, expired or revoked token,
   * `forbidden` when a personal access token's owner is no member, `rate_limited` after too many
   * failures from one address (a valid token still passes, so nobody locks a neighbour out).
   */
  async authenticate(credentials: Credentials, listener: QuotaListener): Promise<Actor> {
    try {
      const actor = await this.identify(credentials);
      this.verified.add(bearerOf(credentials.authorization));
      return actor;
    } catch (error) {
      if (error instanceof AppError && error.code === "unauthenticated") {
        await this.limits.consume("failed_credentials", credentials.clientIp, listener);
      }
      throw error;
    }
  }

  private async identify(credentials: Credentials): Promise<Actor> {
    if (!credentials.authorization) throw new AppError("unauthenticated", "Token is missing.");
    const text = bearerOf(credentials.authorization);
    const token = text === undefined ? undefined : parseToken(text);
    if (!token) throw invalidToken();
    if (token.prefix === "ak") return this.byApiKey(token);
    return this.byPersonalAccessToken(token, credentials.organizationHeader?.trim());
  }

  private async byApiKey(token: ParsedToken): Promise<Actor> {
    const key = await this.db.apiKey.findUnique({ where: { id: token.id } });
    if (!key || !secretMatches(token.secret, key.secretHash) || this.isOver(key))
      throw invalidToken();
    return {
      id: key.id,
      organizationId: key.organizationId,
      scopes: new Set(key.scopes.filter(isScope)),
    };
  }

  private async byPersonalAccessToken(
    token: ParsedToken,
    organizationId: string | undefined,
  ): Promise<Actor> {
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
    return {
      id: row.id,
      organizationId,
      scopes: new Set(ROLE_SCOPES[membership.role]),
    };
  }

  private isOver(token: { expiresAt: Date | null; revokedAt: Date | null }): boolean {
    if (token.revokedAt) return true;
    return token.expiresAt !== null && token.expiresAt.getTime() <= this.now().getTime();
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
