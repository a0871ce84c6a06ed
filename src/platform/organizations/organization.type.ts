import { Field, InputType, Int, ObjectType } from "type-graphql";
import { DateTimeScalar } from "../graphql/scalars.js";
import { MAX_RETENTION_DAYS } from "./retention-days.js";

@ObjectType({ description: "An organization: the tenant that owns everything else." })
export class Organization {
  @Field(() => String, { description: "Its id." })
  id: string;

  @Field(() => String, { description: "Its name." })
  name: string;

  @Field(() => Int, {
    nullable: true,
    description: "Days after which an ended conversation is removed; null: never.",
  })
  retentionDays: number | null;

  @Field(() => DateTimeScalar, { description: "When it was created." })
  createdAt: Date;
}

@InputType({ description: "A change to the organization: absent fields stay as they are." })
export class UpdateOrganizationInput {
  @Field(() => String, { nullable: true, description: "1 to 200 characters; cannot be null." })
  name?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: `1 to ${MAX_RETENTION_DAYS} days; null keeps conversations for good.`,
  })
  retentionDays?: number | null;
}
