import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { MANAGE_ORGANIZATION } from "../auth/scopes.js";
import type { RequestContext } from "../auth/context.js";
import { OrganizationService } from "./organization.service.js";
import { Organization, UpdateOrganizationInput } from "./organization.type.js";
import { UpdateOrganizationPayload } from "./organization.payload.js";
import { RequiresScopes } from "../graphql/requires-scopes.js";

@Resolver(() => Organization)
export class OrganizationResolver {
  constructor(private readonly service: OrganizationService) {}

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
}
