import { authorOf } from "../audit/author.js";
import { changesBetween } from "../audit/changes.js";
import { recordAudit } from "../audit/record-audit.js";
import { MANAGE_ORGANIZATION } from "../auth/scopes.js";
import { hasScope, requireScope } from "../auth/require-scope.js";
import { requireConfirmation } from "../auth/require-session.js";
import { newToken } from "../auth/token-secret.js";
import type { RequestContext } from "../auth/context.js";
import type { Database } from "../database/client.js";
import { Filters } from "../database/filters.js";
import type { ApiKey as ApiKeyRow, Organization } from "../database/generated/client.js";
import { inOrder, pageOf, pageOfIds, type Page, type PageRequest } from "../database/paging.js";
import { AppError, invalid, notFound } from "../errors.js";
import { checkText } from "../input/check-text.js";
import type { CreateApiKeyInput, Me } from "./api-key.type.js";
import type { CreateApiKeyPayload } from "./organization.payload.js";

/** An organization's keys, and who the caller is (contract section 2). */
export class ApiKeyService {
  /** @param credentials what reads remember of them: each revocation is told. */
  constructor(
    private readonly db: Database,
    private readonly credentials: { forgetAll(): void },
    private readonly now: () => Date,
  ) {}

  async me(ctx: RequestContext): Promise<Me> {
    const actor = await requireScope(ctx, MANAGE_ORGANIZATION);
    const organization: Organization = await this.db.organization.findUniqueOrThrow({
      where: { id: actor.organizationId },
    });
    return { tokenId: actor.id, organization, scopes: [...actor.scopes] };
  }

  async list(ctx: RequestContext, args: PageRequest): Promise<Page<ApiKeyRow>> {
    const actor = await requireScope(ctx, MANAGE_ORGANIZATION);
    const filters = new Filters().equals("organization_id", actor.organizationId);
    const ids = await pageOfIds(this.db, "api_keys", filters.conditions, pageOf(ctx, args), "text");
    return inOrder(ids, (items) => this.db.apiKey.findMany({ where: { id: { in: items } } }));
  }

  /** @throws AppError `forbidden` for a scope that the caller lacks. */
  async create(ctx: RequestContext, input: CreateApiKeyInput): Promise<CreateApiKeyPayload> {
    const actor = await requireScope(ctx, MANAGE_ORGANIZATION);
    await requireConfirmation(ctx);
    checkText("name", input.name, { min: 1, max: 200 });
    const scopes = [...new Set(input.scopes)];
    if (scopes.length === 0)
      throw invalid({
        path: "scopes",
        message: "At least one scope is needed.",
        rule: "count",
        min: 1,
      });
    const lacking = scopes.filter((scope) => !hasScope(actor, [scope]));
    if (lacking.length > 0) {
      throw new AppError("forbidden", `You cannot grant what you lack: ${lacking.join(", ")}.`);
    }
    const now = this.now();
    if (input.expiresAt && input.expiresAt <= now) {
      throw invalid({ path: "expiresAt", message: "Must be in the future.", rule: "future" });
    }
    const token = newToken("ak");
    const { organizationId } = actor;
    const { id, hash: secretHash } = token;
    const fields = { name: input.name.trim(), scopes, expiresAt: input.expiresAt ?? null };
    const apiKey = await this.db.$transaction(async (tx) => {
      await recordAudit(tx, authorOf(ctx, actor), {
        action: "api_key.create",
        subjectId: id,
        changes: changesBetween({}, fields),
        at: now,
      });
      return tx.apiKey.create({
        data: { id, organizationId, ...fields, secretHash, createdAt: now },
      });
    });
    return { secret: token.text, apiKey };
  }

  /** Revoking twice answers the same. */
  async revoke(ctx: RequestContext, id: string): Promise<ApiKeyRow> {
    const actor = await requireScope(ctx, MANAGE_ORGANIZATION);
    const where = { id, organizationId: actor.organizationId };
    await this.db.$transaction(async (tx) => {
      const revokedAt = this.now();
      const { count } = await tx.apiKey.updateMany({
        where: { ...where, revokedAt: null },
        data: { revokedAt },
      });
      if (count === 0) return;
      await recordAudit(tx, authorOf(ctx, actor), {
        action: "api_key.revoke",
        subjectId: id,
        changes: changesBetween({}, { revokedAt }),
        at: revokedAt,
      });
    });
    this.credentials.forgetAll();
    const key = await this.db.apiKey.findFirst({ where });
    if (!key) throw notFound("API key");
    return key;
  }
}
