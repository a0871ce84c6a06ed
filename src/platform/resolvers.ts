import { AgentResolver, AgentVersionResolver } from "./agents/agent.resolver.js";
import { AuditResolver } from "./audit/audit.resolver.js";
import { ConversationEventsResolver } from "./conversations/conversation-events.resolver.js";
import { ConversationStartsResolver } from "./conversations/conversation-starts.resolver.js";
import {
  ConversationResolver,
  PublicConversationResolver,
} from "./conversations/conversation.resolver.js";
import {
  AgentConversationsResolver,
  ConversationWidgetResolver,
  WidgetConversationsResolver,
} from "./conversations/owned-conversations.resolver.js";
import { RetentionResolver } from "./conversations/retention.resolver.js";
import { OrganizationUsageResolver, WidgetUsageResolver } from "./conversations/usage.resolver.js";
import { VisitorDataResolver } from "./conversations/visitor-data.resolver.js";
import { DraftPreviewResolver } from "./conversations/draft-preview.resolver.js";
import type { DraftPreviewService } from "./conversations/draft-preview.service.js";
import { VisitorHandleResolver } from "./conversations/visitor-handle.resolver.js";
import { ApiKeyResolver } from "./organizations/api-key.resolver.js";
import { OrganizationResolver } from "./organizations/organization.resolver.js";
import { InviteResolver } from "./people/invite.resolver.js";
import { MemberResolver } from "./people/member.resolver.js";
import { PasskeyResolver } from "./people/passkey.resolver.js";
import { PersonalTokenResolver } from "./people/personal-token.resolver.js";
import { SecondFactorResolver } from "./people/second-factor.resolver.js";
import { ViewerResolver } from "./people/viewer.resolver.js";
import { AgentWidgetsResolver } from "./widgets/agent-widgets.resolver.js";
import {
  WidgetDraftResolver,
  WidgetHistoryResolver,
  WidgetRevisionResolver,
} from "./widgets/widget-history.resolver.js";
import { WidgetResolver } from "./widgets/widget.resolver.js";
import type { AgentService } from "./agents/agent.service.js";
import type { AuditService } from "./audit/audit.service.js";
import type { ConversationEventsService } from "./conversations/conversation-events.service.js";
import type { ConversationStartsService } from "./conversations/conversation-starts.service.js";
import type { ConversationService } from "./conversations/conversation.service.js";
import type { LiveTalkService } from "./conversations/live-talk.service.js";
import type { PublicConversationService } from "./conversations/public-conversation.service.js";
import type { RetentionService } from "./conversations/retention.service.js";
import type { StartConversationService } from "./conversations/start-conversation.service.js";
import type { UsageService } from "./conversations/usage.service.js";
import type { VisitorDataService } from "./conversations/visitor-data.service.js";
import type { VisitorHandleService } from "./conversations/visitor-handle.service.js";
import type { VisitorService } from "./conversations/visitor.service.js";
import type { ApiKeyService } from "./organizations/api-key.service.js";
import type { OrganizationService } from "./organizations/organization.service.js";
import type { InviteService } from "./people/invite.service.js";
import type { MemberService } from "./people/member.service.js";
import type { PasskeyService } from "./people/passkey.service.js";
import type { PersonalTokenService } from "./people/personal-token.service.js";
import type { SecondFactorService } from "./people/second-factor.service.js";
import type { ViewerService } from "./people/viewer.service.js";
import type { PublicWidgetService } from "./widgets/public-widget.service.js";
import type { WidgetHistoryService } from "./widgets/widget-history.service.js";
import type { WidgetService } from "./widgets/widget.service.js";
import type { Container } from "./graphql/containers.js";

/** What resolvers ask. */
interface Services {
  readonly agents: AgentService;
  readonly widgets: WidgetService;
  readonly gate: PublicWidgetService;
  readonly history: WidgetHistoryService;
  readonly conversations: ConversationService;
  readonly liveTalks: LiveTalkService;
  readonly publicConversations: PublicConversationService;
  readonly starts: StartConversationService;
  readonly visitors: VisitorService;
  readonly previews: DraftPreviewService;
  readonly handles: VisitorHandleService;
  readonly events: ConversationEventsService;
  readonly conversationStarts: ConversationStartsService;
  readonly keys: ApiKeyService;
  readonly audit: AuditService;
  readonly organizations: OrganizationService;
  readonly people: {
    readonly viewers: ViewerService;
    readonly secondFactors: SecondFactorService;
    readonly passkeys: PasskeyService;
    readonly personalTokens: PersonalTokenService;
    readonly members: MemberService;
    readonly invites: InviteService;
  };
  readonly retention: RetentionService;
  readonly visitorData: VisitorDataService;
  readonly usage: UsageService;
}

/** Each resolver of the schema, by its class. */
export function createResolvers(services: Services): Container {
  return new Map<unknown, unknown>([
    [AgentResolver, new AgentResolver(services.agents)],
    [AgentVersionResolver, new AgentVersionResolver(services.agents)],
    [WidgetResolver, new WidgetResolver(services.widgets, services.gate)],
    [WidgetHistoryResolver, new WidgetHistoryResolver(services.history)],
    [WidgetRevisionResolver, new WidgetRevisionResolver(services.history)],
    [WidgetDraftResolver, new WidgetDraftResolver(services.history)],
    [ConversationWidgetResolver, new ConversationWidgetResolver(services.conversations)],
    [ConversationResolver, new ConversationResolver(services.conversations, services.liveTalks)],
    [
      PublicConversationResolver,
      new PublicConversationResolver(
        services.publicConversations,
        services.starts,
        services.visitors,
      ),
    ],
    [DraftPreviewResolver, new DraftPreviewResolver(services.previews)],
    [VisitorHandleResolver, new VisitorHandleResolver(services.handles)],
    [ConversationEventsResolver, new ConversationEventsResolver(services.events)],
    [ConversationStartsResolver, new ConversationStartsResolver(services.conversationStarts)],
    [ApiKeyResolver, new ApiKeyResolver(services.keys)],
    [AuditResolver, new AuditResolver(services.audit)],
    [OrganizationResolver, new OrganizationResolver(services.organizations)],
    [ViewerResolver, new ViewerResolver(services.people.viewers)],
    [
      SecondFactorResolver,
      new SecondFactorResolver(services.people.secondFactors, services.people.viewers),
    ],
    [PasskeyResolver, new PasskeyResolver(services.people.passkeys, services.people.viewers)],
    [PersonalTokenResolver, new PersonalTokenResolver(services.people.personalTokens)],
    [MemberResolver, new MemberResolver(services.people.members)],
    [InviteResolver, new InviteResolver(services.people.invites)],
    [AgentWidgetsResolver, new AgentWidgetsResolver(services.widgets)],
    [AgentConversationsResolver, new AgentConversationsResolver(services.conversations)],
    [WidgetConversationsResolver, new WidgetConversationsResolver(services.conversations)],
    [RetentionResolver, new RetentionResolver(services.retention)],
    [
      VisitorDataResolver,
      new VisitorDataResolver(services.publicConversations, services.visitorData),
    ],
    [WidgetUsageResolver, new WidgetUsageResolver(services.usage)],
    [OrganizationUsageResolver, new OrganizationUsageResolver(services.usage)],
  ]);
}
