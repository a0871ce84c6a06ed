import { Args, Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import { Agent } from "../agents/agent.type.js";
import type { RequestContext } from "../auth/context.js";
import { READ_WIDGETS } from "../auth/scopes.js";
import {
  listComplexity,
  PageArgs,
  toConnection,
  type ConnectionOf,
} from "../graphql/relay-connection.js";
import { RequiresScopes } from "../graphql/requires-scopes.js";
import { WidgetService } from "./widget.service.js";
import { WidgetConnection, type Widget } from "./widget.type.js";

/** What an agent has of widgets. */
@Resolver(() => Agent)
export class AgentWidgetsResolver {
  constructor(private readonly service: WidgetService) {}

  @RequiresScopes(READ_WIDGETS)
  @FieldResolver(() => WidgetConnection, {
    nullable: true,
    description: "The widgets that use it, newest first.",
    complexity: listComplexity,
  })
  async widgets(
    @Root() agent: Agent,
    @Ctx() ctx: RequestContext,
    @Args(() => PageArgs) args: PageArgs,
  ): Promise<ConnectionOf<Widget>> {
    return toConnection(await this.service.ofAgent(ctx, agent, args));
  }
}
