import { ArgsType, Field, InputType, ObjectType } from "type-graphql";
import type { Scope } from "../auth/scopes.js";
import { connectionType, PageArgs } from "../graphql/relay-connection.js";
import { ScopeEnum } from "../graphql/enum-literals.js";
import { DateTimeScalar } from "../graphql/scalars.js";
import { Organization } from "./organization.type.js";

@ObjectType({ description: "Who the token belongs to and what it may do." })
export class Me {
  @Field(() => String, { description: "The token's public id." })
  tokenId: string;

  @Field(() => Organization, { description: "The organization the token acts in." })
  organization: Organization;

  @Field(() => [ScopeEnum], { description: "What it may do." })
  scopes: Scope[];
}

@ObjectType({
  description: "An organization's key. Its secret is shown once and stored only as a hash.",
})
export class ApiKey {
  @Field(() => String, { description: "The public part: `ak_<id>.…`." })
  id: string;

  @Field(() => String, { description: "What it is for." })
  name: string;

  @Field(() => [ScopeEnum], { description: "What it may do." })
  scopes: string[];

  @Field(() => DateTimeScalar, { nullable: true, description: "When it ends; null: never." })
  expiresAt: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "When it was revoked." })
  revokedAt: Date | null;

  @Field(() => DateTimeScalar, { description: "When it was created." })
  createdAt: Date;
}

@InputType({ description: "A new key." })
export class CreateApiKeyInput {
  @Field(() => String, { description: "1 to 200 characters." })
  name: string;

  @Field(() => [ScopeEnum], { description: "At least one. A caller can grant only scopes it has." })
  scopes: Scope[];

  @Field(() => DateTimeScalar, { nullable: true, description: "When it ends; null: never." })
  expiresAt?: Date | null;
}

@InputType({ description: "The key to revoke." })
export class RevokeApiKeyInput {
  @Field(() => String, { description: "Its public id." })
  id: string;
}

@ArgsType()
export class ApiKeysArgs extends PageArgs {}

export const ApiKeyConnection = connectionType("ApiKey", ApiKey);
