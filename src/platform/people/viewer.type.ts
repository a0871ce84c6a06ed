import { Field, InputType, Int, ObjectType } from "type-graphql";
import type { Scope } from "../auth/scopes.js";
import type { Role } from "../database/enums.js";
import { RoleEnum, ScopeEnum } from "../graphql/enum-literals.js";
import { DateTimeScalar, UUIDScalar } from "../graphql/scalars.js";
import { Passkey } from "./passkey.type.js";
import { PersonalToken } from "./personal-token.type.js";
import { PASSWORD_LENGTH } from "../../protocol/console-api.js";

@ObjectType({ description: "A person." })
export class User {
  @Field(() => UUIDScalar, { description: "Their id." })
  id: string;

  @Field(() => String, { description: "Their address, in lower case: what they sign in with." })
  email: string;

  @Field(() => String, { description: "Their name; empty when they gave none." })
  name: string;
}

@ObjectType({ description: "What anybody who belongs to an organization may know of it." })
export class OrganizationName {
  @Field(() => String, { description: "Its id, for `X-Anyreach-Org`." })
  id: string;

  @Field(() => String, { description: "Its name." })
  name: string;
}

@ObjectType({ description: "One of the organizations of who is signed in." })
export class ViewerOrganization {
  @Field(() => OrganizationName, { description: "Which one." })
  organization: OrganizationName;

  @Field(() => RoleEnum, { description: "What they are in it." })
  role: Role;

  @Field(() => [ScopeEnum], { description: "What this session may do in it." })
  scopes: Scope[];
}

@ObjectType({ description: "A browser that is signed in to the console." })
export class ConsoleSession {
  @Field(() => UUIDScalar, { description: "Its public id." })
  id: string;

  @Field(() => DateTimeScalar, { description: "When somebody signed in." })
  createdAt: Date;

  @Field(() => DateTimeScalar, { description: "When it was last used, to the minute." })
  lastSeenAt: Date;

  @Field(() => DateTimeScalar, { description: "When it ends, unless it is used before." })
  expiresAt: Date;

  @Field(() => DateTimeScalar, {
    description:
      "When its person last proved who they are: for 15 minutes secrets are made and shown by it.",
  })
  confirmedAt: Date;

  @Field(() => Boolean, { description: "Whether its person has shown more than a password." })
  hasSecondFactor: boolean;

  @Field(() => Boolean, { description: "Whether it is the one that asks." })
  current: boolean;
}

@ObjectType({ description: "The company's provider of OpenID Connect." })
export class SignInProvider {
  @Field(() => String, { description: "What it is called." })
  name: string;

  @Field(() => Boolean, { description: "Whether it signs them in." })
  isConnected: boolean;
}

@ObjectType({ description: "Who is signed in to the console." })
export class Viewer {
  @Field(() => User, { description: "The person." })
  user: User;

  @Field(() => [ViewerOrganization], {
    description: "Where they are a member, by name.",
    complexity: 10,
  })
  organizations: ViewerOrganization[];

  @Field(() => ConsoleSession, { description: "The session that asks." })
  session: ConsoleSession;

  @Field(() => [ConsoleSession], {
    description: "All of the person's that are not over, newest first.",
    complexity: 10,
  })
  sessions: ConsoleSession[];

  @Field(() => [PersonalToken], {
    description: "Their tokens that are not revoked, newest first.",
    complexity: 10,
  })
  personalTokens: PersonalToken[];

  @Field(() => [Passkey], { description: "Their passkeys, oldest first.", complexity: 10 })
  passkeys: Passkey[];

  @Field(() => Boolean, {
    description: "Whether they are asked for a code of an authenticator app at each sign-in.",
  })
  hasTotp: boolean;

  @Field(() => Int, { description: "How many recovery codes they have not used." })
  recoveryCodesLeft: number;

  @Field(() => Boolean, { description: "Whether they can sign in by a password." })
  hasPassword: boolean;

  @Field(() => SignInProvider, {
    nullable: true,
    description: "By which people can sign in here beside a password; null where there is none.",
  })
  provider: SignInProvider | null;
}

@InputType({ description: "Another password." })
export class ChangePasswordInput {
  @Field(() => String, {
    nullable: true,
    description: "The present one; only who has none leaves it out.",
  })
  currentPassword?: string | null;

  @Field(() => String, {
    description: `The new one: ${PASSWORD_LENGTH.min} to ${PASSWORD_LENGTH.max} characters.`,
  })
  newPassword: string;
}

@ObjectType({ description: "What `changePassword` answers." })
export class ChangePasswordPayload {
  @Field(() => Viewer, { description: "Who is signed in; all their other sessions have ended." })
  viewer: Viewer;
}

@InputType({ description: "What a person says of themselves." })
export class UpdateViewerInput {
  @Field(() => String, { description: "Their name: at most 200 characters." })
  name: string;
}

@ObjectType({ description: "What `updateViewer` answers." })
export class UpdateViewerPayload {
  @Field(() => Viewer, { description: "Who is signed in." })
  viewer: Viewer;
}

@InputType({ description: "The session to end." })
export class EndSessionInput {
  @Field(() => UUIDScalar, { description: "One of the person's own." })
  id: string;
}

@ObjectType({ description: "What `endSession` answers." })
export class EndSessionPayload {
  @Field(() => UUIDScalar, { description: "The session that is no more." })
  endedSessionId: string;
}
