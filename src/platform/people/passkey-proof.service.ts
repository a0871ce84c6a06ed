import { randomBytes } from "node:crypto";
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from "@simplewebauthn/server";
import { z } from "zod";
import type { RequestContext } from "../auth/context.js";
import { accountKey, type RateLimits } from "../auth/rate-limits.js";
import { requireSession } from "../auth/require-session.js";
import type { NewSession, SessionService } from "../auth/sessions.service.js";
import type { Database, Transaction } from "../database/client.js";
import type { Passkey } from "../database/generated/client.js";
import { AppError } from "../errors.js";
import type { Caller } from "./link.service.js";
import {
  CHALLENGE_SECONDS,
  type ChallengeUse,
  type PasskeyChallenges,
} from "./passkey-challenges.js";
import { requireParty, type RelyingParty } from "./relying-party.js";

const bytes = z.base64url().max(4_000);
/** What an authenticator answers, as browsers write it. */
const ASSERTION = z.object({
  id: bytes,
  rawId: bytes,
  type: z.literal("public-key"),
  response: z.object({
    clientDataJSON: bytes,
    authenticatorData: bytes,
    signature: bytes,
    userHandle: bytes,
  }),
});

/** What a browser hands to an authenticator, and by what the answer is known to be of this browser. */
export interface SignInChallenge {
  readonly options: PublicKeyCredentialRequestOptionsJSON;
  /** For a cookie. */
  readonly browserSecret: string;
  readonly maxAgeSeconds: number;
}

/** Who comes by a passkey: at sign-in, and once more before a secret (contract section 2). */
export class PasskeyProofService {
  constructor(
    private readonly deps: {
      readonly db: Database;
      readonly sessions: SessionService;
      readonly limits: RateLimits;
      readonly challenges: PasskeyChallenges;
      readonly party: RelyingParty | undefined;
      readonly now: () => Date;
    },
  ) {}

  /**
   * For a sign-in: the person chooses among what their authenticators have for this host.
   *
   * @param browserSecret of a challenge that this browser has asked for before.
   * @throws AppError `conflict` where there are no passkeys, `rate_limited`.
   */
  async startSignIn(
    caller: Caller,
    browserSecret = randomBytes(32).toString("base64url"),
  ): Promise<SignInChallenge> {
    await this.deps.limits.consume("sign_in", caller.clientIp, caller);
    const options = await this.optionsFor({ for: "sign_in", browserSecret }, []);
    return { options, browserSecret, maxAgeSeconds: CHALLENGE_SECONDS };
  }

  /**
   * The person was verified by what they have and by what they know or are: this is two factors.
   *
   * @param browserSecret of `startSignIn`, in the same browser.
   * @throws AppError `unauthenticated` in one sentence for all causes, `conflict`, `rate_limited`.
   */
  async signIn(
    caller: Caller,
    browserSecret: string | undefined,
    answer: unknown,
  ): Promise<NewSession> {
    const { db, sessions, limits } = this.deps;
    await limits.consume("sign_in", caller.clientIp, caller);
    if (browserSecret === undefined) throw refused();
    const use = { for: "sign_in", browserSecret } as const;
    const { passkey, spend } = await this.verify(answer, use, {});
    return db.$transaction(async (tx) => {
      await spend(tx);
      return sessions.begin(tx, passkey.userId, true);
    });
  }

  /** @throws AppError `unauthenticated`; `conflict` where there are no passkeys, and for who has none. */
  async startConfirmation(ctx: RequestContext): Promise<PublicKeyCredentialRequestOptionsJSON> {
    const { id: sessionId, userId } = requireSession(await ctx.session());
    const passkeys = await this.deps.db.passkey.findMany({ where: { userId } });
    if (passkeys.length === 0) throw new AppError("conflict", "You have no passkey yet.");
    return this.optionsFor({ for: "confirm", sessionId }, passkeys);
  }

  /**
   * From then on secrets may be made and shown for a while, and the session has a second factor.
   *
   * @throws AppError `unauthenticated` also for a passkey that is not the person's, `conflict`, `rate_limited`.
   */
  async confirm(ctx: RequestContext, answer: unknown): Promise<void> {
    const { db, sessions, limits } = this.deps;
    const { id: sessionId, userId } = requireSession(await ctx.session());
    await limits.consume("sign_in_account", accountKey(userId, ctx.clientIp), ctx);
    const { spend } = await this.verify(answer, { for: "confirm", sessionId }, { userId });
    await db.$transaction(async (tx) => {
      await spend(tx);
      await sessions.confirm(sessionId, tx);
      await sessions.noteSecondFactor(tx, sessionId);
    });
  }

  /** Forgets challenges that are over. */
  sweep(): Promise<void> {
    return this.deps.challenges.sweep();
  }

  private async optionsFor(
    use: ChallengeUse,
    passkeys: readonly Passkey[],
  ): Promise<PublicKeyCredentialRequestOptionsJSON> {
    const party = requireParty(this.deps.party);
    const { generateAuthenticationOptions } = await import("@simplewebauthn/server");
    return generateAuthenticationOptions({
      rpID: party.id,
      challenge: this.deps.challenges.issue(use),
      timeout: CHALLENGE_SECONDS * 1000,
      userVerification: "required",
      allowCredentials: passkeys.map(({ credentialId, transports }) => ({
        id: base64url(credentialId),
        transports,
      })),
    });
  }

  /**
   * @param of whose passkey it must be.
   * @returns the passkey, and what uses the answer up in the transaction that follows from it.
   * @throws AppError `unauthenticated`, `conflict`.
   */
  private async verify(
    answer: unknown,
    use: ChallengeUse,
    of: { readonly userId?: string },
  ): Promise<{ passkey: Passkey; spend: (tx: Transaction) => Promise<void> }> {
    const { db, challenges } = this.deps;
    const party = requireParty(this.deps.party);
    const given = ASSERTION.safeParse(answer);
    if (!given.success) throw refused(given.error);
    const response: AuthenticationResponseJSON = { ...given.data, clientExtensionResults: {} };
    const credentialId = bytesOf(response.id);
    const passkey = await db.passkey.findUnique({ where: { credentialId, ...of } });
    if (!passkey) throw refused();
    if (!isHandleOf(passkey.userId, given.data.response.userHandle)) throw refused();
    let challenge = "";
    const { verifyAuthenticationResponse } = await import("@simplewebauthn/server");
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response,
      expectedChallenge: (asked) => {
        challenge = asked;
        return challenges.isGood(asked, use);
      },
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      requireUserVerification: true,
      credential: {
        id: response.id,
        publicKey: passkey.publicKey,
        counter: Number(passkey.counter),
      },
    }).catch((error: unknown) => {
      throw refused(error);
    });
    if (!verified) throw refused();
    const { newCounter, credentialBackedUp } = authenticationInfo;
    const spend = async (tx: Transaction): Promise<void> => {
      if (!(await challenges.use(tx, challenge))) throw refused();
      const { count } = await tx.passkey.updateMany({
        // Those that were used meanwhile count too; an authenticator that counts nothing says 0 each time.
        where: { id: passkey.id, counter: newCounter === 0 ? 0 : { lt: newCounter } },
        data: {
          counter: newCounter,
          isBackedUp: credentialBackedUp,
          lastUsedAt: this.deps.now(),
        },
      });
      if (count === 0) throw refused();
    };
    return { passkey, spend };
  }
}

/** What an authenticator keeps of a person: the bytes of their id, which is random. */
export function userHandleOf(userId: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(userId.replaceAll("-", ""), "hex"));
}

export function base64url(bytesOfIt: Uint8Array): string {
  return Buffer.from(bytesOfIt).toString("base64url");
}

export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text, "base64url"));
}

function isHandleOf(userId: string, handle: string): boolean {
  return base64url(userHandleOf(userId)) === handle;
}

/** One sentence: who tries learns nothing of which passkeys there are. */
function refused(cause?: unknown): AppError {
  return new AppError("unauthenticated", "This passkey is not good here.", { cause });
}
