import { personOf } from "../audit/author.js";
import { changesBetween } from "../audit/changes.js";
import { recordAudit } from "../audit/record-audit.js";
import type { RequestContext } from "../auth/context.js";
import { requireConfirmation, requireSession } from "../auth/require-session.js";
import { newToken } from "../auth/token-secret.js";
import type { Database } from "../database/client.js";
import { AppError, invalid, notFound } from "../errors.js";
import { checkText } from "../input/check-text.js";
import type {
  CreatePersonalTokenInput,
  CreatePersonalTokenPayload,
} from "./personal-token.type.js";

/** Of one person, that are not revoked. */
const MOST = 50;

/** Tokens by which programs act as a person (contract section 2): a person's own, in every organization. */
export class PersonalTokenService {
  /** @param credentials what reads remember of them: each revocation is told. */
  constructor(
    private readonly db: Database,
    private readonly credentials: { forgetAll(): void },
    private readonly now: () => Date,
  ) {}

  /**
   * @throws AppError `unauthenticated`, `forbidden`, `confirmation_required`, `invalid`; `conflict` for one too many.
   */
  async create(
    ctx: RequestContext,
    { name, expiresAt = null }: CreatePersonalTokenInput,
  ): Promise<CreatePersonalTokenPayload> {
    const session = requireSession(await ctx.session());
    const { userId, mayManage } = session;
    // A token would carry what its maker does not.
    if (!mayManage) throw new AppError("forbidden", "Set up a second factor first.");
    await requireConfirmation(ctx);
    checkText("name", name, { min: 1, max: 200 });
    const createdAt = this.now();
    if (expiresAt && expiresAt <= createdAt) {
      throw invalid({ path: "expiresAt", message: "Must be in the future.", rule: "future" });
    }
    const { id, text: secret, hash: secretHash } = newToken("pat");
    const personalToken = await this.db.$transaction(async (tx) => {
      // Of one person one at a time: each sees how many there are.
      await tx.$queryRaw`SELECT 1 FROM users WHERE id = ${userId}::uuid FOR NO KEY UPDATE`;
      const present = await tx.personalAccessToken.count({ where: { userId, revokedAt: null } });
      if (present >= MOST) {
        throw new AppError("conflict", `A person has at most ${MOST} tokens. Revoke one first.`);
      }
      const fields = { userId, name: name.trim(), expiresAt };
      const changes = changesBetween({}, fields);
      const record = {
        action: "personal_token.create",
        subjectId: id,
        changes,
        at: createdAt,
      } as const;
      await recordAudit(tx, personOf(ctx, session, null), record);
      return tx.personalAccessToken.create({ data: { ...fields, id, secretHash, createdAt } });
    });
    return { secret, personalToken };
  }

  /** Once more changes nothing. @returns its id. @throws AppError `unauthenticated`, `not_found`. */
  async revoke(ctx: RequestContext, id: string): Promise<string> {
    const session = requireSession(await ctx.session());
    const where = { id, userId: session.userId };
    const revokedAt = this.now();
    await this.db.$transaction(async (tx) => {
      const { count } = await tx.personalAccessToken.updateMany({
        where: { ...where, revokedAt: null },
        data: { revokedAt },
      });
      if (count > 0) {
        const changes = changesBetween({}, { revokedAt });
        const record = {
          action: "personal_token.revoke",
          subjectId: id,
          changes,
          at: revokedAt,
        } as const;
        await recordAudit(tx, personOf(ctx, session, null), record);
      } else if (!(await tx.personalAccessToken.findFirst({ where }))) {
        throw notFound("Personal token");
      }
    });
    this.credentials.forgetAll();
    return id;
  }
}
