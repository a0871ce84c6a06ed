import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

export type TokenPrefix = "ak" | "pat";

/** A fresh token. `text` is shown once; only `hash` is stored. */
export interface NewToken {
  readonly id: string;
  readonly text: string;
  readonly hash: Uint8Array<ArrayBuffer>;
}

export interface ParsedToken {
  readonly prefix: TokenPrefix;
  readonly id: string;
  readonly secret: string;
}

/** Ids are hex: without a dot, an underscore or a capital, they can be selected with a double click. */
export function newToken(prefix: TokenPrefix): NewToken {
  const id = randomBytes(12).toString("hex");
  const secret = randomBytes(32).toString("base64url");
  return { id, text: `${prefix}_${id}.${secret}`, hash: hashSecret(secret) };
}

/** @returns undefined for what is no `ak_<id>.<secret>` or `pat_<id>.<secret>`. */
export function parseToken(text: string): ParsedToken | undefined {
  const match = /^(ak|pat)_([A-Za-z0-9]{4,64})\.([A-Za-z0-9_-]{8,256})$/.exec(text);
  const [, prefix, id, secret] = match ?? [];
  if ((prefix !== "ak" && prefix !== "pat") || !id || !secret) return undefined;
  return { prefix, id, secret };
}

/** One round of SHA-256 is enough for 256 random bits: there is no dictionary to slow down. */
export function hashSecret(secret: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash("sha256").update(secret).digest());
}

export function secretMatches(secret: string, hash: Uint8Array): boolean {
  const offered = hashSecret(secret);
  return offered.length === hash.length && timingSafeEqual(offered, hash);
}
