import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { deriveKey } from "../auth/signed-token.js";
import { hashSecret } from "../auth/token-secret.js";
import type { Database, Transaction } from "../database/client.js";

export const CHALLENGE_SECONDS = 5 * 60;
const NONCE_BYTES = 16;
const TIME_BYTES = 6;
const SIGNED_BYTES = NONCE_BYTES + TIME_BYTES;

/** What an authenticator is to sign, and where the answer counts. */
export type ChallengeUse =
  | { readonly for: "sign_in"; readonly browserSecret: string }
  | { readonly for: "add" | "confirm"; readonly sessionId: string };

/**
 * A challenge says by a signature of ours what it is for, whose it is and how long it is good: strangers who ask for
 * many fill no table. Only those that were answered well are kept, until they are over, so that each is good once, on
 * every instance.
 */
export class PasskeyChallenges {
  private readonly key: Uint8Array;

  constructor(
    private readonly db: Database,
    appSecret: string,
    private readonly now: () => Date,
  ) {
    this.key = deriveKey(appSecret, "passkey-challenge");
  }

  issue(use: ChallengeUse): Uint8Array<ArrayBuffer> {
    const challenge = Buffer.alloc(SIGNED_BYTES);
    randomBytes(NONCE_BYTES).copy(challenge);
    const endsAt = this.now().getTime() + CHALLENGE_SECONDS * 1000;
    challenge.writeUIntBE(endsAt, NONCE_BYTES, TIME_BYTES);
    return new Uint8Array(Buffer.concat([challenge, this.sign(challenge, use)]));
  }

  /** Whether it is one of ours, for this use, and not over. @param challenge in base64url. */
  isGood(challenge: string, use: ChallengeUse): boolean {
    const bytes = Buffer.from(challenge, "base64url");
    const signed = bytes.subarray(0, SIGNED_BYTES);
    const [given, own] = [bytes.subarray(SIGNED_BYTES), this.sign(signed, use)];
    if (given.length !== own.length || !timingSafeEqual(given, own)) return false;
    return endOf(bytes) > this.now();
  }

  /** @param challenge a good one. @returns whether this is the first time, also of several side by side. */
  async use(tx: Transaction, challenge: string): Promise<boolean> {
    const bytes = Buffer.from(challenge, "base64url");
    // The bytes, for a text has several spellings.
    const challengeHash = hashSecret(bytes.toString("base64url"));
    const data = [{ challengeHash, expiresAt: endOf(bytes) }];
    return (await tx.usedPasskeyChallenge.createMany({ data, skipDuplicates: true })).count > 0;
  }

  /** Removes what is over. */
  async sweep(): Promise<void> {
    const where = { expiresAt: { lte: this.now() } };
    await this.db.usedPasskeyChallenge.deleteMany({ where });
  }

  private sign(signed: Uint8Array, use: ChallengeUse): Buffer {
    const whose = use.for === "sign_in" ? use.browserSecret : use.sessionId;
    return createHmac("sha256", this.key).update(signed).update(`${use.for} ${whose}`).digest();
  }
}

function endOf(challenge: Buffer): Date {
  return new Date(challenge.readUIntBE(NONCE_BYTES, TIME_BYTES));
}
