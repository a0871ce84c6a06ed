import { buildSchemaSync } from "type-graphql";
import { AgentResolver, AgentVersionResolver } from "./agents/agent.resolver.js";
import type { Scope } from "./auth/scopes.js";
import { requireScope } from "./auth/require-scope.js";
import type { RequestContext } from "./auth/context.js";
import {
  ConversationResolver,
  PublicConversationResolver,
} from "./conversations/conversation.resolver.js";
import { ApiKeyResolver } from "./organizations/api-key.resolver.js";
import { OrganizationResolver } from "./organizations/organization.resolver.js";
import { specifiedDirectives, type GraphQLSchema } from "graphql";
import { REQUIRES_SCOPES } from "./graphql/requires-scopes.js";
import { AgentWidgetsResolver } from "./widgets/agent-widgets.resolver.js";
import { WidgetResolver } from "./widgets/widget.resolver.js";
import {
  AgentConversationsResolver,
  ConversationWidgetResolver,
  WidgetConversationsResolver,
} from "./conversations/owned-conversations.resolver.js";
import { RetentionResolver } from "./conversations/retention.resolver.js";

/** Resolver instances by their class: all the container that type-graphql needs. */
export type Container = ReadonlyMap<unknown, unknown>;

/** The one schema behind both doors. */
export function buildGraphQLSchema(container: Container): GraphQLSchema {
  return buildSchemaSync({
    resolvers: [
      AgentResolver,
      AgentVersionResolver,
      WidgetResolver,
      ConversationWidgetResolver,
      ConversationResolver,
      PublicConversationResolver,
      ApiKeyResolver,
      OrganizationResolver,
      AgentWidgetsResolver,
      AgentConversationsResolver,
      WidgetConversationsResolver,
      RetentionResolver,
    ],
    directives: [...specifiedDirectives, REQUIRES_SCOPES],
    container: {
      get: (someClass) => {
        const instance = container.get(someClass);
        if (!instance) throw new Error(`compose.ts made no ${someClass.name}`);
        return instance;
      },
    },
    // The second lock; the service has the first. Throws, so that the error is ours.
    authChecker: async ({ context }: { context: RequestContext }, scopes: Scope[]) => {
      await requireScope(context, scopes);
      return true;
    },
    // Arguments are checked by the services, whose errors name fields.
    validate: false,
  });
}
