import { Field, ObjectType } from "type-graphql";
import { DateTimeScalar, JSONObjectScalar } from "../graphql/scalars.js";
import { Capabilities } from "./conversation.type.js";

@ObjectType({ description: "What `createDraftPreview` answers." })
export class CreateDraftPreviewPayload {
  @Field(() => String, {
    description:
      "For the panel, to start with once: in the body of `POST /core/public/draft-previews/start`, never in an address.",
  })
  token: string;

  @Field(() => DateTimeScalar, { description: "Until when it may be used: ten minutes." })
  expiresAt: Date;

  @Field(() => JSONObjectScalar, {
    description: "The widget's config as it is now and stays for this preview: the panel's look.",
  })
  widgetConfig: object;

  @Field(() => [JSONObjectScalar], {
    description: "The version's quick actions, for a look that has none.",
  })
  quickActions: object[];

  @Field(() => Capabilities, { description: "What the talk can do." })
  capabilities: Capabilities;
}
