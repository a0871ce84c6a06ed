import { ArgsType, Field, InputType, ObjectType } from "type-graphql";
import type { Role } from "../database/enums.js";
import { RoleEnum } from "../graphql/enum-literals.js";
import { connectionType, PageArgs } from "../graphql/relay-connection.js";
import { DateTimeScalar, UUIDScalar } from "../graphql/scalars.js";

@ObjectType({ description: "Makes whoever has its link a member, once." })
export class Invitation {
  @Field(() => UUIDScalar, { description: "Its id." })
  id: string;

  @Field(() => String, { description: "Whose: they sign in by this address." })
  email: string;

  @Field(() => RoleEnum, { description: "What they will be." })
  role: Role;

  @Field(() => DateTimeScalar, { description: "When it was made." })
  createdAt: Date;

  @Field(() => DateTimeScalar, { description: "When its link ends." })
  expiresAt: Date;
}

@ArgsType()
export class InvitationsArgs extends PageArgs {}

export const InvitationConnection = connectionType("Invitation", Invitation);

@InputType({ description: "Whom to invite." })
export class InviteMemberInput {
  @Field(() => String, { description: "Their e-mail address. No mail is sent." })
  email: string;

  @Field(() => RoleEnum, { description: "What they will be." })
  role: Role;
}

@ObjectType({ description: "What `inviteMember` answers." })
export class InviteMemberPayload {
  @Field(() => Invitation, { description: "The invitation." })
  invitation: Invitation;

  @Field(() => String, { description: "For them alone: good once, for 7 days. Shown only here." })
  link: string;
}

@InputType({ description: "The invitation to revoke." })
export class RevokeInvitationInput {
  @Field(() => UUIDScalar, { description: "Its id." })
  id: string;
}

@ObjectType({ description: "What `revokeInvitation` answers." })
export class RevokeInvitationPayload {
  @Field(() => UUIDScalar, { description: "The invitation that is no more." })
  revokedInvitationId: string;
}

@InputType({ description: "Whose password to reset." })
export class CreateResetLinkInput {
  @Field(() => UUIDScalar, { description: "A member of this organization and of no other." })
  userId: string;
}

@ObjectType({ description: "What `createResetLink` answers." })
export class CreateResetLinkPayload {
  @Field(() => String, {
    description: "For them alone: good once, for 24 hours. Shown only here.",
  })
  link: string;
}
