import { Field, ObjectType } from "type-graphql";
import { UUIDScalar } from "../graphql/scalars.js";
import { WidgetDraft } from "./widget-history.type.js";
import { Widget } from "./widget.type.js";

@ObjectType({ description: "What `rollBackWidget` answers." })
export class RollBackWidgetPayload {
  @Field(() => Widget, { description: "The widget as it is now." })
  widget: Widget;
}

@ObjectType({ description: "What `saveWidgetDraft` answers." })
export class SaveWidgetDraftPayload {
  @Field(() => WidgetDraft, { description: "The draft as it is now." })
  draft: WidgetDraft;
}

@ObjectType({ description: "What `discardWidgetDraft` answers." })
export class DiscardWidgetDraftPayload {
  @Field(() => UUIDScalar, { description: "The id of the widget that has no draft now." })
  widgetId: string;
}
