import {
  LISTEN_IN,
  MANAGE_AGENTS,
  MANAGE_CONVERSATIONS,
  MANAGE_WIDGETS,
  READ_AGENTS,
  READ_CONVERSATIONS,
  READ_SENSITIVE,
  READ_WIDGETS,
} from "../auth/scopes.js";
import { DEFAULT_PAGE, MAX_PAGE } from "../database/paging.js";
import { PUBLIC_ROUTES } from "./public-routes.js";
import { page, WIDGET_FIELDS, type Route } from "./route.js";
import { NUMBER_FILTER, PUBLISHED_NUMBERS } from "./telephony.js";

const AGENT = `id organizationId name description active isDemo metadata createdAt updatedAt`;
const VERSION = `id agentId version published publishedAt config createdAt updatedAt`;
const CONVERSATION = `
  id organizationId direction channel status userId agentId agentVersionId webWidgetId
  duration userTurnCount userVerified latency { p50 p95 } usage { inputTokens outputTokens }
  createdAt updatedAt agent { id name }
  initialContext @include(if: $sensitive) summary @include(if: $sensitive) customMetadata @include(if: $sensitive)
  identityMetadata @include(if: $sensitive) consent @include(if: $sensitive)`;

export const ROUTES: readonly Route[] = [
  {
    method: "GET",
    path: "/core/web-widgets",
    summary: "List widgets, newest first",
    tag: "Widgets",
    scopes: READ_WIDGETS,
    status: 200,
    operation: `query ListWidgets($first: Int! = ${DEFAULT_PAGE}, $after: String, $agentId: UUID, $published: Boolean) {
      widgets(first: $first, after: $after, agentId: $agentId, published: $published) { ${page(WIDGET_FIELDS)} }
    }`,
  },
  {
    method: "POST",
    path: "/core/web-widgets",
    summary: "Create a widget",
    tag: "Widgets",
    scopes: MANAGE_WIDGETS,
    status: 201,
    creates: "/id",
    operation: `mutation CreateWidget($input: CreateWidgetInput!) { createWidget(input: $input) { widget { ${WIDGET_FIELDS} } } }`,
    unwraps: "widget",
  },
  {
    method: "GET",
    path: "/core/web-widgets/{id}",
    summary: "Read a widget",
    tag: "Widgets",
    scopes: READ_WIDGETS,
    status: 200,
    operation: `query GetWidget($id: UUID!) { widget(id: $id) { ${WIDGET_FIELDS} } }`,
  },
  {
    method: "PUT",
    path: "/core/web-widgets/{id}",
    summary: "Change the fields sent; each replaces the stored value",
    tag: "Widgets",
    scopes: MANAGE_WIDGETS,
    status: 200,
    operation: `mutation UpdateWidget($input: UpdateWidgetInput!) { updateWidget(input: $input) { widget { ${WIDGET_FIELDS} } } }`,
    unwraps: "widget",
  },
  {
    method: "DELETE",
    path: "/core/web-widgets/{id}",
    summary: "Delete a widget and close its rooms",
    tag: "Widgets",
    scopes: MANAGE_WIDGETS,
    status: 204,
    operation: `mutation DeleteWidget($input: DeleteWidgetInput!) { deleteWidget(input: $input) { deletedWidgetId } }`,
  },
  {
    method: "POST",
    path: "/core/web-widgets/{id}/auto-brand",
    summary: "Read a website's name, colours and logos, and suggest a config; stores nothing",
    tag: "Widgets",
    scopes: MANAGE_WIDGETS,
    status: 200,
    operation: `mutation AutoBrandWidget($input: AutoBrandWidgetInput!) {
      autoBrandWidget(input: $input) {
        brand { domain name description colors { hex role } logos { url type width height } suggestedConfig }
      }
    }`,
    unwraps: "brand",
  },
  {
    method: "GET",
    path: "/core/web-widgets/{id}/security",
    summary: "Read a widget's security settings",
    tag: "Widgets",
    scopes: MANAGE_WIDGETS,
    status: 200,
    operation: `query GetWidgetSecurity($id: UUID!) { widgetSecurity(id: $id) { strict identity limits } }`,
  },
  {
    method: "PUT",
    path: "/core/web-widgets/{id}/security",
    summary: "Change a widget's security settings",
    tag: "Widgets",
    scopes: MANAGE_WIDGETS,
    status: 200,
    operation: `mutation UpdateWidgetSecurity($input: UpdateWidgetSecurityInput!) {
      updateWidgetSecurity(input: $input) { security { strict identity limits } }
    }`,
    unwraps: "security",
  },
  {
    method: "GET",
    path: "/core/web-widgets/{id}/usage",
    summary: "Read what a widget's talks use, and may use",
    tag: "Widgets",
    scopes: READ_WIDGETS,
    status: 200,
    operation: `query GetWidgetUsage($id: UUID!) {
      widgetUsage(id: $id) {
        since talksNow talks minutes tokens reservedMinutes reservedTokens limits
        refused { concurrentTalks minutesPerDay tokensPerDay }
      }
    }`,
  },
  {
    method: "GET",
    path: "/core/agents",
    summary: "List agents, newest first",
    tag: "Agents",
    scopes: READ_AGENTS,
    status: 200,
    operation: `query ListAgents(
      $first: Int! = ${DEFAULT_PAGE}, $after: String, $name: String, $active: Boolean, $isDemo: Boolean, $metadata: JSONObject,
      $createdAfter: DateTime, $createdBefore: DateTime, $updatedAfter: DateTime, $updatedBefore: DateTime
    ) {
      agents(
        first: $first, after: $after, name: $name, active: $active, isDemo: $isDemo, metadata: $metadata,
        createdAfter: $createdAfter, createdBefore: $createdBefore, updatedAfter: $updatedAfter, updatedBefore: $updatedBefore
      ) { ${page(AGENT)} }
    }`,
  },
  {
    method: "POST",
    path: "/core/agents",
    summary: "Create an agent",
    tag: "Agents",
    scopes: MANAGE_AGENTS,
    status: 201,
    creates: "/id",
    operation: `mutation CreateAgent($input: CreateAgentInput!) { createAgent(input: $input) { agent { ${AGENT} } } }`,
    unwraps: "agent",
  },
  {
    method: "GET",
    path: "/core/agents/{id}",
    summary: "Read an agent with its versions, widgets and conversation statistics",
    tag: "Agents",
    scopes: READ_AGENTS,
    status: 200,
    flags: { seesWidgets: READ_WIDGETS, seesConversations: READ_CONVERSATIONS },
    operation: `query GetAgent($id: UUID!, $seesWidgets: Boolean!, $seesConversations: Boolean!) {
      agent(id: $id) {
        ${AGENT} versions(first: ${MAX_PAGE}) { nodes { ${VERSION} } }
        widgets(first: ${MAX_PAGE}) @include(if: $seesWidgets) { nodes { ${WIDGET_FIELDS} } }
        conversationStatistics @include(if: $seesConversations) { total byStatus }
      }
    }`,
  },
  {
    method: "PUT",
    path: "/core/agents/{id}",
    summary: "Change the fields sent",
    tag: "Agents",
    scopes: MANAGE_AGENTS,
    status: 200,
    operation: `mutation UpdateAgent($input: UpdateAgentInput!) { updateAgent(input: $input) { agent { ${AGENT} } } }`,
    unwraps: "agent",
  },
  {
    method: "DELETE",
    path: "/core/agents/{id}",
    summary: "Delete an agent that no widget uses",
    tag: "Agents",
    scopes: MANAGE_AGENTS,
    status: 204,
    operation: `mutation DeleteAgent($input: DeleteAgentInput!) { deleteAgent(input: $input) { deletedAgentId } }`,
  },
  {
    method: "GET",
    path: "/core/agents/{agent_id}/versions",
    summary: "List an agent's versions, newest first",
    tag: "Agents",
    scopes: READ_AGENTS,
    status: 200,
    operation: `query ListAgentVersions(
      $agentId: UUID!, $first: Int! = ${DEFAULT_PAGE}, $after: String, $version: Int, $published: Boolean,
      $createdAfter: DateTime, $createdBefore: DateTime, $updatedAfter: DateTime, $updatedBefore: DateTime
    ) {
      agentVersions(
        agentId: $agentId, first: $first, after: $after, version: $version, published: $published,
        createdAfter: $createdAfter, createdBefore: $createdBefore, updatedAfter: $updatedAfter, updatedBefore: $updatedBefore
      ) { ${page(VERSION)} }
    }`,
  },
  {
    method: "POST",
    path: "/core/agents/{agent_id}/versions",
    summary: "Create a draft from a config or from another version",
    tag: "Agents",
    scopes: MANAGE_AGENTS,
    status: 201,
    creates: "/version",
    operation: `mutation CreateAgentVersion($input: CreateAgentVersionInput!) {
      createAgentVersion(input: $input) { agentVersion { ${VERSION} } }
    }`,
    unwraps: "agentVersion",
  },
  {
    method: "GET",
    path: "/core/agents/{agent_id}/versions/{version}",
    summary: "Read a version by its number, or the draft as `latest`",
    tag: "Agents",
    scopes: READ_AGENTS,
    status: 200,
    operation: `query GetAgentVersion($agentId: UUID!, $version: AgentVersionRef!) {
      agentVersion(agentId: $agentId, version: $version) { ${VERSION} }
    }`,
  },
  {
    method: "PUT",
    path: "/core/agents/{agent_id}/versions/{version}",
    summary: "Change a draft",
    tag: "Agents",
    scopes: MANAGE_AGENTS,
    status: 200,
    operation: `mutation UpdateAgentVersion($input: UpdateAgentVersionInput!) {
      updateAgentVersion(input: $input) { agentVersion { ${VERSION} } }
    }`,
    unwraps: "agentVersion",
  },
  {
    method: "POST",
    path: "/core/agents/{agent_id}/versions/{version}/publish",
    summary: "Publish a version; publishing it again changes nothing",
    tag: "Agents",
    scopes: MANAGE_AGENTS,
    status: 200,
    operation: `mutation PublishAgentVersion($input: PublishAgentVersionInput!) {
      publishAgentVersion(input: $input) { agentVersion { ${VERSION} } }
    }`,
    unwraps: "agentVersion",
    telephony: PUBLISHED_NUMBERS,
    bodyOptional: true,
  },
  {
    method: "GET",
    path: "/core/agent-config-schema",
    summary: "JSON Schema of a version's config and of every card type",
    tag: "Agents",
    scopes: READ_AGENTS,
    status: 200,
    operation: `query GetAgentConfigSchema { agentConfigSchema }`,
  },
  {
    method: "GET",
    path: "/core/conversations",
    summary: "List conversations, newest first",
    tag: "Conversations",
    scopes: READ_CONVERSATIONS,
    status: 200,
    flags: { sensitive: READ_SENSITIVE },
    telephony: NUMBER_FILTER,
    operation: `query ListConversations(
      $first: Int! = ${DEFAULT_PAGE}, $after: String, $sensitive: Boolean!, $direction: Direction, $channel: Channel,
      $status: ConversationStatus, $userId: String, $agentId: UUID, $agentVersionId: UUID,
      $webWidgetId: UUID, $durationAbove: Int, $durationBelow: Int, $userTurnCountAbove: Int,
      $userTurnCountBelow: Int, $customMetadata: JSONObject, $createdAfter: DateTime, $createdBefore: DateTime
    ) {
      conversations(
        first: $first, after: $after, direction: $direction, channel: $channel, status: $status,
        userId: $userId, agentId: $agentId, agentVersionId: $agentVersionId,
        webWidgetId: $webWidgetId, durationAbove: $durationAbove, durationBelow: $durationBelow,
        userTurnCountAbove: $userTurnCountAbove, userTurnCountBelow: $userTurnCountBelow,
        customMetadata: $customMetadata, createdAfter: $createdAfter, createdBefore: $createdBefore
      ) { ${page(CONVERSATION)} }
    }`,
  },
  {
    method: "GET",
    path: "/core/conversations/{id}",
    summary: "Read a conversation",
    tag: "Conversations",
    scopes: READ_CONVERSATIONS,
    status: 200,
    flags: { sensitive: READ_SENSITIVE },
    operation: `query GetConversation($id: UUID!, $sensitive: Boolean!) {
      conversation(id: $id) {
        ${CONVERSATION}
        conversation @include(if: $sensitive) {
          messages {
            id role text mode createdAt toolCall { callId name arguments result error }
            latency { endOfTurn transcription modelFirstToken speechFirstSound total }
            usage { inputTokens outputTokens } error
          }
        }
      }
    }`,
  },
  {
    method: "POST",
    path: "/core/conversations/{id}/end",
    summary: "End a text conversation; those on webrtc, as all here are, answer 409",
    tag: "Conversations",
    scopes: MANAGE_CONVERSATIONS,
    status: 200,
    flags: { sensitive: READ_SENSITIVE },
    given: { channel: "TEXT" },
    operation: `mutation EndConversation($input: EndConversationInput!, $sensitive: Boolean!) {
      endConversation(input: $input) { conversation { ${CONVERSATION} } }
    }`,
    unwraps: "conversation",
  },
  {
    method: "POST",
    path: "/core/conversations/{id}/listener-token",
    summary: "Make a token to listen to a conversation, unseen",
    tag: "Conversations",
    scopes: LISTEN_IN,
    status: 200,
    operation: `mutation CreateListenerToken($input: CreateListenerTokenInput!) {
      createListenerToken(input: $input) { listenerToken { url token roomName expiresAt } }
    }`,
    unwraps: "listenerToken",
  },
  ...PUBLIC_ROUTES,
];
