import { hkdfSync } from "node:crypto";
import { jwtVerify, SignJWT, type JWTPayload } from "jose";

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
  sign(purpose: TokenPurpose, claims: JWTPayload, expiresAt: number): Promise<string> {
    return new SignJWT(claims)
      .setProtectedHeader({ alg: "HS256" })
      .setExpirationTime(expiresAt)
      .sign(this.keys[purpose]);
  }

  /** @returns undefined for anything not signed by us for this purpose, or expired. */
  async verify(purpose: TokenPurpose, token: string): Promise<JWTPayload | undefined> {
    try {
      const options = { algorithms: ["HS256"], currentDate: this.now(), requiredClaims: ["exp"] };
      return (await jwtVerify(token, this.keys[purpose], options)).payload;
    } catch {
      return undefined;
    }
  }
}

/** A key of its own for each purpose of `APP_SECRET`. */
export function deriveKey(secret: string, purpose: TokenPurpose | "secret-box"): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secret, "", `parley:${purpose}`, 32));
}
