import { Secret, TOTP } from "otpauth";
import { personOf } from "../audit/author.js";
import { changesBetween } from "../audit/changes.js";
import { recordAudit } from "../audit/record-audit.js";
import type { RequestContext } from "../auth/context.js";
import type { RateLimits } from "../auth/rate-limits.js";
import { requireConfirmation, requireSession } from "../auth/require-session.js";
import type { SecretBox } from "../auth/secret-box.js";
import { hasTotp, requireShownPasskey, type SessionService } from "../auth/sessions.service.js";
import { hashSecret } from "../auth/token-secret.js";
import type { Database, Transaction } from "../database/client.js";
import { AppError, invalid } from "../errors.js";
import { lockPerson } from "./lock-person.js";

const PERIOD_SECONDS = 30;
/** Clocks of telephones are off by a little: one code before and one after is taken. */
const WINDOW = 1;
const RECOVERY_CODES = 10;
/** 80 random bits: there is no dictionary to slow down. */
const RECOVERY_BYTES = 10;

/** A secret for an authenticator app, which is shown this once. */
export interface NewTotp {
  readonly secret: string;
  /** `otpauth://`, for a QR code. */
  readonly uri: string;
}

/** A person's authenticator app, and the codes that stand for it once (contract section 2). */
export class SecondFactorService {
  constructor(
    private readonly deps: {
      readonly db: Database;
      readonly sessions: SessionService;
      readonly box: SecretBox;
      readonly limits: RateLimits;
      readonly consoleUrl: string;
      readonly now: () => Date;
    },
  ) {}

  /**
   * The present one stays in use until a code of the new one was shown.
   *
   * @param code of the present one; only who has none leaves it out.
   * @throws AppError `unauthenticated`, `confirmation_required`, `invalid`, `rate_limited`.
   */
  async start(ctx: RequestContext, code: string | null | undefined): Promise<NewTotp> {
    const { db, consoleUrl } = this.deps;
    const session = requireSession(await ctx.session());
    await requireConfirmation(ctx);
    const { userId } = session;
    const secret = new Secret().base32;
    const nextSecret = this.deps.box.seal(secret, place(userId));
    const { email } = await db.$transaction(async (tx) => {
      const person = await lockPerson(tx, userId);
      await requireShownPasskey(tx, session);
      if (await hasTotp(tx, userId)) await this.require(tx, ctx, userId, code ?? "");
      const create = { userId, nextSecret };
      await tx.secondFactor.upsert({ where: { userId }, create, update: { nextSecret } });
      return person;
    });
    const issuer = `Parley (${new URL(consoleUrl).host})`;
    return { secret, uri: totp(secret, { issuer, label: email }).toString() };
  }

  /**
   * From now on it is asked for at each sign-in. All other sessions of the person end, for they came
   * without it.
   *
   * @returns fresh recovery codes, which are shown this once.
   * @throws AppError `unauthenticated`, `confirmation_required`, `invalid`, `rate_limited`; `conflict` when none was begun.
   */
  async confirm(ctx: RequestContext, code: string): Promise<string[]> {
    const { db, sessions } = this.deps;
    const session = requireSession(await ctx.session());
    await requireConfirmation(ctx);
    const { userId } = session;
    await this.deps.limits.consume("second_factor", userId, ctx);
    const codes = Array.from({ length: RECOVERY_CODES }, newRecoveryCode);
    await db.$transaction(async (tx) => {
      await lockPerson(tx, userId);
      await requireShownPasskey(tx, session);
      const factor = await tx.secondFactor.findUnique({ where: { userId } });
      if (!factor?.nextSecret) throw new AppError("conflict", "Begin with a new secret first.");
      const lastStep = this.stepOf(userId, factor.nextSecret, code);
      if (lastStep === undefined) throw wrongCode();
      const values = { secret: factor.nextSecret, nextSecret: null, lastStep };
      await tx.secondFactor.update({ where: { userId }, data: values });
      await tx.recoveryCode.deleteMany({ where: { userId } });
      await tx.recoveryCode.createMany({
        data: codes.map((text) => ({ userId, codeHash: hashSecret(comparable(text)) })),
      });
      await recordAudit(tx, personOf(ctx, session, null), {
        action: "user.add_second_factor",
        subjectId: userId,
        changes: changesBetween({}, { secondFactor: true }),
        at: this.deps.now(),
      });
      await sessions.endOthers(tx, userId, session.id);
      await sessions.noteSecondFactor(tx, session.id);
    });
    return codes;
  }

  /** @throws AppError `unauthenticated`, `confirmation_required`, `invalid`, `rate_limited`. */
  async remove(ctx: RequestContext, code: string): Promise<void> {
    const session = requireSession(await ctx.session());
    await requireConfirmation(ctx);
    const { userId } = session;
    await this.deps.db.$transaction(async (tx) => {
      await this.require(tx, ctx, userId, code);
      await removeSecondFactor(tx, userId);
      await recordAudit(tx, personOf(ctx, session, null), {
        action: "user.remove_second_factor",
        subjectId: userId,
        changes: changesBetween({ secondFactor: true }, { secondFactor: false }),
        at: this.deps.now(),
      });
    });
  }

  /**
   * Uses a code up: of the app it is never good again, nor one before it; of recovery it is gone.
   *
   * @returns whether it was good.
   */
  async accept(tx: Transaction, userId: string, code: string): Promise<boolean> {
    const text = comparable(code);
    if (!/^\d{6}$/.test(text)) {
      const where = { userId, codeHash: hashSecret(text) };
      return (await tx.recoveryCode.deleteMany({ where })).count > 0;
    }
    const factor = await tx.secondFactor.findUnique({ where: { userId } });
    const step = factor?.secret ? this.stepOf(userId, factor.secret, text) : undefined;
    if (step === undefined) return false;
    const where = { userId, lastStep: { lt: step } };
    return (await tx.secondFactor.updateMany({ where, data: { lastStep: step } })).count > 0;
  }

  private async require(
    tx: Transaction,
    ctx: RequestContext,
    userId: string,
    code: string,
  ): Promise<void> {
    await this.deps.limits.consume("second_factor", userId, ctx);
    if (!(await this.accept(tx, userId, code))) throw wrongCode();
  }

  /** @returns which period a code is of; undefined for none near now. */
  private stepOf(userId: string, sealed: Uint8Array, code: string): number | undefined {
    const secret = this.deps.box.open(sealed, place(userId));
    if (secret === undefined) return undefined;
    const timestamp = this.deps.now().getTime();
    const token = comparable(code);
    const delta = totp(secret).validate({ token, timestamp, window: WINDOW });
    return delta === null ? undefined : Math.floor(timestamp / 1000 / PERIOD_SECONDS) + delta;
  }
}

/** The app and the codes that stand for it. @returns whether it was in use. */
export async function removeSecondFactor(tx: Transaction, userId: string): Promise<boolean> {
  await lockPerson(tx, userId);
  const wasInUse = await hasTotp(tx, userId);
  await tx.secondFactor.deleteMany({ where: { userId } });
  await tx.recoveryCode.deleteMany({ where: { userId } });
  return wasInUse;
}

/** The numbers that every authenticator app takes without being told. */
function totp(secret: string, names: { issuer?: string; label?: string } = {}): TOTP {
  return new TOTP({ ...names, secret: Secret.fromBase32(secret), period: PERIOD_SECONDS });
}

function newRecoveryCode(): string {
  const { base32 } = new Secret({ size: RECOVERY_BYTES });
  return base32.match(/.{4}/g)?.join("-") ?? base32;
}

/** People type codes with gaps, and recovery codes in small letters. */
function comparable(code: string): string {
  return code.replaceAll(/[\s-]/g, "").toUpperCase();
}

function place(userId: string): string {
  return `second factor ${userId}`;
}

function wrongCode(): AppError {
  return invalid({ path: "code", message: "Is wrong, or was used before.", rule: "code" });
}
