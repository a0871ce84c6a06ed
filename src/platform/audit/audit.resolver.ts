import { Args, Ctx, Query, Resolver } from "type-graphql";
import type { RequestContext } from "../auth/context.js";
import { MANAGE_ORGANIZATION } from "../auth/scopes.js";
import { listComplexity, toConnection, type ConnectionOf } from "../graphql/relay-connection.js";
import { RequiresScopes } from "../graphql/requires-scopes.js";
import { AuditService } from "./audit.service.js";
import { AuditEntry, AuditEntryConnection, AuditLogArgs } from "./audit.type.js";

@Resolver(() => AuditEntry)
export class AuditResolver {
  constructor(private readonly audit: AuditService) {}

  @RequiresScopes(MANAGE_ORGANIZATION)
  @Query(() => AuditEntryConnection, {
    nullable: true,
    description: "Who changed what in the organization, and how, newest first.",
    complexity: listComplexity,
  })
  async auditLog(
    @Ctx() ctx: RequestContext,
    @Args(() => AuditLogArgs) args: AuditLogArgs,
  ): Promise<ConnectionOf<AuditEntry>> {
    return toConnection(await this.audit.list(ctx, args));
  }
}
