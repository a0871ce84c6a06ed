import { hash, randomFillSync } from "node:crypto";
import type { SignedTokens } from "./signed-token.js";

const LIFETIME_SECONDS = 24 * 60 * 60;
/** How long a key can be carried on from token to token; afterwards no token of it is left. */
export const RENEWABLE_SECONDS = 30 * 24 * 60 * 60;
const KEY_BYTES = 24;
/** Stands for the key in tokens of releases that had none: such a one is good for its own conversation. */
const CONVERSATION_PREFIX = "conversation:";

/** What a visitor token remembers of the website's signature for its visitor. */
export interface IdentityProof {
  /** Which of the widget's secrets it was signed with: the proof ends with it. */
  readonly secretId: string;
  /** Seconds since the epoch: the identity token's own end. */
  readonly expiresAt: number;
}

/** What a visitor token says (contract section 5). */
export interface VisitorClaims {
  readonly widgetId: string;
  readonly userId: string;
  /** What one visitor's conversations in one browser hang together by. */
  readonly key: string;
  /** The widget's token generation at the time; a later one ends the token. */
  readonly generation: number;
  /** Seconds since the epoch of the first token of this key. */
  readonly since: number;
  readonly proof?: IdentityProof | undefined;
}

/** Makes, renews and reads visitor tokens. Whether the key was ended, or the proof lapsed, is asked elsewhere. */
export class VisitorTokens {
  constructor(
    private readonly tokens: SignedTokens,
    private readonly now: () => Date,
  ) {}

  /** @param claims those of an earlier token keep their `since`, so that renewing ends after 30 days. */
  issue(claims: Omit<VisitorClaims, "since"> & { since?: number | undefined }): string {
    const now = Math.floor(this.now().getTime() / 1000);
    const since = claims.since ?? now;
    const payload = {
      w: claims.widgetId,
      u: claims.userId,
      k: claims.key,
      g: claims.generation,
      s: since,
      ...(claims.proof ? { p: [claims.proof.secretId, claims.proof.expiresAt] } : {}),
    };
    return this.tokens.sign(
      "visitor",
      payload,
      Math.min(now + LIFETIME_SECONDS, since + RENEWABLE_SECONDS),
    );
  }

  /** @returns undefined unless the token is ours, unexpired, and of this widget and generation. */
  read(
    token: string | undefined,
    widget: { id: string; tokenGeneration: number },
  ): VisitorClaims | undefined {
    if (token === undefined) return undefined;
    const claims = this.tokens.verify("visitor", token);
    if (!claims) return undefined;
    const { w, u, g, s } = claims;
    if (w !== widget.id || g !== widget.tokenGeneration) return undefined;
    const key = readKey(claims);
    if (typeof u !== "string" || key === undefined || typeof s !== "number") return undefined;
    return {
      widgetId: widget.id,
      userId: u,
      key,
      generation: widget.tokenGeneration,
      since: s,
      proof: readProof(claims["p"]),
    };
  }
}

/** Random bytes of keys to come, drawn together as `randomUUID` draws its own: asking for them costs more than they do. */
const drawn = Buffer.alloc(KEY_BYTES * 128);
let used = drawn.length;

/** Unguessable: 192 random bits. */
export function newVisitorKey(): string {
  if (used === drawn.length) {
    randomFillSync(drawn);
    used = 0;
  }
  const key = drawn.toString("base64url", used, used + KEY_BYTES);
  // Whoever sees this memory later learns no key of a visitor.
  drawn.fill(0, used, used + KEY_BYTES);
  used += KEY_BYTES;
  return key;
}

/** What is stored of a key, so that a copy of the database opens nothing. */
export function hashVisitorKey(key: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(hash("sha256", key, "buffer"));
}

/** The one conversation that a token from before there were keys is good for. */
export function conversationOfKey(key: string): string | undefined {
  return key.startsWith(CONVERSATION_PREFIX) ? key.slice(CONVERSATION_PREFIX.length) : undefined;
}

function readKey({ k, c, m }: Record<string, unknown>): string | undefined {
  if (typeof k === "string") return k;
  // Of an earlier release: `m` is false where the visitor had nothing but a name.
  return typeof c === "string" && m === true ? `${CONVERSATION_PREFIX}${c}` : undefined;
}

function readProof(value: unknown): IdentityProof | undefined {
  const [secretId, expiresAt]: unknown[] = Array.isArray(value) ? value : [];
  if (typeof secretId !== "string" || typeof expiresAt !== "number") return undefined;
  return { secretId, expiresAt };
}
