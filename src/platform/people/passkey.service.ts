import { randomUUID } from "node:crypto";
import type { PublicKeyCredentialCreationOptionsJSON } from "@simplewebauthn/server";
import { z } from "zod";
import { personOf } from "../audit/author.js";
import { changesBetween } from "../audit/changes.js";
import { recordAudit } from "../audit/record-audit.js";
import type { RequestContext } from "../auth/context.js";
import { requireConfirmation, requireSession } from "../auth/require-session.js";
import { requireShownPasskey, type SessionService } from "../auth/sessions.service.js";
import type { Database } from "../database/client.js";
import { isUniqueViolation } from "../database/prisma-errors.js";
import { AppError, invalid, notFound } from "../errors.js";
import { checkText } from "../input/check-text.js";
import { CHALLENGE_SECONDS, type PasskeyChallenges } from "./passkey-challenges.js";
import { base64url, bytesOf, userHandleOf } from "./passkey-proof.service.js";
import type {
  ConfirmPasskeyInput,
  RenamePasskeyInput,
  StartPasskeyInput,
} from "./passkey.payload.js";
import type { Passkey } from "./passkey.type.js";
import { requireParty, type RelyingParty } from "./relying-party.js";
import { lockPerson } from "./lock-person.js";

/** Of one person. */
const MOST = 20;

const bytes = z.base64url().max(12_000);
/** What an authenticator answers that has made a passkey, as browsers write it. */
const ATTESTATION = z.object({
  id: bytes,
  rawId: bytes,
  type: z.literal("public-key"),
  response: z.object({
    clientDataJSON: bytes,
    attestationObject: bytes,
    transports: z.array(z.string().max(20)).max(10).optional(),
  }),
});

/** A person's own passkeys (contract section 2). */
export class PasskeyService {
  constructor(
    private readonly deps: {
      readonly db: Database;
      readonly sessions: SessionService;
      readonly challenges: PasskeyChallenges;
      readonly party: RelyingParty | undefined;
      readonly now: () => Date;
    },
  ) {}

  /** @throws AppError `unauthenticated`, `confirmation_required`; `conflict` for one too many, and where there are none. */
  async start(
    ctx: RequestContext,
    { name }: StartPasskeyInput,
  ): Promise<PublicKeyCredentialCreationOptionsJSON> {
    const { db, challenges } = this.deps;
    const party = requireParty(this.deps.party);
    const session = requireSession(await ctx.session());
    await requireConfirmation(ctx);
    checkText("name", name, { min: 1, max: 200 });
    const { id: sessionId, userId } = session;
    await requireShownPasskey(db, session);
    const user = await db.user.findUniqueOrThrow({
      where: { id: userId },
      include: { passkeys: true },
    });
    requireRoom(user.passkeys.length);
    const { generateRegistrationOptions } = await import("@simplewebauthn/server");
    return generateRegistrationOptions({
      rpName: "Parley",
      rpID: party.id,
      userID: userHandleOf(userId),
      userName: user.email,
      userDisplayName: user.name,
      challenge: challenges.issue({ for: "add", sessionId }),
      timeout: CHALLENGE_SECONDS * 1000,
      attestationType: "none",
      authenticatorSelection: { residentKey: "required", userVerification: "required" },
      excludeCredentials: user.passkeys.map(({ credentialId, transports }) => ({
        id: base64url(credentialId),
        transports,
      })),
    });
  }

  /**
   * The session has a second factor from then on: the person was verified by the authenticator.
   *
   * @throws AppError `unauthenticated`, `confirmation_required`, `invalid`; `conflict` for one too many, one that is
   *   there already, and where there are none.
   */
  async confirm(ctx: RequestContext, input: ConfirmPasskeyInput): Promise<void> {
    const { db, sessions, challenges, now } = this.deps;
    const session = requireSession(await ctx.session());
    await requireConfirmation(ctx);
    checkText("name", input.name, { min: 1, max: 200 });
    const { userId } = session;
    const { challenge, fields } = await this.read(input.response, session.id);
    const row = { ...fields, id: randomUUID(), userId, name: input.name.trim(), createdAt: now() };
    const added = db.$transaction(async (tx) => {
      await lockPerson(tx, userId);
      await requireShownPasskey(tx, session);
      requireRoom(await tx.passkey.count({ where: { userId } }));
      if (!(await challenges.use(tx, challenge))) throw wrongAnswer();
      await tx.passkey.create({ data: row });
      await recordAudit(tx, personOf(ctx, session, null), {
        action: "user.add_passkey",
        subjectId: userId,
        changes: changesBetween({}, { passkey: row.id }),
        at: row.createdAt,
      });
      await sessions.noteSecondFactor(tx, session.id);
    });
    await added.catch((error: unknown) => {
      if (!isUniqueViolation(error)) throw error;
      throw new AppError("conflict", "This passkey is there already.", { cause: error });
    });
  }

  /** @throws AppError `unauthenticated`, `invalid`, `not_found`. */
  async rename(ctx: RequestContext, { id, name }: RenamePasskeyInput): Promise<Passkey> {
    const { userId } = requireSession(await ctx.session());
    checkText("name", name, { min: 1, max: 200 });
    const where = { id, userId };
    const { count } = await this.deps.db.passkey.updateMany({ where, data: { name: name.trim() } });
    const passkey = count > 0 && (await this.deps.db.passkey.findFirst({ where }));
    if (!passkey) throw notFound("Passkey");
    return passkey;
  }

  /**
   * Ends the person's other sessions: one of them may be of who has it now.
   *
   * @throws AppError `unauthenticated`, `confirmation_required`, `not_found`.
   */
  async remove(ctx: RequestContext, id: string): Promise<void> {
    const { db, sessions, now } = this.deps;
    const session = requireSession(await ctx.session());
    await requireConfirmation(ctx);
    const { userId } = session;
    await db.$transaction(async (tx) => {
      await lockPerson(tx, userId);
      await requireShownPasskey(tx, session);
      const { count } = await tx.passkey.deleteMany({ where: { id, userId } });
      if (count === 0) throw notFound("Passkey");
      await recordAudit(tx, personOf(ctx, session, null), {
        action: "user.remove_passkey",
        subjectId: userId,
        changes: changesBetween({ passkey: id }, { passkey: null }),
        at: now(),
      });
      await sessions.endOthers(tx, userId, session.id);
    });
  }

  /** @throws AppError `invalid` in one sentence for all causes, `conflict`. */
  private async read(answer: unknown, sessionId: string): Promise<ReadAnswer> {
    const { challenges } = this.deps;
    const party = requireParty(this.deps.party);
    const given = ATTESTATION.safeParse(answer);
    if (!given.success) throw wrongAnswer(given.error);
    const { transports = [], ...response } = given.data.response;
    const { verifyRegistrationResponse } = await import("@simplewebauthn/server");
    const { decodeAttestationObject } = await import("@simplewebauthn/server/helpers");
    let challenge = "";
    try {
      const attestation = decodeAttestationObject(bytesOf(response.attestationObject));
      // Nobody was asked for certificates, whose lists of revoked ones would be fetched from where they say.
      if (!["none", "packed"].includes(attestation.get("fmt"))) throw wrongAnswer();
      if (attestation.get("attStmt").get("x5c") !== undefined) throw wrongAnswer();
      const { registrationInfo } = await verifyRegistrationResponse({
        response: { ...given.data, response, clientExtensionResults: {} },
        expectedChallenge: (asked) => {
          challenge = asked;
          return challenges.isGood(asked, { for: "add", sessionId });
        },
        expectedOrigin: party.origin,
        expectedRPID: party.id,
        requireUserVerification: true,
      });
      if (!registrationInfo) throw wrongAnswer();
      const { credential, credentialBackedUp: isBackedUp } = registrationInfo;
      const { publicKey, counter } = credential;
      const credentialId = bytesOf(credential.id);
      return { challenge, fields: { credentialId, publicKey, counter, transports, isBackedUp } };
    } catch (error) {
      throw error instanceof AppError ? error : wrongAnswer(error);
    }
  }
}

/** What a right answer says. */
interface ReadAnswer {
  readonly challenge: string;
  readonly fields: {
    readonly credentialId: Uint8Array<ArrayBuffer>;
    readonly publicKey: Uint8Array<ArrayBuffer>;
    readonly counter: number;
    readonly transports: string[];
    readonly isBackedUp: boolean;
  };
}

function requireRoom(present: number): void {
  if (present < MOST) return;
  throw new AppError("conflict", `A person has at most ${MOST} passkeys. Remove one first.`);
}

function wrongAnswer(cause?: unknown): AppError {
  const error = invalid({ path: "response", message: "Is no answer to what was asked." });
  if (cause !== undefined) error.cause = cause;
  return error;
}
