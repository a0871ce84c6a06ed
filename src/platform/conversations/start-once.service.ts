import { createHash } from "node:crypto";
import type { SignedIdentity } from "../auth/identity-token.js";
import type { SecretBox } from "../auth/secret-box.js";
import type { RequestContext } from "../auth/context.js";
import type { Database, Transaction } from "../database/client.js";
import type { NewStartKey } from "../database/hot-statements.js";
import type { Statements } from "../database/prepared.js";
import { AppError, type StartRefusal } from "../errors.js";
import type { WidgetRow } from "../widgets/widget.service.js";
import type { Visitor } from "./visitor.service.js";

/** How long the same Idempotency-Key means the same start (contract section 5). */
const REPEAT_SECONDS = 10 * 60;
const KEY_TEXT = /^[\x21-\x7e]{1,255}$/;
/** Long enough for a UUID: nobody else knows it, wherever it comes from. */
const UNGUESSABLE_LENGTH = 32;

/** What makes two requests the same start. */
export interface StartIdentity {
  readonly userId: string;
  readonly conversationId: string | undefined;
  readonly visitor: Visitor | undefined;
  readonly isVerified: boolean;
}

/** For something that works once. */
export function usedBefore(
  what: string,
  details: { cause?: unknown; reason?: StartRefusal } = {},
): AppError {
  return new AppError("unauthenticated", `The ${what} was used before.`, details);
}

/** Starts that come again, and identity tokens that must not (contract section 5). */
export class StartOnceService {
  constructor(
    private readonly db: Database,
    private readonly box: SecretBox,
    private readonly now: () => Date,
  ) {}

  /**
   * Names a start that has an Idempotency-Key. Whoever gives the same name gets the same conversation,
   * so it holds everything that this visitor has shown: their name, their key, their proof, and for a
   * key short enough to guess their address. A new token generation makes other names.
   *
   * @throws AppError `bad_request` for a key that is none.
   */
  hashOf(
    ctx: RequestContext,
    widget: WidgetRow,
    { userId, conversationId, visitor, isVerified }: StartIdentity,
  ): Uint8Array<ArrayBuffer> | undefined {
    const key = ctx.idempotencyKey;
    if (key === undefined) return undefined;
    if (!KEY_TEXT.test(key)) {
      throw new AppError(
        "bad_request",
        "Idempotency-Key must be 1 to 255 visible ASCII characters.",
      );
    }
    return sha256([
      widget.id,
      widget.tokenGeneration,
      key,
      key.length < UNGUESSABLE_LENGTH ? ctx.clientIp : null,
      userId,
      conversationId ?? null,
      visitor?.claims.key ?? null,
      isVerified,
    ]);
  }

  /** The conversation that this start has made already, and its visitor key. */
  async find(
    tx: Transaction,
    startHash: Uint8Array<ArrayBuffer>,
  ): Promise<{ conversationId: string; key: string } | undefined> {
    const known = await tx.startKey.findUnique({ where: { startHash } });
    if (!known || known.createdAt < this.repeatableSince()) return undefined;
    const key = this.box.open(known.sealedKey, place(known.conversationId));
    return key === undefined ? undefined : { conversationId: known.conversationId, key };
  }

  /** Whether `find` would find a conversation of this start. */
  async wasMade(tx: Statements, startHash: Uint8Array<ArrayBuffer> | undefined): Promise<boolean> {
    if (startHash === undefined) return false;
    const made = await tx.query(
      "SELECT 1 FROM start_keys WHERE start_hash = $1::bytea AND created_at >= $2::timestamptz",
      [startHash, this.repeatableSince()],
    );
    return made.length > 0;
  }

  /** What the start leaves behind, so that `find` knows it when it comes again. */
  keep(
    startHash: Uint8Array<ArrayBuffer> | undefined,
    made: { conversationId: string; key: string },
  ): NewStartKey | undefined {
    return (
      startHash && {
        hash: startHash,
        sealedKey: this.box.seal(made.key, place(made.conversationId)),
        repeatableSince: this.repeatableSince(),
      }
    );
  }

  /**
   * Uses up an identity token with a `jti`. The same start may come again.
   *
   * @throws AppError `unauthenticated` when another start has used it.
   */
  async useUp(
    tx: Statements,
    widgetId: string,
    { jti, expiresAt }: SignedIdentity,
    startHash: Uint8Array<ArrayBuffer> | undefined,
  ): Promise<void> {
    if (jti === undefined) return;
    const used = await tx.query(
      `INSERT INTO used_identity_tokens (token_hash, start_hash, used_at, expires_at)
       VALUES ($1::bytea, $2::bytea, $3::timestamptz, $4::timestamptz)
       ON CONFLICT (token_hash) DO UPDATE SET start_hash = excluded.start_hash
       WHERE used_identity_tokens.start_hash = excluded.start_hash
         AND used_identity_tokens.used_at >= $5::timestamptz
       RETURNING 1`,
      [
        sha256([widgetId, jti]),
        startHash ?? null,
        this.now(),
        new Date(expiresAt * 1000),
        this.repeatableSince(),
      ],
    );
    if (used.length === 0) {
      throw usedBefore("identity token", { reason: "identity_refused" });
    }
  }

  /** Forgets what has no effect any more. Safe on several instances at once. */
  async sweep(): Promise<void> {
    // A token is taken for a while after its end: nothing is forgotten before that.
    const over = new Date(this.now().getTime() - REPEAT_SECONDS * 1000);
    await this.db.startKey.deleteMany({ where: { createdAt: { lt: over } } });
    await this.db.usedIdentityToken.deleteMany({ where: { expiresAt: { lt: over } } });
  }

  private repeatableSince(): Date {
    return new Date(this.now().getTime() - REPEAT_SECONDS * 1000);
  }
}

function sha256(parts: readonly unknown[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash("sha256").update(JSON.stringify(parts)).digest());
}

function place(conversationId: string): string {
  return `conversation:${conversationId}`;
}
