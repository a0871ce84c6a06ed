import { ROUTES } from "../../src/platform/rest/routes.js";
import type { Route } from "../../src/platform/rest/route.js";
import { PUBLIC_URL, type Answer, type TestApp } from "./app.js";
import { deliver } from "./webhook.js";
import type { World } from "./world.js";

/** How an operation is called by GraphQL: its document and the variables for what a world owns. */
export interface GraphQLCase {
  readonly document: string;
  readonly variables: (world: World) => Record<string, unknown>;
  /** Beside the visitor token. */
  readonly headers?: (world: World) => Record<string, string>;
}

/** How a REST row is called, and its GraphQL operation with the same meaning. */
export interface RestCase {
  readonly query?: (world: World) => string;
  readonly body?: (world: World) => object;
  /** Beside the visitor token. */
  readonly headers?: (world: World) => Record<string, string>;
  /** What must be true of the world first. */
  readonly before?: (app: TestApp, world: World) => Promise<void>;
  /** The code of the refusal that it always ends in. */
  readonly refusedBy?: "CONFLICT";
  readonly variables: (world: World) => Record<string, unknown>;
}

const ATTEMPT = "an-attempt-to-exchange";
const NONE = (): Record<string, unknown> => ({});
const CONFIG = { instructions: "Be brief.", own_key: { kept: true } };

/** One per REST row, by method and path. A row without one fails the tests that use them. */
export const REST_CASES: Readonly<Record<string, RestCase>> = {
  "GET /core/web-widgets": {
    query: (w) => `?agent_id=${w.agentId}&limit=5`,
    variables: (w) => ({ agentId: w.agentId, first: 5 }),
  },
  "POST /core/web-widgets": {
    body: (w) => ({ agent_id: w.agentId, agent_version_id: w.versionId, domains: ["a.example"] }),
    variables: (w) => ({
      input: { agentId: w.agentId, agentVersionId: w.versionId, domains: ["a.example"] },
    }),
  },
  "GET /core/web-widgets/{id}": { variables: (w) => ({ id: w.widgetId }) },
  "PUT /core/web-widgets/{id}": {
    body: () => ({ domains: ["b.example"], config: { v1: { theme: "dark" }, camelKey: 1 } }),
    variables: (w) => ({
      input: {
        id: w.widgetId,
        domains: ["b.example"],
        config: { v1: { theme: "dark" }, camelKey: 1 },
      },
    }),
  },
  "DELETE /core/web-widgets/{id}": { variables: (w) => ({ input: { id: w.widgetId } }) },
  "POST /core/web-widgets/{id}/auto-brand": {
    body: () => ({ domain: "www.acme-tea.com/" }),
    variables: (w) => ({ input: { id: w.widgetId, domain: "www.acme-tea.com/" } }),
  },
  "GET /core/web-widgets/{id}/security": { variables: (w) => ({ id: w.widgetId }) },
  "PUT /core/web-widgets/{id}/security": {
    body: () => ({ limits: { ownKey: 3 } }),
    variables: (w) => ({ input: { id: w.widgetId, limits: { ownKey: 3 } } }),
  },
  "GET /core/web-widgets/{id}/usage": { variables: (w) => ({ id: w.widgetId }) },
  "GET /core/agents": {
    query: () => `?name=ADA&active=true&is_demo=false`,
    variables: () => ({ name: "ADA", active: true, isDemo: false }),
  },
  "POST /core/agents": {
    body: () => ({ name: "Grace", description: "Second", metadata: { teamName: "x" } }),
    variables: () => ({
      input: { name: "Grace", description: "Second", metadata: { teamName: "x" } },
    }),
  },
  "GET /core/agents/{id}": {
    variables: (w) => ({ id: w.agentId, seesWidgets: true, seesConversations: true }),
  },
  "PUT /core/agents/{id}": {
    body: () => ({ description: null, is_demo: true }),
    variables: (w) => ({ input: { id: w.agentId, description: null, isDemo: true } }),
  },
  "DELETE /core/agents/{id}": { variables: (w) => ({ input: { id: w.agentId } }) },
  "GET /core/agents/{agent_id}/versions": {
    query: () => "?published=true",
    variables: (w) => ({ agentId: w.agentId, published: true }),
  },
  "POST /core/agents/{agent_id}/versions": {
    body: () => ({ config: CONFIG }),
    variables: (w) => ({ input: { agentId: w.agentId, from: { config: CONFIG } } }),
  },
  "GET /core/agents/{agent_id}/versions/{version}": {
    variables: (w) => ({ agentId: w.agentId, version: "2" }),
  },
  "PUT /core/agents/{agent_id}/versions/{version}": {
    body: () => ({ config: CONFIG }),
    variables: (w) => ({ input: { agentId: w.agentId, version: "2", config: CONFIG } }),
  },
  "POST /core/agents/{agent_id}/versions/{version}/publish": {
    body: () => ({ phone_numbers: [] }),
    variables: (w) => ({ input: { agentId: w.agentId, version: "2" } }),
  },
  "GET /core/agent-config-schema": { variables: NONE },
  "GET /core/conversations": {
    query: (w) =>
      `?web_widget_id=${w.widgetId}&channel=WebRTC&status=Token_Created&user_id=VISITOR&custom_metadata={"plan":"pro"}`,
    variables: (w) => ({
      webWidgetId: w.widgetId,
      channel: "WEBRTC",
      status: "TOKEN_CREATED",
      userId: "VISITOR",
      customMetadata: { plan: "pro" },
      sensitive: true,
    }),
  },
  "GET /core/conversations/{id}": {
    variables: (w) => ({ id: w.conversationId, sensitive: true }),
  },
  "POST /core/conversations/{id}/end": {
    refusedBy: "CONFLICT",
    variables: (w) => ({ input: { id: w.conversationId, channel: "TEXT" }, sensitive: true }),
  },
  "POST /core/conversations/{id}/listener-token": {
    before: visitorJoins,
    variables: (w) => ({ input: { id: w.conversationId } }),
  },
  "GET /core/public/web-widgets/{id}": { variables: (w) => ({ id: w.widgetId }) },
  "POST /core/public/web-widgets/{widget_id}/conversations": {
    body: (w) => ({ user_id: w.userId, conversation_id: w.conversationId }),
    variables: (w) => ({
      input: { widgetId: w.widgetId, userId: w.userId, conversationId: w.conversationId },
    }),
  },
  "GET /core/public/web-widgets/{widget_id}/conversations": {
    query: (w) => `?user_id=${encodeURIComponent(w.userId)}`,
    variables: (w) => ({ widgetId: w.widgetId, userId: w.userId }),
  },
  "POST /core/public/web-widgets/{widget_id}/conversations/{conversation_id}/feedback": {
    body: () => ({ data: { rating: 5 } }),
    variables: (w) => ({
      input: { widgetId: w.widgetId, conversationId: w.conversationId, data: { rating: 5 } },
    }),
  },
  "GET /core/public/web-widgets/{widget_id}/conversations/{conversation_id}/messages": {
    variables: (w) => ({ widgetId: w.widgetId, conversationId: w.conversationId }),
  },
  "GET /core/public/web-widgets/{id}/consent": {
    query: () => "?language=de-AT",
    variables: (w) => ({ id: w.widgetId, language: "de-AT" }),
  },
  "POST /core/public/web-widgets/{widget_id}/conversations/{conversation_id}/withdraw-consent": {
    before: visitorAgreed,
    variables: (w) => ({ input: { widgetId: w.widgetId, conversationId: w.conversationId } }),
  },
  "GET /core/public/web-widgets/{widget_id}/conversations/{conversation_id}/export": {
    variables: (w) => ({ widgetId: w.widgetId, conversationId: w.conversationId }),
  },
  "DELETE /core/public/web-widgets/{widget_id}/conversations/{conversation_id}": {
    variables: (w) => ({ input: { widgetId: w.widgetId, conversationId: w.conversationId } }),
  },
  "POST /core/public/web-widgets/{widget_id}/logout": {
    variables: (w) => ({ input: { widgetId: w.widgetId } }),
  },
  "POST /core/public/web-widgets/{widget_id}/handles": {
    body: (w) => ({ conversation_id: w.conversationId, visitor: "ada" }),
    headers: asPanel,
    variables: (w) => ({
      input: { widgetId: w.widgetId, conversationId: w.conversationId, visitor: "ada" },
    }),
  },
  "POST /core/public/web-widgets/{widget_id}/handles/exchange": {
    body: (w) => ({ handle: w.handle, attempt: ATTEMPT }),
    headers: asPanel,
    variables: (w) => ({ input: { widgetId: w.widgetId, handle: w.handle, attempt: ATTEMPT } }),
  },
};

/** What who is signed in to the console has alone, whatever a token's scopes: see test/platform/console. */
export const PERSONAL: readonly string[] = [
  "viewer",
  "changePassword",
  "updateViewer",
  "endSession",
  "startTotp",
  "confirmTotp",
  "removeTotp",
  "startPasskey",
  "confirmPasskey",
  "renamePasskey",
  "removePasskey",
  "createPersonalToken",
  "revokePersonalToken",
  "createDraftPreview",
];

/** Operations of the schema that no REST row runs, by their field. */
const GRAPHQL_ONLY: Readonly<Record<string, GraphQLCase>> = {
  me: { document: "{ me { tokenId organization { id name } scopes } }", variables: NONE },
  apiKeys: {
    document: "{ apiKeys(first: 100) { nodes { id name scopes expiresAt revokedAt } } }",
    variables: NONE,
  },
  auditLog: {
    document:
      "query ($subjectId: String) { auditLog(subjectId: $subjectId) { nodes { action via actor { kind id credentialId name } subject { kind id } changes { path before after } } } }",
    variables: (w) => ({ subjectId: w.widgetId }),
  },
  widgetConfigSchema: { document: "{ widgetConfigSchema }", variables: NONE },
  createApiKey: {
    document:
      'mutation { createApiKey(input: { name: "n", scopes: [AGENTS_READ] }) { secret apiKey { id } } }',
    variables: NONE,
  },
  revokeApiKey: {
    document:
      "mutation ($id: String!) { revokeApiKey(input: { id: $id }) { apiKey { id revokedAt } } }",
    variables: (w) => ({ id: w.keyId }),
  },
  inviteMember: {
    document:
      'mutation { inviteMember(input: { email: "new@people.example", role: VIEWER }) { invitation { id email role } link } }',
    variables: NONE,
  },
  revokeInvitation: {
    document:
      "mutation ($input: RevokeInvitationInput!) { revokeInvitation(input: $input) { revokedInvitationId } }",
    variables: (w) => ({ input: { id: w.invitationId } }),
  },
  createResetLink: {
    document:
      "mutation ($input: CreateResetLinkInput!) { createResetLink(input: $input) { link } }",
    variables: (w) => ({ input: { userId: w.memberId } }),
  },
  updateMember: {
    document:
      "mutation ($input: UpdateMemberInput!) { updateMember(input: $input) { member { user { id } role } } }",
    variables: (w) => ({ input: { userId: w.memberId, role: "ADMIN" } }),
  },
  removeMember: {
    document:
      "mutation ($input: RemoveMemberInput!) { removeMember(input: $input) { removedUserId } }",
    variables: (w) => ({ input: { userId: w.memberId } }),
  },
  updateOrganization: {
    document:
      "mutation { updateOrganization(input: { retentionDays: 90 }) { organization { id } } }",
    variables: NONE,
  },
  eraseVisitor: {
    document:
      "mutation ($userId: String!) { eraseVisitor(input: { userId: $userId }) { erasedConversations } }",
    variables: (w) => ({ userId: w.userId }),
  },
  rotateWidgetIdentitySecret: {
    document:
      "mutation ($id: UUID!) { rotateWidgetIdentitySecret(input: { id: $id }) { previousUntil } }",
    variables: (w) => ({ id: w.widgetId }),
  },
  rollBackWidget: {
    document:
      "mutation ($id: UUID!) { rollBackWidget(input: { id: $id, revision: 1 }) { widget { id domains } } }",
    variables: (w) => ({ id: w.widgetId }),
  },
  saveWidgetDraft: {
    document:
      'mutation ($id: UUID!) { saveWidgetDraft(input: { id: $id, domains: ["half"], basedOn: 1 }) { draft { id domains basedOn } } }',
    variables: (w) => ({ id: w.widgetId }),
  },
  discardWidgetDraft: {
    document: "mutation ($id: UUID!) { discardWidgetDraft(input: { id: $id }) { widgetId } }",
    variables: (w) => ({ id: w.widgetId }),
  },
  revokeVisitorTokens: {
    document: "mutation ($id: UUID!) { revokeVisitorTokens(input: { id: $id }) { widget { id } } }",
    variables: (w) => ({ id: w.widgetId }),
  },
};

/** From the page of ours that stands in the website's. */
function asPanel({ embedTicket }: World): Record<string, string> {
  return { origin: PUBLIC_URL, "x-embed-ticket": embedTicket };
}

/** LiveKit tells that the world's visitor has come into the room. */
async function visitorJoins(app: TestApp, { conversationId }: World): Promise<void> {
  const { name, visitorIdentity } = await app.db.conversationRoom.findFirstOrThrow({
    where: { conversationId },
  });
  await deliver(app, { event: "participant_joined", room: name, identity: visitorIdentity });
}

/** The world's conversation began with an agreement. */
async function visitorAgreed(app: TestApp, { conversationId }: World): Promise<void> {
  const consent = {
    version: "1",
    language: "en",
    text_sha256: "0".repeat(64),
    at: "2026-01-01T00:00:00.000Z",
  };
  await app.db.conversation.update({ where: { id: conversationId }, data: { consent } });
}

export function routeKey(route: Route): string {
  return `${route.method} ${route.path}`;
}

/** @throws Error for a row that has no case yet. */
export function restCase(route: Route): RestCase {
  const found = REST_CASES[routeKey(route)];
  if (!found) throw new Error(`${routeKey(route)} has no case in test/support/operations.ts`);
  return found;
}

/** The one field that a row's operation selects. */
export function rootFieldOf(route: Route): string {
  const body = route.operation.slice(route.operation.indexOf("{"));
  return /\{\s*(\w+)/.exec(body)?.[1] ?? "";
}

/** What a row answers, out of the data of its operation. */
export function answeredOf(route: Route, data: Record<string, unknown>): unknown {
  const root = data[rootFieldOf(route)];
  return route.unwraps === undefined ? root : Reflect.get(Object(root), route.unwraps);
}

/** Every operation that has a case, by its field: those of the REST rows and the others. */
export function graphQLCases(): Record<string, GraphQLCase> {
  const ofRows = ROUTES.map((route) => [
    rootFieldOf(route),
    { document: route.operation, ...restCase(route) },
  ]);
  return { ...(Object.fromEntries(ofRows) as Record<string, GraphQLCase>), ...GRAPHQL_ONLY };
}

/** The row's path with the ids of a world. */
export function pathOf(route: Route, world: World): string {
  const ids: Record<string, string> = {
    agent_id: world.agentId,
    widget_id: world.widgetId,
    conversation_id: world.conversationId,
    version: "2",
    id:
      route.tag === "Agents"
        ? world.agentId
        : route.tag === "Conversations"
          ? world.conversationId
          : world.widgetId,
  };
  return route.path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => ids[name] ?? name);
}

/** Calls a row for what `world` owns, with `world.key` unless another is given. */
export function callRoute(
  app: TestApp,
  route: Route,
  world: World,
  options: { key?: string | undefined; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const { query, body } = restCase(route);
  return app.call(route.method, pathOf(route, world) + (query?.(world) ?? ""), {
    key: "key" in options ? options.key : route.scopes ? world.key : undefined,
    body: body?.(world),
    headers: options.headers ?? headersOf(restCase(route), world),
  });
}

/** What a case's request has beside its credential and its body, at both doors. */
export function headersOf(
  { headers }: Pick<RestCase, "headers">,
  world: World,
): Record<string, string> {
  return { "x-visitor-token": world.visitorToken, ...headers?.(world) };
}

/** A call to a row with a body of its own. */
export function callWith(
  app: TestApp,
  route: Route,
  world: World,
  body: unknown,
  headers?: Record<string, string>,
): Promise<Answer> {
  return app.call(route.method, pathOf(route, world), {
    key: route.scopes ? world.key : undefined,
    body,
    ...(headers ? { headers } : {}),
  });
}
