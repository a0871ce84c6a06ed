import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROUTES } from "../../../src/platform/rest/routes.js";
import { TestApp, type Answer } from "../../support/app.js";
import { fakeSite } from "../../support/fake-site.js";
import {
  callRoute,
  graphQLCases,
  headersOf,
  PERSONAL,
  REST_CASES,
  rootFieldOf,
  routeKey,
} from "../../support/operations.js";
import { makeWorld, nowhere, type World } from "../../support/world.js";

let app: TestApp;
let mine: World;
let theirs: World;
/** What is theirs, called with my key; and what does not exist, called the same. */
let foreign: World;
let missing: World;

beforeAll(async () => {
  app = await TestApp.start({ brandFetcher: fakeSite("<title>Shop</title>") });
  mine = await makeWorld(app);
  theirs = await makeWorld(app);
  foreign = { ...theirs, key: mine.key };
  missing = nowhere(mine.key);
});
afterAll(() => app.stop());

/** Rows whose widget is public by nature: there the stranger is the conversation. */
const PUBLIC_BY_WIDGET = new Set([
  "GET /core/public/web-widgets/{id}",
  "GET /core/public/web-widgets/{id}/consent",
  "GET /core/public/web-widgets/{widget_id}/conversations",
  // It names nothing but the token that comes with it.
  "POST /core/public/web-widgets/{widget_id}/logout",
]);
/** Operations that name nothing of anybody's: what they answer is compared with what is mine. */
const NAMELESS = new Set([
  "createAgent",
  "createApiKey",
  "inviteMember",
  "agents",
  "apiKeys",
  "me",
  "agentConfigSchema",
  "widgetConfigSchema",
  "updateOrganization",
]);

/** A public call goes through my own widget, with my own visitor's token. */
function throughMyWidget(world: World): World {
  const { widgetId, visitorToken, embedTicket } = mine;
  return { ...world, widgetId, visitorToken, embedTicket };
}

/** Everything that `theirs` owns, to compare. */
async function stateOf(world: World): Promise<unknown> {
  const where = { organizationId: world.organizationId };
  const orderBy = { id: "asc" } as const;
  return [
    await app.db.agent.findMany({ where, orderBy }),
    await app.db.agentVersion.findMany({ where, orderBy }),
    await app.db.widget.findMany({ where, orderBy, include: { draft: true, revisions: true } }),
    await app.db.conversation.findMany({ where, orderBy }),
    await app.db.apiKey.findMany({ where, orderBy }),
    await app.db.auditEntry.findMany({ where, orderBy }),
    await app.db.invitation.findMany({ where, orderBy }),
    await app.db.passwordReset.findMany({ where, orderBy: { userId: "asc" } }),
    await app.db.membership.findMany({ where, orderBy: { userId: "asc" } }),
    await app.db.organization.findMany({ where: { id: world.organizationId } }),
  ];
}

function answerOf({ status, body }: Answer): object {
  return { status, body };
}

/** Every id and name that only `theirs` has. */
function namesOf(world: World): string[] {
  return [
    world.organizationId,
    world.keyId,
    world.memberId,
    world.invitationId,
    world.agentId,
    world.versionId,
    world.widgetId,
    world.conversationId,
    world.userId,
  ];
}

test("every REST row and every GraphQL operation has a case", () => {
  expect(Object.keys(REST_CASES).toSorted()).toEqual(ROUTES.map(routeKey).toSorted());
  const fields = [app.parley.schema.getQueryType(), app.parley.schema.getMutationType()].flatMap(
    (type) => Object.keys(type?.getFields() ?? {}),
  );
  expect([...Object.keys(graphQLCases()), ...PERSONAL].toSorted()).toEqual(fields.toSorted());
});

describe("by REST, what another organization owns answers exactly as if it did not exist", () => {
  for (const route of ROUTES) {
    if (PUBLIC_BY_WIDGET.has(routeKey(route)) || NAMELESS.has(rootFieldOf(route))) continue;
    test(routeKey(route), async () => {
      const before = await stateOf(theirs);
      const isPublic = route.scopes === undefined;
      const strange = await callRoute(app, route, isPublic ? throughMyWidget(foreign) : foreign);
      const unknown = await callRoute(app, route, isPublic ? throughMyWidget(missing) : missing);
      expect(answerOf(strange)).toEqual(answerOf(unknown));
      // A list filtered by a stranger's id is empty; everything else is refused.
      if (unknown.status === 200) expect(strange.body).toEqual([]);
      else expect([404, 422]).toContain(unknown.status);
      expect(await stateOf(theirs)).toEqual(before);
    });
  }
});

describe("by GraphQL, what another organization owns answers exactly as if it did not exist", () => {
  const byWidget = new Set(
    ROUTES.filter((route) => PUBLIC_BY_WIDGET.has(routeKey(route))).map(rootFieldOf),
  );
  const isPublic = new Set(ROUTES.filter((route) => !route.scopes).map(rootFieldOf));
  for (const [field, found] of Object.entries(graphQLCases())) {
    if (byWidget.has(field) || NAMELESS.has(field)) continue;
    test(field, async () => {
      const before = await stateOf(theirs);
      const call = (world: World): Promise<Answer> =>
        app.gql(found.document, found.variables(world), mine.key, {
          ...headersOf(found, world),
          "x-visitor-token": mine.visitorToken,
        });
      const strange = await call(isPublic.has(field) ? throughMyWidget(foreign) : foreign);
      const unknown = await call(isPublic.has(field) ? throughMyWidget(missing) : missing);
      expect(answerOf(strange)).toEqual(answerOf(unknown));
      const [error] = unknown.body.errors ?? [];
      if (error) expect(["NOT_FOUND", "BAD_USER_INPUT"]).toContain(error.extensions.code);
      // A list is empty, a count is 0.
      else
        expect(unknown.body.data[field].nodes ?? unknown.body.data[field]).toEqual(
          field === "eraseVisitor" ? { erasedConversations: 0 } : [],
        );
      expect(await stateOf(theirs)).toEqual(before);
    });
  }
});

test("operations that name nothing answer only with what is mine", async () => {
  const before = await stateOf(theirs);
  for (const field of NAMELESS) {
    const found = graphQLCases()[field];
    if (!found) throw new Error(`${field} has no case`);
    const answer = await app.gql(found.document, found.variables(mine), mine.key);
    expect(answer.body.errors, field).toBeUndefined();
    for (const name of namesOf(theirs)) expect(answer.text, field).not.toContain(name);
  }
  expect(await stateOf(theirs)).toEqual(before);
});

test("lists show only what is mine", async () => {
  for (const path of ["/core/web-widgets", "/core/agents", "/core/conversations"]) {
    const answer = await app.get(`${path}?limit=100`, mine.key);
    expect(answer.body.length, path).toBeGreaterThan(0);
    for (const item of answer.body) expect(item.organization_id).toBe(mine.organizationId);
  }
});

test("`latest` of another organization's agent makes no draft and answers like an unknown one", async () => {
  const before = await stateOf(theirs);
  const strange = await app.get(`/core/agents/${theirs.agentId}/versions/latest`, mine.key);
  const unknown = await app.get(`/core/agents/${missing.agentId}/versions/latest`, mine.key);
  expect(answerOf(strange)).toEqual(answerOf(unknown));
  expect(await stateOf(theirs)).toEqual(before);
});

test("a widget of mine cannot be pointed at another organization's agent or version", async () => {
  const path = `/core/web-widgets/${mine.widgetId}`;
  const bodies = [
    (w: World) => ({ agent_id: w.agentId, agent_version_id: w.versionId }),
    (w: World) => ({ agent_version_id: w.versionId }),
    (w: World) => ({ agent_id: w.agentId }),
  ];
  for (const body of bodies) {
    const strange = await app.put(path, body(theirs), mine.key);
    expect(strange.status).toBe(422);
    expect(answerOf(strange)).toEqual(answerOf(await app.put(path, body(missing), mine.key)));
  }
});

test("the public widget has no way to what takes a credential, whoever asks", async () => {
  const type = app.parley.schema.getType("PublicWidget");
  const rest = await app.get(`/core/public/web-widgets/${theirs.widgetId}`);
  expect(Object.keys(rest.body).toSorted()).toEqual([
    "agent_id",
    "agent_version_id",
    "config",
    "created_at",
    "domains",
    "id",
    "organization_id",
    "published",
    "updated_at",
  ]);
  if (!type || !("getFields" in type)) throw new Error("PublicWidget is no object type");
  expect(Object.keys(type.getFields())).toHaveLength(9);
  for (const field of [
    "security { strict }",
    "conversations { nodes { userId } }",
    "agent { name }",
  ]) {
    const answer = await app.gql(
      `query ($id: UUID!) { publicWidget(id: $id) { ${field} } }`,
      { id: theirs.widgetId },
      mine.key,
    );
    expect(answer.status).toBe(400);
  }
});

test("a public answer is the same whatever credential comes with it", async () => {
  const list = `/core/public/web-widgets/${theirs.widgetId}/conversations`;
  const plain = await app.get(list);
  for (const key of [mine.key, theirs.key, "ak_nosuchkey.secretsecret"]) {
    expect(answerOf(await app.get(list, key))).toEqual(answerOf(plain));
  }
});
