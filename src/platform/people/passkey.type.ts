import { Field, ObjectType } from "type-graphql";
import { DateTimeScalar, UUIDScalar } from "../graphql/scalars.js";

@ObjectType({ description: "Signs its person in to the console without a password." })
export class Passkey {
  @Field(() => UUIDScalar, { description: "Its id." })
  id: string;

  @Field(() => String, { description: "What its person calls it." })
  name: string;

  @Field(() => Boolean, {
    description:
      "Whether it is kept elsewhere too, as the authenticator said when it was last used.",
  })
  isBackedUp: boolean;

  @Field(() => DateTimeScalar, { description: "When it was added." })
  createdAt: Date;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "When its person last came by it; null: not yet.",
  })
  lastUsedAt: Date | null;
}
