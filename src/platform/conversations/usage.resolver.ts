import { Arg, Ctx, FieldResolver, Query, Resolver, Root } from "type-graphql";
import type { RequestContext } from "../auth/context.js";
import { MANAGE_ORGANIZATION, READ_WIDGETS } from "../auth/scopes.js";
import { RequiresScopes } from "../graphql/requires-scopes.js";
import { UUIDScalar } from "../graphql/scalars.js";
import { Organization } from "../organizations/organization.type.js";
import { Widget } from "../widgets/widget.type.js";
import { UsageService } from "./usage.service.js";
import { Usage } from "./usage.type.js";

@Resolver(() => Widget)
export class WidgetUsageResolver {
  constructor(private readonly service: UsageService) {}

  @RequiresScopes(READ_WIDGETS)
  @Query(() => Usage, { nullable: true, description: "What a widget's talks use, and may use." })
  widgetUsage(
    @Ctx() ctx: RequestContext,
    @Arg("id", () => UUIDScalar, { description: "The widget's id." }) id: string,
  ): Promise<Usage> {
    return this.service.get(ctx, id);
  }

  @RequiresScopes(READ_WIDGETS)
  @FieldResolver(() => Usage, {
    nullable: true,
    description: "What its talks use, and may use.",
  })
  usage(@Root() widget: Widget, @Ctx() ctx: RequestContext): Promise<Usage> {
    return this.service.ofWidget(ctx, widget);
  }
}

@Resolver(() => Organization)
export class OrganizationUsageResolver {
  constructor(private readonly service: UsageService) {}

  @RequiresScopes(MANAGE_ORGANIZATION)
  @FieldResolver(() => Usage, {
    nullable: true,
    description: "What the talks of all its widgets use, and may use.",
  })
  usage(@Ctx() ctx: RequestContext): Promise<Usage> {
    return this.service.ofOrganization(ctx);
  }
}
