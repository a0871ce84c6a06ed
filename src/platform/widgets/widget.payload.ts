import { Field, ObjectType } from "type-graphql";
import { DateTimeScalar, UUIDScalar } from "../graphql/scalars.js";
import { Brand, Widget, WidgetSecurity } from "./widget.type.js";

@ObjectType({ description: "What `createWidget` answers." })
export class CreateWidgetPayload {
  @Field(() => Widget, { description: "The new widget." })
  widget: Widget;
}

@ObjectType({ description: "What `updateWidget` answers." })
export class UpdateWidgetPayload {
  @Field(() => Widget, { description: "The widget as it is now." })
  widget: Widget;
}

@ObjectType({ description: "What `deleteWidget` answers." })
export class DeleteWidgetPayload {
  @Field(() => UUIDScalar, { description: "The id of the widget that is gone." })
  deletedWidgetId: string;
}

@ObjectType({ description: "What `updateWidgetSecurity` answers." })
export class UpdateWidgetSecurityPayload {
  @Field(() => WidgetSecurity, { description: "The settings as they are now." })
  security: WidgetSecurity;
}

@ObjectType({ description: "What `revokeVisitorTokens` answers." })
export class RevokeVisitorTokensPayload {
  @Field(() => Widget, { description: "The widget." })
  widget: Widget;
}

@ObjectType({ description: "What `autoBrandWidget` answers." })
export class AutoBrandWidgetPayload {
  @Field(() => Brand, { description: "What the website says about itself." })
  brand: Brand;
}

@ObjectType({
  description:
    "What `rotateWidgetIdentitySecret` answers: the new secret, which is shown only here.",
})
export class RotateWidgetIdentitySecretPayload {
  @Field(() => String, {
    description:
      "Shown this once. Sign JWTs with it on the website's own server: HS256, the text itself as the key.",
  })
  secret: string;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Until when the secret before stays good; null when there was none.",
  })
  previousUntil: Date | null;
}
