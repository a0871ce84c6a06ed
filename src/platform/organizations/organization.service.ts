import { MANAGE_ORGANIZATION } from "../auth/scopes.js";
import { requireScope } from "../auth/require-scope.js";
import type { RequestContext } from "../auth/context.js";
import type { Database } from "../database/client.js";
import type { Organization } from "../database/generated/client.js";
import { invalid } from "../errors.js";
import { checkText, requireNotNull } from "../input/check-text.js";
import { MAX_RETENTION_DAYS } from "./retention-days.js";
import type { UpdateOrganizationInput } from "./organization.type.js";

/** The organization's own settings. */
export class OrganizationService {
  constructor(private readonly db: Database) {}

  async update(ctx: RequestContext, input: UpdateOrganizationInput): Promise<Organization> {
    const actor = await requireScope(ctx, MANAGE_ORGANIZATION);
    requireNotNull(input, ["name"]);
    checkText("name", input.name, { min: 1, max: 200 });
    const days = input.retentionDays;
    if (days !== null && days !== undefined && (days < 1 || days > MAX_RETENTION_DAYS)) {
      throw invalid({
        path: "retentionDays",
        message: `Must be 1 to ${MAX_RETENTION_DAYS}, or null.`,
      });
    }
    return this.db.organization.update({
      where: { id: actor.organizationId },
      data: { name: input.name?.trim(), retentionDays: days },
    });
  }
}
