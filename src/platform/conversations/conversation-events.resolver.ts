import { Arg, Resolver, Root, Subscription } from "type-graphql";
import { READ_CONVERSATIONS } from "../auth/scopes.js";
import type { RequestContext } from "../auth/context.js";
import { instanceBehind } from "../graphql/containers.js";
import { UUIDScalar } from "../graphql/scalars.js";
import { RequiresScopes } from "../graphql/requires-scopes.js";
import { ConversationEvent } from "./conversation-event.type.js";
import type { ConversationEventsService } from "./conversation-events.service.js";

@Resolver()
export class ConversationEventsResolver {
  constructor(readonly service: ConversationEventsService) {}

  @RequiresScopes(READ_CONVERSATIONS)
  @Subscription(() => ConversationEvent, {
    nullable: true,
    description:
      "Follows a conversation: what there is, and then what happens. By `POST /graphql/stream` alone, as text/event-stream.",
    subscribe: ({ args, context, info }) =>
      instanceBehind(info.schema, ConversationEventsResolver).service.follow(
        context as RequestContext,
        String(args["id"]),
      ),
  })
  conversationEvents(
    @Root() event: ConversationEvent,
    @Arg("id", () => UUIDScalar, { description: "The conversation." }) _id: string,
  ): ConversationEvent {
    if (event.failure !== undefined) throw event.failure;
    return event;
  }
}
