import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { MANAGE_CONVERSATIONS, MANAGE_ORGANIZATION } from "../auth/scopes.js";
import type { RequestContext } from "../auth/context.js";
import { RetentionService } from "../conversations/retention.service.js";
import { OrganizationService } from "./organization.service.js";
import { EraseVisitorInput, Organization, UpdateOrganizationInput } from "./organization.type.js";
import { EraseVisitorPayload, UpdateOrganizationPayload } from "./organization.payload.js";
import { RequiresScopes } from "../graphql/requires-scopes.js";

@Resolver(() => Organization)
export class OrganizationResolver {
  constructor(
    private readonly service: OrganizationService,
    private readonly retention: RetentionService,
  ) {}

  @RequiresScopes(MANAGE_ORGANIZATION)
  @Mutation(() => UpdateOrganizationPayload, {
    nullable: true,
    description: "Changes the organization's settings, such as its retention.",
  })
  async updateOrganization(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => UpdateOrganizationInput, {
      description: "Its fields, and the ids that it concerns.",
    })
    input: UpdateOrganizationInput,
  ): Promise<UpdateOrganizationPayload> {
    return { organization: await this.service.update(ctx, input) };
  }

  @RequiresScopes(MANAGE_CONVERSATIONS)
  @Mutation(() => EraseVisitorPayload, {
    nullable: true,
    description:
      "Removes a visitor's conversations with their metadata for good; answers how many there were.",
  })
  async eraseVisitor(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => EraseVisitorInput, {
      description: "Its fields, and the ids that it concerns.",
    })
    input: EraseVisitorInput,
  ): Promise<EraseVisitorPayload> {
    return { erasedConversations: await this.retention.eraseVisitor(ctx, input.userId) };
  }
}
