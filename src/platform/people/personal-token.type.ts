import { Field, InputType, ObjectType } from "type-graphql";
import { DateTimeScalar } from "../graphql/scalars.js";

@ObjectType({
  description: "Lets a program act as its person. It may do what the person may at that moment.",
})
export class PersonalToken {
  @Field(() => String, { description: "The public part: `pat_<id>.…`." })
  id: string;

  @Field(() => String, { description: "What it is for." })
  name: string;

  @Field(() => DateTimeScalar, { nullable: true, description: "When it ends; null: never." })
  expiresAt: Date | null;

  @Field(() => DateTimeScalar, { description: "When it was made." })
  createdAt: Date;
}

@InputType({ description: "A new personal token." })
export class CreatePersonalTokenInput {
  @Field(() => String, { description: "1 to 200 characters." })
  name: string;

  @Field(() => DateTimeScalar, { nullable: true, description: "When it ends; null: never." })
  expiresAt?: Date | null;
}

@ObjectType({ description: "What `createPersonalToken` answers." })
export class CreatePersonalTokenPayload {
  @Field(() => String, { description: "The whole token. Shown only here." })
  secret: string;

  @Field(() => PersonalToken, { description: "The token." })
  personalToken: PersonalToken;
}

@InputType({ description: "The personal token to revoke." })
export class RevokePersonalTokenInput {
  @Field(() => String, { description: "Its public id." })
  id: string;
}

@ObjectType({ description: "What `revokePersonalToken` answers." })
export class RevokePersonalTokenPayload {
  @Field(() => String, { description: "The token that is no more." })
  revokedTokenId: string;
}
