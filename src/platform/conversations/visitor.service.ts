import type { IdentityTokens, SignedIdentity } from "../auth/identity-token.js";
import type { RateLimits } from "../auth/rate-limits.js";
import {
  conversationOfKey,
  hashVisitorKey,
  newVisitorKey,
  RENEWABLE_SECONDS,
  type VisitorClaims,
  type VisitorTokens,
} from "../auth/visitor-token.js";
import type { RequestContext } from "../auth/context.js";
import type { Statements } from "../database/prepared.js";
import { Prisma } from "../database/generated/client.js";
import type { StartedRow } from "../database/hot-statements.js";
import { AppError, invalid, notFound } from "../errors.js";
import type { PublicWidgetService } from "../widgets/public-widget.service.js";
import { stopVisits } from "../widgets/visit-lock.js";
import type { WidgetRow } from "../widgets/widget.service.js";
import { closeRooms, type CloseRoomsDependencies } from "./close-rooms.js";

const GUEST_PREFIX = "guest_";

/** The holder of a visitor token that is good now. */
export interface Visitor {
  /** The proof is there only while it is live. */
  readonly claims: VisitorClaims;
  readonly keyHash: Uint8Array<ArrayBuffer>;
}

export interface VisitorDependencies extends CloseRoomsDependencies {
  readonly gate: PublicWidgetService;
  readonly visitorTokens: VisitorTokens;
  readonly identityTokens: IdentityTokens;
  readonly limits: RateLimits;
}

/** Who a visitor is, and what that opens (contract section 5). A name alone opens nothing. */
export class VisitorService {
  constructor(private readonly deps: VisitorDependencies) {}

  /** @returns undefined for a token that is not good, or whose key was ended. */
  async read(token: string | undefined, widget: WidgetRow): Promise<Visitor | undefined> {
    const visitor = this.presume(token, widget);
    return visitor && (await this.isEnded(visitor)) ? undefined : visitor;
  }

  /** As `read`, for a write that asks in its own statement whether the key was ended. */
  presume(token: string | undefined, widget: WidgetRow): Visitor | undefined {
    const claims = this.deps.visitorTokens.read(token, widget);
    if (!claims) return undefined;
    const { proof } = claims;
    const isLive = proof !== undefined && this.deps.identityTokens.isLive(proof, widget);
    return {
      claims: { ...claims, proof: isLive ? proof : undefined },
      keyHash: hashVisitorKey(claims.key),
    };
  }

  /**
   * What the website has signed for the visitor: in the identity token that they bring, or in an
   * earlier one that their visitor token remembers.
   *
   * @returns undefined for a visitor whom nobody vouches for.
   * @throws AppError `unauthenticated` for a wrong token, and for none where one is required;
   * `invalid` for another visitor's.
   */
  async prove(
    widget: WidgetRow,
    userId: string,
    { identityToken, visitor }: { identityToken: string | undefined; visitor: Visitor | undefined },
  ): Promise<SignedIdentity | undefined> {
    if (widget.identity === "off") return undefined;
    if (identityToken !== undefined) {
      const identity = await this.deps.identityTokens.verify(identityToken, widget);
      if (identity.userId === userId) return identity;
      throw invalid({ path: "identityToken", message: "Is signed for another user_id." });
    }
    const { proof } = visitor?.claims ?? {};
    if (proof && visitor?.claims.userId === userId) {
      return { ...proof, userId, metadata: undefined, jti: undefined };
    }
    if (widget.identity === "required") {
      throw new AppError("unauthenticated", "This widget needs an identity token.", {
        reason: "identity_required",
      });
    }
    return undefined;
  }

  /**
   * The key for a new conversation: the one brought while the name is the same, or when a guest gets
   * a name for the first time; else a new one.
   */
  async keyFor(
    tx: Statements,
    visitor: Visitor | undefined,
    userId: string,
  ): Promise<{ key: string; since: number | undefined }> {
    const isKept = visitor !== undefined && (await keepsKey(tx, visitor, userId));
    return isKept ? visitor.claims : { key: newVisitorKey(), since: undefined };
  }

  /**
   * Ends the visitor token's key everywhere: no token of it opens anything any more, and the live
   * rooms of its conversations close. Repeating it has no effect.
   *
   * @throws AppError `unauthenticated` without a visitor token of this widget.
   */
  async logout(ctx: RequestContext, widgetId: string): Promise<void> {
    await this.deps.limits.consume("logout", ctx.clientIp, ctx);
    const { row: widget } = await this.deps.gate.open(ctx, widgetId);
    const claims = this.deps.visitorTokens.read(ctx.visitorToken, widget);
    if (!claims) throw tokenNeeded();
    await this.endKey(widget.id, claims.key);
  }

  /** Ends a key everywhere: for who leaves, and where a copy of what it can be had for is about. */
  async endKey(widgetId: string, key: string): Promise<void> {
    const keyHash = hashVisitorKey(key);
    const ofKey = hangsOn({ claims: { key }, keyHash });
    await this.deps.db.$transaction(async (tx) => {
      await stopVisits(tx, widgetId);
      await tx.endedVisitorKey.createMany({
        data: [{ keyHash, endedAt: this.deps.now() }],
        skipDuplicates: true,
      });
      await tx.visitorHandle.deleteMany({ where: { visitorKeyHash: keyHash } });
      // A start that comes again would be given the key again.
      await tx.$executeRaw`
        DELETE FROM start_keys USING conversations
        WHERE start_keys.conversation_id = conversations.id AND ${ofKey}`;
    });
    await closeRooms(this.deps, ofKey);
  }

  private async isEnded({ keyHash }: Visitor): Promise<boolean> {
    return (await this.deps.db.endedVisitorKey.findUnique({ where: { keyHash } })) !== null;
  }

  /** Forgets ended keys that no living token can have. Safe on several instances at once. */
  async sweep(): Promise<void> {
    const endedAt = new Date(this.deps.now().getTime() - RENEWABLE_SECONDS * 1000);
    await this.deps.db.endedVisitorKey.deleteMany({ where: { endedAt: { lt: endedAt } } });
  }
}

/** Whether a visitor may read and go on with a conversation of their widget: by its key, or by a proof of their identity. */
export function opens(visitor: Visitor | undefined, row: StartedRow): boolean {
  if (!visitor) return false;
  return holdsKey(visitor, row) || (visitor.claims.proof !== undefined && isTheirs(visitor, row));
}

export function holdsKey(visitor: Visitor, row: StartedRow): boolean {
  if (row.visitorKeyHash === null) return conversationOfKey(visitor.claims.key) === row.id;
  return Buffer.from(row.visitorKeyHash).equals(visitor.keyHash);
}

/** The conversations of a list that `opens` says yes to. */
export function openTo(visitor: Visitor): Prisma.Sql {
  const { proof, userId } = visitor.claims;
  if (!proof) return hangsOn(visitor);
  return Prisma.sql`(${hangsOn(visitor)} OR (user_verified AND user_id = ${userId}))`;
}

export function tokenNeeded(): AppError {
  return new AppError("unauthenticated", "This needs the conversation's visitor token.");
}

/**
 * @param row of the widget's organization.
 * @throws AppError `not_found` (unknown, another organization's), `forbidden` (another widget's).
 */
export function requireOfWidget<T extends StartedRow>(
  widget: WidgetRow,
  row: T | null | undefined,
): T {
  if (!row) throw notFound("Conversation");
  if (row.webWidgetId !== widget.id) {
    throw new AppError("forbidden", "The conversation belongs to another widget.");
  }
  return row;
}

/**
 * For what a visitor token alone opens: a name never does.
 *
 * @throws AppError as `requireOfWidget`; `unauthenticated` when the token is another visitor's.
 */
export function requireOpen<T extends StartedRow>(
  widget: WidgetRow,
  visitor: Visitor,
  row: T | null | undefined,
): T {
  const conversation = requireOfWidget(widget, row);
  if (opens(visitor, conversation)) return conversation;
  throw new AppError("unauthenticated", "The visitor token does not open this conversation.");
}

/** The conversations of a key, as a condition on `conversations`. */
function hangsOn({
  claims,
  keyHash,
}: {
  claims: Pick<VisitorClaims, "key">;
  keyHash: Uint8Array<ArrayBuffer>;
}): Prisma.Sql {
  const older = conversationOfKey(claims.key);
  if (older === undefined) return Prisma.sql`conversations.visitor_key_hash = ${keyHash}`;
  return Prisma.sql`(conversations.visitor_key_hash = ${keyHash}
    OR (conversations.visitor_key_hash IS NULL AND conversations.id = ${older}::uuid))`;
}

function isTheirs({ claims }: Visitor, row: StartedRow): boolean {
  return row.userVerified && row.userId === claims.userId;
}

async function keepsKey(tx: Statements, visitor: Visitor, userId: string): Promise<boolean> {
  const { claims, keyHash } = visitor;
  if (claims.userId === userId) return true;
  if (!claims.userId.startsWith(GUEST_PREFIX) || userId.startsWith(GUEST_PREFIX)) return false;
  // A guest's token can be kept and used again: of two names that come at once, one is the first.
  await tx.query(
    "SELECT pg_advisory_xact_lock(hashtextextended(encode($1::bytea, 'hex'), 0)) IS NOT NULL AS held",
    [keyHash],
  );
  const others = await tx.query(
    `SELECT 1 FROM conversations
     WHERE visitor_key_hash = $1::bytea AND NOT starts_with(user_id, $2::text) AND user_id <> $3::text
     LIMIT 1`,
    [keyHash, GUEST_PREFIX, userId],
  );
  return others.length === 0;
}
