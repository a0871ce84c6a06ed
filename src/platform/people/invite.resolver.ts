import { Arg, Args, Ctx, FieldResolver, Mutation, Resolver } from "type-graphql";
import type { RequestContext } from "../auth/context.js";
import { MANAGE_ORGANIZATION } from "../auth/scopes.js";
import { listComplexity, toConnection, type ConnectionOf } from "../graphql/relay-connection.js";
import { RequiresScopes } from "../graphql/requires-scopes.js";
import { Organization } from "../organizations/organization.type.js";
import { InviteService } from "./invite.service.js";
import {
  CreateResetLinkInput,
  CreateResetLinkPayload,
  Invitation,
  InvitationConnection,
  InvitationsArgs,
  InviteMemberInput,
  InviteMemberPayload,
  RevokeInvitationInput,
  RevokeInvitationPayload,
} from "./invite.type.js";

const INPUT = { description: "Its fields, and the ids that it concerns." };

@Resolver(() => Organization)
export class InviteResolver {
  constructor(private readonly service: InviteService) {}

  @RequiresScopes(MANAGE_ORGANIZATION)
  @FieldResolver(() => InvitationConnection, {
    nullable: true,
    description: "Who is invited to it and has not come, the newest first.",
    complexity: listComplexity,
  })
  async invitations(
    @Ctx() ctx: RequestContext,
    @Args(() => InvitationsArgs) args: InvitationsArgs,
  ): Promise<ConnectionOf<Invitation>> {
    return toConnection(await this.service.list(ctx, args));
  }

  @RequiresScopes(MANAGE_ORGANIZATION)
  @Mutation(() => InviteMemberPayload, {
    nullable: true,
    description: "Makes a link by which somebody becomes a member. Once more ends the former link.",
  })
  inviteMember(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => InviteMemberInput, INPUT) input: InviteMemberInput,
  ): Promise<InviteMemberPayload> {
    return this.service.invite(ctx, input);
  }

  @RequiresScopes(MANAGE_ORGANIZATION)
  @Mutation(() => RevokeInvitationPayload, {
    nullable: true,
    description: "Ends an invitation that nobody has used.",
  })
  async revokeInvitation(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => RevokeInvitationInput, INPUT) input: RevokeInvitationInput,
  ): Promise<RevokeInvitationPayload> {
    return { revokedInvitationId: await this.service.revoke(ctx, input.id) };
  }

  @RequiresScopes(MANAGE_ORGANIZATION)
  @Mutation(() => CreateResetLinkPayload, {
    nullable: true,
    description:
      "Makes a link by which a member gets another password; using it ends all their sessions.",
  })
  async createResetLink(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => CreateResetLinkInput, INPUT) input: CreateResetLinkInput,
  ): Promise<CreateResetLinkPayload> {
    return { link: await this.service.createReset(ctx, input.userId) };
  }
}
