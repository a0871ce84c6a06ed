import { Arg, Resolver, Root, Subscription } from "type-graphql";
import { READ_CONVERSATIONS } from "../auth/scopes.js";
import type { RequestContext } from "../auth/context.js";
import { instanceBehind } from "../graphql/containers.js";
import { UUIDScalar } from "../graphql/scalars.js";
import { RequiresScopes } from "../graphql/requires-scopes.js";
import { ConversationStart } from "./conversation-start.type.js";
import type { ConversationStartsService, StartOrFailure } from "./conversation-starts.service.js";

@Resolver()
export class ConversationStartsResolver {
  constructor(readonly service: ConversationStartsService) {}

  @RequiresScopes(READ_CONVERSATIONS)
  @Subscription(() => ConversationStart, {
    nullable: true,
    description:
      "Tells of each conversation that begins, and first of those of the last half minute. By `POST /graphql/stream` alone, as text/event-stream.",
    subscribe: ({ args, context, info }) =>
      instanceBehind(info.schema, ConversationStartsResolver).service.follow(
        context as RequestContext,
        typeof args["webWidgetId"] === "string" ? args["webWidgetId"] : undefined,
      ),
  })
  conversationStarted(
    @Root() start: StartOrFailure,
    @Arg("webWidgetId", () => UUIDScalar, {
      nullable: true,
      description: "Only those of this widget. Absent: of all.",
    })
    _webWidgetId: string | null,
  ): ConversationStart {
    if ("failure" in start) throw start.failure;
    return start;
  }
}
