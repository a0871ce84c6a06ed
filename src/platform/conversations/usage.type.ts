import { Field, Float, Int, ObjectType } from "type-graphql";
import { DateTimeScalar, JSONObjectScalar } from "../graphql/scalars.js";

@ObjectType({ description: "Starts and resumes that were refused with 429, by what was used up." })
export class RefusedStarts {
  @Field(() => Int, { description: "There were as many talks as there may be." })
  concurrentTalks: number;

  @Field(() => Int, { description: "The day's minutes were used or reserved." })
  minutesPerDay: number;

  @Field(() => Int, { description: "The day's tokens were used or reserved." })
  tokensPerDay: number;
}

@ObjectType({
  description:
    "What talks use now, and have used since midnight in UTC, beside what they may use. Minutes and tokens count for the day on which they became known: a talk's minutes when its visitor has left.",
})
export class Usage {
  @Field(() => DateTimeScalar, { description: "Since when the day's numbers are counted." })
  since: Date;

  @Field(() => Int, {
    description: "Talks that have a share of the limits now; where nothing is limited none has.",
  })
  talksNow: number;

  @Field(() => Int, { description: "Talks that a visitor came to." })
  talks: number;

  @Field(() => Float, { description: "Minutes of talks that are over." })
  minutes: number;

  @Field(() => Float, { description: "Tokens that models have read and written." })
  tokens: number;

  @Field(() => Float, { description: "Minutes that talks of now may still use." })
  reservedMinutes: number;

  @Field(() => Float, { description: "Tokens that talks of now may still use." })
  reservedTokens: number;

  @Field(() => RefusedStarts, { description: "Starts that were refused." })
  refused: RefusedStarts;

  @Field(() => JSONObjectScalar, {
    description:
      "The limits that count: those that were named, and the operator's defaults for the others. A key that is absent is no limit.",
    complexity: 4,
  })
  limits: object;
}
