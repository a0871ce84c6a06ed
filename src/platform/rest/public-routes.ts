import { DEFAULT_PAGE } from "../database/paging.js";
import { page, WIDGET_FIELDS, type Route } from "./route.js";

const PUBLIC_CONVERSATION = `
  id organizationId direction channel status userId agentId agentVersionId webWidgetId
  duration userTurnCount userVerified createdAt updatedAt agent { id name }`;

/** What visitors' browsers ask, without a credential of the owner's (contract section 5). */
export const PUBLIC_ROUTES: readonly Route[] = [
  {
    method: "GET",
    path: "/core/public/web-widgets/{id}",
    summary: "Read a live widget, as a visitor's browser does",
    tag: "Public runtime",
    status: 200,
    revalidated: true,
    operation: `query GetPublicWidget($id: UUID!) { publicWidget(id: $id) { ${WIDGET_FIELDS} } }`,
  },
  {
    method: "POST",
    path: "/core/public/web-widgets/{widget_id}/conversations",
    summary: "Start a conversation, or resume one in a fresh room",
    tag: "Public runtime",
    status: 200,
    creates: "/conversation/id",
    repeatable: true,
    operation: `mutation StartConversation($input: StartConversationInput!) {
      startConversation(input: $input) {
        conversation { ${PUBLIC_CONVERSATION} } connectionDetails { url token room }
        capabilities { supportsVideoInput supportsScreenShare supportsVoice agentAvailable } visitorToken
      }
    }`,
  },
  {
    method: "GET",
    path: "/core/public/web-widgets/{widget_id}/conversations",
    summary: "List a widget's conversations: safe columns only",
    tag: "Public runtime",
    status: 200,
    operation: `query ListPublicConversations(
      $widgetId: UUID!, $first: Int! = ${DEFAULT_PAGE}, $after: String, $channel: Channel, $status: ConversationStatus,
      $userId: String, $own: Boolean, $createdAfter: DateTime, $createdBefore: DateTime
    ) {
      publicConversations(
        widgetId: $widgetId, first: $first, after: $after, channel: $channel, status: $status,
        userId: $userId, own: $own, createdAfter: $createdAfter, createdBefore: $createdBefore
      ) { ${page(`${PUBLIC_CONVERSATION} firstWords`)} }
    }`,
  },
  {
    method: "POST",
    path: "/core/public/web-widgets/{widget_id}/conversations/{conversation_id}/feedback",
    summary: "Give feedback on a conversation, once",
    tag: "Public runtime",
    status: 200,
    operation: `mutation SubmitFeedback($input: SubmitFeedbackInput!) { submitFeedback(input: $input) { status } }`,
  },
  {
    method: "GET",
    path: "/core/public/web-widgets/{widget_id}/conversations/{conversation_id}/messages",
    summary: "What was said, for the holder of the conversation's visitor token",
    tag: "Public runtime",
    status: 200,
    operation: `query GetConversationMessages($widgetId: UUID!, $conversationId: UUID!) {
      conversationMessages(widgetId: $widgetId, conversationId: $conversationId) {
        messages { id role text mode createdAt } visitorToken
      }
    }`,
  },
  {
    method: "POST",
    path: "/core/public/web-widgets/{widget_id}/logout",
    summary: "End the key of the visitor token everywhere",
    tag: "Public runtime",
    status: 200,
    operation: `mutation LogoutVisitor($input: LogoutVisitorInput!) { logoutVisitor(input: $input) { status } }`,
  },
  {
    method: "POST",
    path: "/core/public/web-widgets/{widget_id}/handles",
    summary: "Make a handle for a page to keep, where the panel can keep nothing",
    tag: "Public runtime",
    status: 200,
    operation: `mutation CreateHandle($input: CreateHandleInput!) {
      createHandle(input: $input) { handle expiresAt }
    }`,
  },
  {
    method: "POST",
    path: "/core/public/web-widgets/{widget_id}/handles/exchange",
    summary: "Exchange a handle for what belongs to it, and for the next one",
    tag: "Public runtime",
    status: 200,
    operation: `mutation ExchangeHandle($input: ExchangeHandleInput!) {
      exchangeHandle(input: $input) {
        handle expiresAt visitorToken conversationId isOver userId visitor customMetadata
      }
    }`,
  },
  {
    method: "GET",
    path: "/core/public/web-widgets/{id}/consent",
    summary: "What visitors are asked to agree to, in their language",
    tag: "Public runtime",
    status: 200,
    operation: `query GetWidgetConsent($id: UUID!, $language: String) {
      widgetConsent(id: $id, language: $language) { required version language text textSha256 }
    }`,
  },
  {
    method: "POST",
    path: "/core/public/web-widgets/{widget_id}/conversations/{conversation_id}/withdraw-consent",
    summary: "Withdraw the consent of a conversation, which ends",
    tag: "Public runtime",
    status: 200,
    operation: `mutation WithdrawConsent($input: WithdrawConsentInput!) { withdrawConsent(input: $input) { status } }`,
  },
  {
    method: "GET",
    path: "/core/public/web-widgets/{widget_id}/conversations/{conversation_id}/export",
    summary: "All that is kept of a conversation, for the holder of its visitor token",
    tag: "Public runtime",
    status: 200,
    operation: `query ExportConversation($widgetId: UUID!, $conversationId: UUID!) {
      conversationExport(widgetId: $widgetId, conversationId: $conversationId) {
        conversation { ${PUBLIC_CONVERSATION} } customMetadata consent summary messages { id role text mode createdAt }
      }
    }`,
  },
  {
    method: "DELETE",
    path: "/core/public/web-widgets/{widget_id}/conversations/{conversation_id}",
    summary: "Remove a conversation for good, by its visitor token",
    tag: "Public runtime",
    status: 204,
    operation: `mutation EraseConversation($input: EraseConversationInput!) { eraseConversation(input: $input) { erasedConversationId } }`,
  },
];
