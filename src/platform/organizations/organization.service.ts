import { authorOf } from "../audit/author.js";
import { MANAGE_ORGANIZATION } from "../auth/scopes.js";
import { requireScope } from "../auth/require-scope.js";
import type { RequestContext } from "../auth/context.js";
import type { Database } from "../database/client.js";
import type { Organization } from "../database/generated/client.js";
import { invalid } from "../errors.js";
import { jsonColumn } from "../database/json-column.js";
import { checkText, requireNotNull } from "../input/check-text.js";
import { checkUsageLimits, type UsageLimitDefaults } from "../input/usage-limits.js";
import { changeOrganization } from "./change-organization.js";
import { MAX_RETENTION_DAYS } from "./retention-days.js";
import type { UpdateOrganizationInput } from "./organization.type.js";

/** The organization's own settings. */
export class OrganizationService {
  /** @param onChange what visitors are shown from memory depends on the limits. */
  constructor(
    private readonly db: Database,
    private readonly onChange: () => void,
    private readonly defaults: UsageLimitDefaults,
    private readonly now: () => Date,
  ) {}

  async update(ctx: RequestContext, input: UpdateOrganizationInput): Promise<Organization> {
    const actor = await requireScope(ctx, MANAGE_ORGANIZATION);
    requireNotNull(input, ["name"]);
    checkText("name", input.name, { min: 1, max: 200 });
    const days = input.retentionDays;
    if (days !== null && days !== undefined && (days < 1 || days > MAX_RETENTION_DAYS)) {
      throw invalid({
        path: "retentionDays",
        message: `Must be 1 to ${MAX_RETENTION_DAYS}, or null.`,
        rule: "range",
        min: 1,
        max: MAX_RETENTION_DAYS,
      });
    }
    // An operator pays for all organizations: only they let one have more.
    if (input.limits) checkUsageLimits(input.limits, this.defaults.organization);
    const changes = {
      name: input.name?.trim(),
      retentionDays: days,
      limits: input.limits ? jsonColumn(input.limits) : undefined,
    };
    const updated = await this.db.$transaction(async (tx) =>
      changeOrganization(tx, authorOf(ctx, actor), changes, this.now()),
    );
    if (input.limits) this.onChange();
    return updated;
  }
}
