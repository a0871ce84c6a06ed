import { Arg, Authorized, Ctx, Int, Mutation, Resolver } from "type-graphql";
import { MANAGE_CONVERSATIONS, MANAGE_ORGANIZATION } from "../auth/scopes.js";
import type { RequestContext } from "../context.js";
import { RetentionService } from "../conversations/retention.service.js";
import { OrganizationService } from "./organization.service.js";
import { Organization, UpdateOrganizationInput } from "./organization.type.js";

@Resolver(() => Organization)
export class OrganizationResolver {
  constructor(
    private readonly service: OrganizationService,
    private readonly retention: RetentionService,
  ) {}

  @Authorized(...MANAGE_ORGANIZATION)
  @Mutation(() => Organization, {
    description: "Changes the organization's settings, such as its retention.",
  })
  updateOrganization(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => UpdateOrganizationInput, { description: "The change." })
    input: UpdateOrganizationInput,
  ): Promise<Organization> {
    return this.service.update(ctx, input);
  }

  @Authorized(...MANAGE_CONVERSATIONS)
  @Mutation(() => Int, {
    description:
      "Removes a visitor's conversations with their metadata for good; answers how many there were.",
  })
  eraseVisitor(
    @Ctx() ctx: RequestContext,
    @Arg("userId", () => String, { description: "The visitor, exactly." }) userId: string,
  ): Promise<number> {
    return this.retention.eraseVisitor(ctx, userId);
  }
}
