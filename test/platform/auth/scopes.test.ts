import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SCOPES, type Scope } from "../../../src/platform/auth/scopes.js";
import { ROUTES } from "../../../src/platform/rest/routes.js";
import type { Route } from "../../../src/platform/rest/route.js";
import { TestApp, type Answer } from "../../support/app.js";
import { callRoute, graphQLCases, rootFieldOf, routeKey } from "../../support/operations.js";
import { makeWorld, nowhere, type World } from "../../support/world.js";

let app: TestApp;
let world: World;
/** One key for each scope, with that scope alone. */
let keys: Map<Scope, string>;
/** Nothing that exists, so that an allowed call ends in 404 or 422 and changes nothing. */
let missing: World;

beforeAll(async () => {
  app = await TestApp.start();
  world = await makeWorld(app);
  missing = nowhere(world.key);
  keys = new Map();
  for (const scope of SCOPES) keys.set(scope, await app.key(world.organizationId, [scope]));
});
afterAll(() => app.stop());

const AREAS = { Widgets: "web_widgets", Agents: "agents", Conversations: "conversations" } as const;

/** The contract's rule, not the table's own list: reads take read or manage, writes manage. */
function expectedScopes(route: Route): readonly Scope[] {
  if (route.tag === "Public runtime") return SCOPES;
  const area = AREAS[route.tag];
  if (rootFieldOf(route) === "createListenerToken") {
    return ["conversations:manage", "conversations:read_sensitive"];
  }
  const guarded = route.path.endsWith("/security");
  return route.method === "GET" && !guarded
    ? [`${area}:read`, `${area}:manage`]
    : [`${area}:manage`];
}

/** The same for operations without a row. */
const ONLY_GRAPHQL: Readonly<Record<string, readonly Scope[]>> = {
  me: ["organizations:manage"],
  apiKeys: ["organizations:manage"],
  auditLog: ["organizations:manage"],
  widgetConfigSchema: ["web_widgets:read", "web_widgets:manage"],
  createApiKey: ["organizations:manage"],
  revokeApiKey: ["organizations:manage"],
  revokeVisitorTokens: ["web_widgets:manage"],
  rotateWidgetIdentitySecret: ["web_widgets:manage"],
  rollBackWidget: ["web_widgets:manage"],
  saveWidgetDraft: ["web_widgets:manage"],
  discardWidgetDraft: ["web_widgets:manage"],
  updateOrganization: ["organizations:manage"],
  inviteMember: ["organizations:manage"],
  revokeInvitation: ["organizations:manage"],
  createResetLink: ["organizations:manage"],
  updateMember: ["organizations:manage"],
  removeMember: ["organizations:manage"],
  eraseVisitor: ["conversations:manage"],
};

describe("by REST, each row takes the scopes of the contract and no other", () => {
  for (const route of ROUTES) {
    test(routeKey(route), async () => {
      const allowed = new Set<Scope>();
      for (const [scope, key] of keys) {
        const answer = await callRoute(app, route, missing, { key });
        expect(answer.status, scope).not.toBe(401);
        expect(answer.status, scope).toBeLessThan(500);
        // The filter custom_metadata asks for one scope more, in words of its own.
        if (answer.body?.detail?.startsWith("This needs the scope ")) {
          expect(answer.status).toBe(403);
        } else allowed.add(scope);
      }
      expect([...allowed].toSorted()).toEqual(expectedScopes(route).toSorted());
    });
  }
});

describe("by GraphQL, each operation takes the same scopes", () => {
  const ofRows = new Map(ROUTES.map((route) => [rootFieldOf(route), expectedScopes(route)]));
  for (const [field, { document, variables }] of Object.entries(graphQLCases())) {
    test(field, async () => {
      const expected = ofRows.get(field) ?? ONLY_GRAPHQL[field];
      if (!expected) throw new Error(`${field} has no expected scopes`);
      for (const [scope, key] of keys) {
        // The flags of a row ask for more than its scopes: here only the operation itself counts.
        const flags = { seesWidgets: false, seesConversations: false, sensitive: false };
        const given = variables(missing);
        const asked = Object.fromEntries(
          Object.entries({ ...given, ...flags, customMetadata: undefined }).filter(([name]) =>
            document.includes(`$${name}:`),
          ),
        );
        const answer = await app.gql(document, asked, key);
        // createApiKey is allowed, and then refuses to grant agents:read.
        const refused = codes(answer).includes("FORBIDDEN") && !/grant/.test(answer.text);
        expect(refused, scope).toBe(!expected.includes(scope));
        expect(codes(answer)).not.toContain("INTERNAL_SERVER_ERROR");
      }
    });
  }
});

test("without a credential every row but the public ones answers 401", async () => {
  for (const route of ROUTES) {
    const answer = await callRoute(app, route, missing, { key: undefined });
    if (route.tag === "Public runtime") {
      expect(answer.status, routeKey(route)).toBe(404);
    } else {
      expect(answer.status, routeKey(route)).toBe(401);
      expect(answer.body).toEqual({ detail: "Token is missing." });
      expect(answer.headers.get("www-authenticate")).toBe("Bearer");
    }
  }
});

test("without a credential every operation but the public ones answers UNAUTHENTICATED", async () => {
  const isPublic = new Set(
    ROUTES.filter((route) => route.tag === "Public runtime").map(rootFieldOf),
  );
  for (const [field, { document, variables }] of Object.entries(graphQLCases())) {
    const answer = await app.gql(document, variables(missing));
    // With all that an agent has, the document costs more than anybody may ask for without a credential.
    const refusal = field === "agent" ? "QUERY_TOO_LARGE" : "UNAUTHENTICATED";
    expect(codes(answer), field).toEqual([isPublic.has(field) ? "NOT_FOUND" : refusal]);
  }
});

test("who may not call is told so before the body is looked at", async () => {
  const key = keys.get("agents:read");
  expect((await app.post("/core/agents", "{ broken", key)).status).toBe(403);
  expect((await app.post("/core/agents", "{ broken")).status).toBe(401);
  expect((await app.post("/core/agents", "{ broken", world.key)).status).toBe(400);
});

test("nested fields take the scope of what they return; the rest of the answer stays", async () => {
  const agentsKey = keys.get("agents:read");
  const agent = await app.gql(
    `query ($id: UUID!) { agent(id: $id) { id versions { nodes { id } } widgets { nodes { id } } conversationStatistics { total } } }`,
    { id: world.agentId },
    agentsKey,
  );
  expect(agent.body.data.agent).toMatchObject({
    id: world.agentId,
    widgets: null,
    conversationStatistics: null,
  });
  expect(agent.body.data.agent.versions.nodes).toHaveLength(2);
  expect(errorPaths(agent)).toEqual({
    "agent.conversationStatistics": "FORBIDDEN",
    "agent.widgets": "FORBIDDEN",
  });

  const widget = await app.gql(
    `query ($id: UUID!) { widget(id: $id) {
      id agent { id } agentVersion { id } security { strict } conversations { nodes { id } } readiness { live }
    } }`,
    { id: world.widgetId },
    keys.get("web_widgets:read"),
  );
  expect(widget.body.data.widget).toEqual({
    id: world.widgetId,
    agent: null,
    agentVersion: null,
    security: null,
    conversations: null,
    readiness: { live: true },
  });
  expect(errorPaths(widget)).toEqual({
    "widget.agent": "FORBIDDEN",
    "widget.agentVersion": "FORBIDDEN",
    "widget.security": "FORBIDDEN",
    "widget.conversations": "FORBIDDEN",
  });
});

test("a REST agent shows its widgets and statistics only to a token that may read those", async () => {
  const path = `/core/agents/${world.agentId}`;
  const bare = await app.get(path, keys.get("agents:read"));
  expect(bare.status).toBe(200);
  expect(bare.body).not.toHaveProperty("widgets");
  expect(bare.body).not.toHaveProperty("conversation_statistics");
  const full = await app.get(path, world.key);
  expect(full.body.widgets).toHaveLength(1);
  expect(full.body.conversation_statistics).toEqual({ total: 1, by_status: { token_created: 1 } });
});

function codes(answer: Answer): string[] {
  const errors: { extensions: { code: string } }[] = answer.body.errors ?? [];
  return errors.map((error) => error.extensions.code);
}

function errorPaths(answer: Answer): Record<string, string> {
  const errors: { path: string[]; extensions: { code: string } }[] = answer.body.errors ?? [];
  return Object.fromEntries(errors.map((error) => [error.path.join("."), error.extensions.code]));
}
