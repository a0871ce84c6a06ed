import { ArgsType, Field, InputType, ObjectType } from "type-graphql";
import type { Role } from "../database/enums.js";
import { RoleEnum } from "../graphql/enum-literals.js";
import { connectionType, PageArgs } from "../graphql/relay-connection.js";
import { DateTimeScalar, UUIDScalar } from "../graphql/scalars.js";
import { User } from "./viewer.type.js";

@ObjectType({ description: "A person who belongs to the organization." })
export class Member {
  @Field(() => User, { description: "Who." })
  user: User;

  @Field(() => RoleEnum, { description: "What they may do in it." })
  role: Role;

  @Field(() => DateTimeScalar, { description: "When they came to it." })
  createdAt: Date;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "When they last used the console for it, to the minute; null: never.",
  })
  lastSeenAt: Date | null;
}

@ArgsType()
export class MembersArgs extends PageArgs {}

export const MemberConnection = connectionType("Member", Member);

@InputType({ description: "Another role for a member." })
export class UpdateMemberInput {
  @Field(() => UUIDScalar, { description: "The member." })
  userId: string;

  @Field(() => RoleEnum, { description: "What they are from now on." })
  role: Role;
}

@ObjectType({ description: "What `updateMember` answers." })
export class UpdateMemberPayload {
  @Field(() => Member, { description: "The member as they are now." })
  member: Member;
}

@InputType({ description: "The member to remove." })
export class RemoveMemberInput {
  @Field(() => UUIDScalar, { description: "The member." })
  userId: string;
}

@ObjectType({ description: "What `removeMember` answers." })
export class RemoveMemberPayload {
  @Field(() => UUIDScalar, { description: "Who is no member any more." })
  removedUserId: string;
}
