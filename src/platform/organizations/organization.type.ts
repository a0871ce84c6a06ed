import { Field, InputType, Int, ObjectType } from "type-graphql";
import { DateTimeScalar, JSONObjectScalar } from "../graphql/scalars.js";
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

  @Field(() => JSONObjectScalar, {
    description:
      "What the talks of all its widgets together may use up, as it was named: the keys of `WidgetSecurity.limits` but `starts_per_minute`. What counts is in `usage`.",
    complexity: 4,
  })
  limits: unknown;

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

  @Field(() => JSONObjectScalar, {
    nullable: true,
    description:
      "`concurrent_talks`, `talk_minutes`, `talk_turns`, `talk_tokens`, `minutes_per_day`, `tokens_per_day`, none above the operator's default; other keys are kept. Replaced whole; null leaves it. At most 4 KB.",
  })
  limits?: object | null;
}
