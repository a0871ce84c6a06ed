import { Field, Int, ObjectType } from "type-graphql";
import type { IdentityMode } from "../database/enums.js";
import { connectionType } from "../graphql/relay-connection.js";
import { BrandColorRoleEnum, BrandLogoTypeEnum } from "../brand/brand-enums.js";
import type { BrandColorRole, BrandLogoType } from "../brand/brand-words.js";
import { IdentityModeEnum } from "../graphql/enum-literals.js";
import { DateTimeScalar, JSONObjectScalar, UUIDScalar } from "../graphql/scalars.js";

@ObjectType({ description: "A reason, for a program and for a person." })
export class ReadinessItem {
  @Field(() => String, { description: "Stable, in upper case: `VERSION_NOT_PUBLISHED`." })
  code: string;

  @Field(() => String, { description: "One sentence." })
  message: string;
}

@ObjectType({ description: "Whether visitors can talk now, and if not, why." })
export class WidgetReadiness {
  @Field(() => Boolean, { description: "True when nothing blocks." })
  live: boolean;

  @Field(() => [ReadinessItem], { description: "What keeps visitors out, one reason each." })
  blockers: ReadinessItem[];

  @Field(() => [ReadinessItem], {
    description: "What the owner probably did not intend, though it keeps nobody out.",
  })
  warnings: ReadinessItem[];
}

@ObjectType({
  description:
    "A widget's security settings. They are not part of `config` and never in a public answer.",
})
export class WidgetSecurity {
  @Field(() => Boolean, {
    description:
      "Starting needs an embed ticket, everything else about a conversation a visitor token.",
  })
  strict: boolean;

  @Field(() => IdentityModeEnum, {
    description:
      "Whether the website's own server signs for its visitors. The secret for that comes from `rotateWidgetIdentitySecret`.",
  })
  identity: IdentityMode;

  @Field(() => JSONObjectScalar, {
    description:
      "Limits of this widget, beside those per client address. `starts_per_minute` (1 to 100,000): conversations that all visitors together may start or resume in a minute; absent: any number. What talks may use up: `concurrent_talks`, `talk_minutes`, `talk_turns`, `talk_tokens`, `minutes_per_day`, `tokens_per_day`; absent: the operator's default, which `Widget.usage` names. Other keys are kept and have no effect.",
    complexity: 4,
  })
  limits: unknown;
}

@ObjectType({ description: "What a widget is made of.", simpleResolvers: true })
abstract class WidgetBase {
  @Field(() => UUIDScalar, { description: "Its id, which the embed snippet names." })
  id: string;

  @Field(() => String, { description: "The organization that owns it." })
  organizationId: string;

  @Field(() => UUIDScalar, { description: "The agent that answers." })
  agentId: string;

  @Field(() => UUIDScalar, { description: "The version that answers, by its UUID." })
  agentVersionId: string;

  @Field(() => [String], {
    description: "Origins (protocol, host, port) that may embed it, matched exactly; empty: any.",
  })
  domains: string[];

  @Field(() => Boolean, {
    description: "Whether visitors may use it; the version must be published too.",
  })
  published: boolean;

  @Field(() => JSONObjectScalar, {
    description: "Looks and behaviour under `v1`. Public, word for word.",
  })
  config: unknown;

  @Field(() => DateTimeScalar, { description: "When it was created." })
  createdAt: Date;

  @Field(() => DateTimeScalar, { description: "When it last changed." })
  updatedAt: Date;
}

@ObjectType({ description: "A colour of a website." })
export class BrandColor {
  @Field(() => String, { description: "`#rrggbb`." })
  hex: string;

  @Field(() => BrandColorRoleEnum, { description: "What it is for." })
  role: BrandColorRole;
}

@ObjectType({ description: "A picture that stands for a website." })
export class BrandLogo {
  @Field(() => String, { description: "Where it is." })
  url: string;

  @Field(() => BrandLogoTypeEnum, { description: "What it is." })
  type: BrandLogoType;

  @Field(() => Int, { nullable: true, description: "Pixels, when known." })
  width: number | null;

  @Field(() => Int, { nullable: true, description: "Pixels, when known." })
  height: number | null;
}

@ObjectType({ description: "What a website says about itself. Nothing of it is stored." })
export class Brand {
  @Field(() => String, { description: "Without protocol, `www.` and trailing slash." })
  domain: string;

  @Field(() => String, { nullable: true, description: "Its name." })
  name: string | null;

  @Field(() => String, { nullable: true, description: "What it is about." })
  description: string | null;

  @Field(() => [BrandColor], { description: "Its colours, the most characteristic first." })
  colors: readonly BrandColor[];

  @Field(() => [BrandLogo], { description: "Its logos and icons, the most suitable first." })
  logos: readonly BrandLogo[];

  @Field(() => JSONObjectScalar, {
    description:
      "A `v1` object to merge into the widget's config and save; its text colours meet WCAG AA on their backgrounds.",
  })
  suggestedConfig: unknown;
}

@ObjectType({ description: "Binds an agent version to a website." })
export class Widget extends WidgetBase {}

/** A type of its own: nothing that takes a credential can be reached from a public answer. */
@ObjectType({ description: "A live widget as a visitor's browser reads it: the same object." })
export class PublicWidget extends WidgetBase {}

@ObjectType({ description: "What visitors of a widget are asked to agree to." })
export class WidgetConsent {
  @Field(() => Boolean, { description: "Whether nothing starts without it." })
  required: boolean;

  @Field(() => String, { description: "What a start names as agreed to." })
  version: string;

  @Field(() => String, { description: "The language of the words: a BCP 47 tag." })
  language: string;

  @Field(() => String, { description: "The words, in Markdown: the owner's, or ours." })
  text: string;

  @Field(() => String, {
    description: "SHA-256 of the words, in hex; a conversation keeps the one that was agreed to.",
  })
  textSha256: string;
}

export const WidgetConnection = connectionType("Widget", Widget);
