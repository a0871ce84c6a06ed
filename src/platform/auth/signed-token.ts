import { hkdfSync } from "node:crypto";
import { signHs256, verifyHs256 } from "../hs256.js";

/** One key per purpose, so that a token of one kind can never pass for another. */
export type TokenPurpose = "visitor" | "embed-ticket" | "job";

/** Signs and verifies short-lived HS256 tokens under keys derived from `APP_SECRET`. */
export class SignedTokens {
  private readonly keys: Record<TokenPurpose, Uint8Array>;

  constructor(
    appSecret: string,
    private readonly now: () => Date,
  ) {
    this.keys = {
      visitor: deriveKey(appSecret, "visitor"),
      "embed-ticket": deriveKey(appSecret, "embed-ticket"),
      job: deriveKey(appSecret, "job"),
    };
  }

  /** @param expiresAt seconds since the epoch. */
  sign(purpose: TokenPurpose, claims: object, expiresAt: number): string {
    return signHs256({ ...claims, exp: expiresAt }, this.keys[purpose]);
  }

  /** @returns undefined for anything not signed by us for this purpose, or expired. */
  verify(purpose: TokenPurpose, token: string): Readonly<Record<string, unknown>> | undefined {
    return verifyHs256(token, this.keys[purpose], this.now());
  }
}

/** A key of its own for each purpose of `APP_SECRET`. */
export function deriveKey(
  secret: string,
  purpose: TokenPurpose | "secret-box" | "passkey-challenge",
): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secret, "", `parley:${purpose}`, 32));
}
