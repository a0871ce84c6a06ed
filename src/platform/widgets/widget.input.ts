import { ArgsType, Field, InputType, Int } from "type-graphql";
import type { IdentityMode } from "../database/enums.js";
import { PageArgs } from "../graphql/relay-connection.js";
import { IdentityModeEnum } from "../graphql/enum-literals.js";
import { keywords } from "../graphql/keywords.js";
import { JSONObjectScalar, UUIDScalar } from "../graphql/scalars.js";
import { MAX_DOMAINS } from "./origins.js";

const DOMAINS =
  "Origins that may embed it, normalised on write (`example.com` → `https://example.com`); at most 100.";
const CONFIG = "Public, word for word; checked under `v1`, unknown keys kept. At most 64 KB.";

@InputType({ description: "A new widget." })
export class CreateWidgetInput {
  @Field(() => UUIDScalar, { description: "The agent that answers." })
  agentId: string;

  @Field(() => UUIDScalar, { description: "A version of that agent." })
  agentVersionId: string;

  @Field(() => [String], { nullable: true, description: DOMAINS })
  @keywords({ maxItems: MAX_DOMAINS })
  domains?: string[] | null;

  @Field(() => Boolean, { nullable: true, description: "Default: false." })
  published?: boolean | null;

  @Field(() => JSONObjectScalar, { nullable: true, description: CONFIG })
  config?: object | null;
}

@InputType({
  description:
    "A change to a widget: absent fields stay as they are, each given one replaces the stored value.",
})
export class UpdateWidgetInput {
  @Field(() => UUIDScalar, { description: "The widget's id." })
  id: string;

  @Field(() => UUIDScalar, {
    nullable: true,
    description: "The agent that answers; cannot be null.",
  })
  @keywords({ notNull: true })
  agentId?: string | null;

  @Field(() => UUIDScalar, {
    nullable: true,
    description: "A version of that agent; cannot be null.",
  })
  @keywords({ notNull: true })
  agentVersionId?: string | null;

  @Field(() => [String], { nullable: true, description: `${DOMAINS} Null leaves them.` })
  @keywords({ maxItems: MAX_DOMAINS })
  domains?: string[] | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "Whether visitors may use it; null leaves it.",
  })
  published?: boolean | null;

  @Field(() => JSONObjectScalar, {
    nullable: true,
    description: `${CONFIG} Replaced whole; null leaves it.`,
  })
  config?: object | null;

  @Field(() => Int, {
    nullable: true,
    description:
      "The number of the revision that the change was made from: CONFLICT where a given field has been saved since.",
  })
  basedOn?: number | null;
}

@InputType({
  description: "A change to a widget's security settings: absent fields stay as they are.",
})
export class UpdateWidgetSecurityInput {
  @Field(() => UUIDScalar, { description: "The widget's id." })
  id: string;

  @Field(() => Boolean, {
    nullable: true,
    description: "Whether tickets and visitor tokens are required; null leaves it.",
  })
  strict?: boolean | null;

  @Field(() => IdentityModeEnum, {
    nullable: true,
    description: "Whether visitors bring an identity token of the website; null leaves it.",
  })
  identity?: IdentityMode | null;

  @Field(() => JSONObjectScalar, {
    nullable: true,
    description:
      "`starts_per_minute`, `concurrent_talks`, `talk_minutes`, `talk_turns`, `talk_tokens`, `minutes_per_day`, `tokens_per_day`, and keys of your own. Replaced whole; null leaves it. At most 4 KB.",
  })
  limits?: object | null;
}

@InputType({ description: "The widget to delete." })
export class DeleteWidgetInput {
  @Field(() => UUIDScalar, { description: "Its id." })
  id: string;
}

@InputType({ description: "A website to read for a widget." })
export class AutoBrandWidgetInput {
  @Field(() => UUIDScalar, { description: "The widget's id." })
  id: string;

  @Field(() => String, { description: "A public host name, such as `example.com`." })
  domain: string;
}

@InputType({ description: "The widget that gets a new secret." })
export class RotateWidgetIdentitySecretInput {
  @Field(() => UUIDScalar, { description: "Its id." })
  id: string;
}

@InputType({ description: "The widget whose visitor tokens end." })
export class RevokeVisitorTokensInput {
  @Field(() => UUIDScalar, { description: "Its id." })
  id: string;
}

@ArgsType()
export class WidgetsArgs extends PageArgs {
  @Field(() => UUIDScalar, { nullable: true, description: "Only those of this agent." })
  agentId?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "Only published ones (true), or only others (false).",
  })
  published?: boolean | null;
}
