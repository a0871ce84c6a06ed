import { isInputObjectType, specifiedDirectives, type GraphQLSchema } from "graphql";
import { buildSchemaSync } from "type-graphql";
import { AgentResolver, AgentVersionResolver } from "./agents/agent.resolver.js";
import { AuditResolver } from "./audit/audit.resolver.js";
import type { Scope } from "./auth/scopes.js";
import { requireScope } from "./auth/require-scope.js";
import type { RequestContext } from "./auth/context.js";
import {
  ConversationResolver,
  PublicConversationResolver,
} from "./conversations/conversation.resolver.js";
import { ConversationEventsResolver } from "./conversations/conversation-events.resolver.js";
import { ConversationStartsResolver } from "./conversations/conversation-starts.resolver.js";
import { InviteResolver } from "./people/invite.resolver.js";
import { MemberResolver } from "./people/member.resolver.js";
import { PasskeyResolver } from "./people/passkey.resolver.js";
import { PersonalTokenResolver } from "./people/personal-token.resolver.js";
import { SecondFactorResolver } from "./people/second-factor.resolver.js";
import { ViewerResolver } from "./people/viewer.resolver.js";
import { ApiKeyResolver } from "./organizations/api-key.resolver.js";
import { OrganizationResolver } from "./organizations/organization.resolver.js";
import { keepContainer, type Container } from "./graphql/containers.js";
import { isMeantAsOneOf } from "./graphql/keywords.js";
import { REQUIRES_SCOPES } from "./graphql/requires-scopes.js";
import { AgentWidgetsResolver } from "./widgets/agent-widgets.resolver.js";
import { WidgetResolver } from "./widgets/widget.resolver.js";
import {
  WidgetDraftResolver,
  WidgetHistoryResolver,
  WidgetRevisionResolver,
} from "./widgets/widget-history.resolver.js";
import {
  AgentConversationsResolver,
  ConversationWidgetResolver,
  WidgetConversationsResolver,
} from "./conversations/owned-conversations.resolver.js";
import { VisitorDataResolver } from "./conversations/visitor-data.resolver.js";
import { RetentionResolver } from "./conversations/retention.resolver.js";
import { DraftPreviewResolver } from "./conversations/draft-preview.resolver.js";
import { VisitorHandleResolver } from "./conversations/visitor-handle.resolver.js";
import { OrganizationUsageResolver, WidgetUsageResolver } from "./conversations/usage.resolver.js";

/** The one schema behind both doors. */
export function buildGraphQLSchema(container: Container): GraphQLSchema {
  const schema = buildSchemaSync({
    resolvers: [
      AgentResolver,
      AgentVersionResolver,
      WidgetResolver,
      WidgetHistoryResolver,
      WidgetRevisionResolver,
      WidgetDraftResolver,
      ConversationWidgetResolver,
      ConversationResolver,
      PublicConversationResolver,
      DraftPreviewResolver,
      VisitorHandleResolver,
      ConversationEventsResolver,
      ConversationStartsResolver,
      ApiKeyResolver,
      AuditResolver,
      OrganizationResolver,
      ViewerResolver,
      PersonalTokenResolver,
      SecondFactorResolver,
      PasskeyResolver,
      MemberResolver,
      InviteResolver,
      AgentWidgetsResolver,
      AgentConversationsResolver,
      WidgetConversationsResolver,
      RetentionResolver,
      VisitorDataResolver,
      WidgetUsageResolver,
      OrganizationUsageResolver,
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
    // It asks for one as soon as there is a subscription; ours read what is stored.
    pubSub: { subscribe: nobodyPublishes, publish: nobodyPublishes },
    // Arguments are checked by the services, whose errors name fields.
    validate: false,
  });
  keepContainer(schema, container);
  return completed(schema);
}

function nobodyPublishes(): never {
  throw new Error("subscriptions have a source of their own");
}

/** With what type-graphql's release candidate has no words for. */
function completed(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (isInputObjectType(type)) type.isOneOf = isMeantAsOneOf(type);
  }
  const [query, mutation] = [schema.getQueryType(), schema.getMutationType()];
  const subscription = schema.getSubscriptionType();
  if (subscription) subscription.description = "What can be followed, by `POST /graphql/stream`.";
  if (query) query.description = "What can be read.";
  if (mutation)
    mutation.description =
      "What can be changed; of several in one document each has its own answer.";
  return schema;
}
