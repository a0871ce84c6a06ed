import { Arg, Args, Ctx, FieldResolver, Mutation, Resolver } from "type-graphql";
import type { RequestContext } from "../auth/context.js";
import { MANAGE_ORGANIZATION } from "../auth/scopes.js";
import { listComplexity, toConnection, type ConnectionOf } from "../graphql/relay-connection.js";
import { RequiresScopes } from "../graphql/requires-scopes.js";
import { Organization } from "../organizations/organization.type.js";
import { MemberService } from "./member.service.js";
import {
  Member,
  MemberConnection,
  MembersArgs,
  RemoveMemberInput,
  RemoveMemberPayload,
  UpdateMemberInput,
  UpdateMemberPayload,
} from "./member.type.js";

@Resolver(() => Organization)
export class MemberResolver {
  constructor(private readonly service: MemberService) {}

  @RequiresScopes(MANAGE_ORGANIZATION)
  @FieldResolver(() => MemberConnection, {
    nullable: true,
    description: "Who belongs to it, the newest first.",
    complexity: listComplexity,
  })
  async members(
    @Ctx() ctx: RequestContext,
    @Args(() => MembersArgs) args: MembersArgs,
  ): Promise<ConnectionOf<Member>> {
    return toConnection(await this.service.list(ctx, args));
  }

  @RequiresScopes(MANAGE_ORGANIZATION)
  @Mutation(() => UpdateMemberPayload, {
    nullable: true,
    description:
      "Gives a member another role, which counts at once. The last administrator stays one.",
  })
  async updateMember(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => UpdateMemberInput, {
      description: "Its fields, and the ids that it concerns.",
    })
    input: UpdateMemberInput,
  ): Promise<UpdateMemberPayload> {
    return { member: await this.service.update(ctx, input) };
  }

  @RequiresScopes(MANAGE_ORGANIZATION)
  @Mutation(() => RemoveMemberPayload, {
    nullable: true,
    description:
      "Ends a membership at once, for sessions and personal tokens alike. The last administrator stays.",
  })
  async removeMember(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => RemoveMemberInput, {
      description: "Its fields, and the ids that it concerns.",
    })
    input: RemoveMemberInput,
  ): Promise<RemoveMemberPayload> {
    return { removedUserId: await this.service.remove(ctx, input.userId) };
  }
}
