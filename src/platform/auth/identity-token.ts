import { createHash, randomBytes } from "node:crypto";
import { jwtVerify, type JWTPayload } from "jose";
import type { IdentityMode } from "../database/enums.js";
import { AppError } from "../errors.js";
import { jsonBytes } from "../../protocol/json-bytes.js";
import { IDENTITY_LIMITS, VISITOR_LIMITS } from "../../protocol/limits.js";
import { findForbiddenText } from "../input/forbidden-text.js";
import type { SecretBox } from "./secret-box.js";
import type { IdentityProof } from "./visitor-token.js";

const JTI_LENGTH = 255;
/** How long the previous secret stays good after a rotation, for a website that runs on several servers. */
export const PREVIOUS_SECRET_SECONDS = 60 * 60;

/** The settings of a widget that decide who its visitors are. */
export interface IdentitySettings {
  readonly id: string;
  readonly identity: IdentityMode;
  readonly identitySecret: Uint8Array | null;
  readonly identitySecretPrevious: Uint8Array | null;
  readonly identitySecretPreviousUntil: Date | null;
}

/** Whom a website has signed for. */
export interface SignedIdentity extends IdentityProof {
  readonly userId: string;
  /** What it says about them. */
  readonly metadata: object | undefined;
  /** Makes the token good for one start. */
  readonly jti: string | undefined;
}

/**
 * Identity tokens (contract section 5): JWTs that a website's own server signs, HS256 alone, with
 * the widget's identity secret as it was shown, as UTF-8 bytes.
 */
export class IdentityTokens {
  constructor(
    private readonly box: SecretBox,
    private readonly now: () => Date,
  ) {}

  /** A new secret. `text` is shown once; `sealed` is stored. */
  newSecret(widgetId: string): { text: string; sealed: Uint8Array<ArrayBuffer> } {
    const text = `ids_${randomBytes(32).toString("base64url")}`;
    return { text, sealed: this.box.seal(text, place(widgetId)) };
  }

  /** @throws AppError `unauthenticated` for a token that is wrong, expired, without an end or with one too far ahead. */
  async verify(token: string, widget: IdentitySettings): Promise<SignedIdentity> {
    for (const sealed of this.secretsOf(widget)) {
      const secret = this.box.open(sealed, place(widget.id));
      const payload = secret === undefined ? undefined : await this.read(token, secret);
      if (payload) return identityOf(payload, secretId(sealed));
    }
    throw refused();
  }

  /** Whether what a visitor token remembers still counts: until the identity token's end, and as long as its secret. */
  isLive(proof: IdentityProof, widget: IdentitySettings): boolean {
    if (widget.identity === "off") return false;
    if (this.seconds() > proof.expiresAt + IDENTITY_LIMITS.leewaySeconds) return false;
    return this.secretsOf(widget).some((sealed) => secretId(sealed) === proof.secretId);
  }

  private secretsOf(widget: IdentitySettings): Uint8Array[] {
    const { identitySecret, identitySecretPrevious, identitySecretPreviousUntil: until } = widget;
    const previous = until && until > this.now() ? identitySecretPrevious : null;
    return [identitySecret, previous].filter((sealed) => sealed !== null);
  }

  private async read(token: string, secret: string): Promise<JWTPayload | undefined> {
    try {
      const { payload } = await jwtVerify(token, new TextEncoder().encode(secret), {
        algorithms: ["HS256"],
        clockTolerance: IDENTITY_LIMITS.leewaySeconds,
        currentDate: this.now(),
        requiredClaims: ["exp", "sub"],
      });
      const latest =
        this.seconds() + IDENTITY_LIMITS.longestSeconds + IDENTITY_LIMITS.leewaySeconds;
      return Number(payload.exp) > latest ? undefined : payload;
    } catch {
      return undefined;
    }
  }

  private seconds(): number {
    return Math.floor(this.now().getTime() / 1000);
  }
}

/** Nobody but the website signs it, and yet it is input. */
function identityOf(payload: JWTPayload, secret: string): SignedIdentity {
  const { sub, exp, ...rest } = payload as Record<string, unknown>;
  // As everywhere, null is as good as absent.
  const [jti, metadata] = [rest["jti"] ?? undefined, rest["metadata"] ?? undefined];
  if (typeof sub !== "string" || typeof exp !== "number") throw refused();
  if (jti !== undefined && !isJti(jti)) throw refused();
  if (metadata !== undefined && !isMetadata(metadata)) throw refused();
  return { userId: sub, metadata, jti, expiresAt: exp, secretId: secret };
}

function isJti(value: unknown): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= JTI_LENGTH;
}

function isMetadata(value: unknown): value is object {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return (
    jsonBytes(value) <= VISITOR_LIMITS.metadataBytes && findForbiddenText(value, "") === undefined
  );
}

function refused(): AppError {
  return new AppError("unauthenticated", "The identity token is invalid or expired.", {
    reason: "identity_refused",
  });
}

/** Tells secrets apart without saying anything about them. */
function secretId(sealed: Uint8Array): string {
  return createHash("sha256").update(sealed).digest("base64url").slice(0, 16);
}

function place(widgetId: string): string {
  return `widget:${widgetId}`;
}
