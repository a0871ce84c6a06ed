import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AUDIT_ACTIONS, type AuditAction } from "../../../src/platform/audit/record-audit.js";
import { scopesOf } from "../../../src/platform/graphql/requires-scopes.js";
import { ROUTES } from "../../../src/platform/rest/routes.js";
import type { AuditEntry } from "../../../src/platform/database/generated/client.js";
import { TestApp } from "../../support/app.js";
import { fakeSite } from "../../support/fake-site.js";
import { graphQLCases, headersOf, restCase, rootFieldOf } from "../../support/operations.js";
import { makeWorld, nowhere, type World } from "../../support/world.js";

let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start({ brandFetcher: fakeSite("<title>Shop</title>") });
});
afterAll(() => app.stop());

/** What each mutation with a manage scope leaves; null: it writes nothing. */
const LEFT: Readonly<Record<string, AuditAction | null>> = {
  autoBrandWidget: null,
  createAgent: "agent.create",
  createAgentVersion: "agent_version.create",
  createApiKey: "api_key.create",
  createListenerToken: "conversation.listen",
  createResetLink: "member.create_reset_link",
  createWidget: "widget.create",
  deleteAgent: "agent.delete",
  deleteWidget: "widget.delete",
  endConversation: "conversation.end",
  eraseVisitor: "visitor.erase",
  inviteMember: "invitation.create",
  publishAgentVersion: "agent_version.publish",
  discardWidgetDraft: "widget_draft.discard",
  removeMember: "member.remove",
  revokeApiKey: "api_key.revoke",
  revokeInvitation: "invitation.revoke",
  revokeVisitorTokens: "widget.revoke_visitor_tokens",
  rollBackWidget: "widget.roll_back",
  rotateWidgetIdentitySecret: "widget.rotate_identity_secret",
  saveWidgetDraft: "widget_draft.begin",
  updateAgent: "agent.update",
  updateAgentVersion: "agent_version.update",
  updateMember: "member.update",
  updateOrganization: "organization.update",
  updateWidget: "widget.update",
  updateWidgetSecurity: "widget.update_security",
};
/** What does the same, or asks the same, each time. */
const REPEATED = new Set([
  "createAgent",
  "createAgentVersion",
  "createApiKey",
  "createListenerToken",
  "createResetLink",
  "createWidget",
  "inviteMember",
  "rotateWidgetIdentitySecret",
  "revokeVisitorTokens",
]);

/** Of what a mutation is done to, where the answer does not name it. */
const SUBJECTS: Readonly<Record<string, (world: World) => string | null>> = {
  createListenerToken: (w) => w.conversationId,
  deleteAgent: (w) => w.agentId,
  deleteWidget: (w) => w.widgetId,
  discardWidgetDraft: (w) => w.widgetId,
  endConversation: (w) => w.conversationId,
  eraseVisitor: () => null,
  createResetLink: (w) => w.memberId,
  removeMember: (w) => w.memberId,
  revokeApiKey: (w) => w.keyId,
  revokeInvitation: (w) => w.invitationId,
  revokeVisitorTokens: (w) => w.widgetId,
  rollBackWidget: (w) => w.widgetId,
  rotateWidgetIdentitySecret: (w) => w.widgetId,
  saveWidgetDraft: (w) => w.widgetId,
  updateAgent: (w) => w.agentId,
  updateMember: (w) => w.memberId,
  updateOrganization: (w) => w.organizationId,
  updateWidget: (w) => w.widgetId,
  updateWidgetSecurity: (w) => w.widgetId,
};

const LOG = `query ($first: Int! = 20, $after: String, $action: String, $actorId: String, $subjectId: String, $since: DateTime, $until: DateTime) {
  auditLog(first: $first, after: $after, action: $action, actorId: $actorId, subjectId: $subjectId, since: $since, until: $until) {
    nodes { id at actor { kind id credentialId name } via action subject { kind id } changes { path before after } requestId }
    pageInfo { hasNextPage endCursor }
  }
}`;

/** Newest last. */
function entriesOf({ organizationId }: Pick<World, "organizationId">): Promise<AuditEntry[]> {
  return app.db.auditEntry.findMany({ where: { organizationId }, orderBy: { createdAt: "asc" } });
}

async function logOf(key: string, variables: object = {}): Promise<Record<string, unknown>[]> {
  const answer = await app.gql(LOG, { ...variables }, key);
  expect(answer.body.errors).toBeUndefined();
  return answer.body.data.auditLog.nodes;
}

/** Makes true of a world what a mutation needs. */
async function prepare(field: string, world: World): Promise<void> {
  const route = ROUTES.find((one) => rootFieldOf(one) === field);
  if (route) await restCase(route).before?.(app, world);
  if (field === "discardWidgetDraft") await run("saveWidgetDraft", world);
  if (field === "rollBackWidget") await run("updateWidget", world);
  if (field === "deleteAgent") await app.delete(`/core/web-widgets/${world.widgetId}`, world.key);
}

async function run(field: string, world: World, key = world.key): Promise<readonly unknown[]> {
  const found = graphQLCases()[field];
  if (!found) throw new Error(`${field} has no case`);
  // The case of the rows is the one that is refused.
  const variables =
    field === "endConversation"
      ? { input: { id: world.conversationId }, sensitive: true }
      : found.variables(world);
  const answer = await app.gql(found.document, variables, key, headersOf(found, world));
  return answer.body.errors ?? [];
}

test("every mutation that needs a manage scope says what it leaves, and every action is somebody's", () => {
  const fields = Object.entries(app.parley.schema.getMutationType()?.getFields() ?? {});
  const managing = fields.filter(([, field]) =>
    scopesOf(field)?.some((scope) => scope.endsWith(":manage")),
  );
  expect(Object.keys(LEFT).toSorted()).toEqual(managing.map(([name]) => name).toSorted());
  // At the command line, or by who is signed in to the console alone.
  const others =
    /^(organization\.create|user\.|member\.|personal_token\.|installation\.restore|agent_version\.try)/;
  const known = new Set<string | null>(Object.values(LEFT));
  expect(AUDIT_ACTIONS.filter((action) => !known.has(action) && !others.test(action))).toEqual([]);
});

describe("a mutation leaves exactly one entry; again, or refused, it leaves none", () => {
  for (const [field, action] of Object.entries(LEFT)) {
    test(field, async () => {
      const world = await makeWorld(app);
      await prepare(field, world);
      const earlier = await entriesOf(world);

      const viewer = await app.key(world.organizationId, ["web_widgets:read", "agents:read"]);
      expect(await run(field, world, viewer)).not.toEqual([]);
      const nothing = nowhere(world.key);
      const wanted = { ...nothing, organizationId: world.organizationId };
      if (SUBJECTS[field] && field !== "updateOrganization") await run(field, wanted);
      expect(await entriesOf(world)).toEqual(earlier);

      expect(await run(field, world)).toEqual([]);
      const left = (await entriesOf(world)).slice(earlier.length);
      expect(left.map((entry) => entry.action)).toEqual(action === null ? [] : [action]);
      if (action === null || !left[0]) return;
      expect(left[0]).toMatchObject({
        actorKind: "api_key",
        actorId: world.keyId,
        credentialId: world.keyId,
        via: "graphql",
        requestId: expect.stringMatching(/.{8}/),
      });
      const subject = SUBJECTS[field];
      if (subject) expect(left[0].subjectId).toBe(subject(world));
      else expect(left[0].subjectId).toMatch(/^[\da-f-]{32,36}$|^\w+$/);

      // A key that was revoked asks in vain.
      const key =
        field === "revokeApiKey"
          ? await app.key(world.organizationId, ["organizations:manage"])
          : world.key;
      if (REPEATED.has(field)) return;
      await run(field, world, key);
      expect(await entriesOf(world)).toHaveLength(earlier.length + 1);
    });
  }
});

test("an entry says who, by which door, in which request, and what is other than before", async () => {
  const { organizationId, key, keyId, widgetId } = await makeWorld(app);
  const token = await app.personalToken(organizationId, "admin");
  const headers = { "x-anyreach-org": organizationId, "x-request-id": "of-a-test" };
  const body = { published: false, config: { v1: { theme: "dark", chat: { title: "Ada" } } } };
  const put = await app.call("PUT", `/core/web-widgets/${widgetId}`, { key: token, body, headers });
  expect(put.status).toBe(200);
  const [newest] = await logOf(key, { action: "widget.update" });
  const credentialId = token.slice("pat_".length).split(".")[0];
  const { userId } = await app.db.personalAccessToken.findUniqueOrThrow({
    where: { id: credentialId ?? "" },
  });
  expect(newest).toEqual({
    id: expect.any(String),
    at: expect.stringMatching(/Z$/),
    actor: { kind: "PERSONAL_TOKEN", id: userId, credentialId, name: "Test" },
    via: "REST",
    action: "widget.update",
    subject: { kind: "widget", id: widgetId },
    changes: expect.arrayContaining([
      { path: "published", before: true, after: false },
      { path: "config.v1.theme", before: null, after: "dark" },
      { path: "config.v1.chat", before: null, after: { title: "Ada" } },
    ]),
    requestId: "of-a-test",
  });
  const [made] = await logOf(key, { action: "widget.create" });
  expect(made).toMatchObject({ actor: { kind: "API_KEY", id: keyId, name: "test" }, via: "REST" });

  // Who is removed keeps an id and no name.
  await app.db.user.delete({ where: { id: userId } });
  const [later] = await logOf(key, { actorId: userId });
  expect(later).toMatchObject({ actor: { id: userId, credentialId, name: null } });
});

test("what cannot be told is not written", async () => {
  const world = await makeWorld(app);
  const { key, widgetId, conversationId, organizationId } = world;
  const before = await app.get(`/core/web-widgets/${widgetId}`, key);
  const count = (await entriesOf({ organizationId })).length;
  await app.db.$executeRaw`ALTER TABLE audit_entries RENAME TO audit_entries_away`;
  try {
    const put = await app.put(`/core/web-widgets/${widgetId}`, { published: false }, key);
    expect(put.status).toBe(500);
    expect(await run("eraseVisitor", world)).not.toEqual([]);
  } finally {
    await app.db.$executeRaw`ALTER TABLE audit_entries_away RENAME TO audit_entries`;
  }
  expect((await app.get(`/core/web-widgets/${widgetId}`, key)).body).toEqual(before.body);
  expect((await app.get(`/core/conversations/${conversationId}`, key)).status).toBe(200);
  expect(await entriesOf({ organizationId })).toHaveLength(count);
});

test("drafts that reads make are told as well", async () => {
  const { key, agentId } = await makeWorld(app);
  await app.post(`/core/agents/${agentId}/versions/2/publish`, {}, key);
  const latest = await app.get(`/core/agents/${agentId}/versions/latest`, key);
  expect(latest.body.version).toBe(3);
  await app.get(`/core/agents/${agentId}/versions/latest`, key);
  const made = await logOf(key, { subjectId: latest.body.id });
  expect(made.map(({ action }) => action)).toEqual(["agent_version.create"]);
});

test("the log is read a page at a time, by whom, what, of what and when, and by its own people alone", async () => {
  const { key, keyId, organizationId, widgetId } = await makeWorld(app);
  for (const theme of ["light", "dark", "system"]) {
    await app.put(`/core/web-widgets/${widgetId}`, { config: { v1: { theme } } }, key);
  }
  const all = await entriesOf({ organizationId });
  const seen: unknown[] = [];
  let after: string | null = null;
  do {
    const { body } = await app.gql(LOG, { first: 2, after }, key);
    const { nodes, pageInfo } = body.data.auditLog;
    expect(nodes.length).toBeLessThanOrEqual(2);
    seen.push(...nodes.map((node: { id: string }) => node.id));
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
  } while (after !== null);
  expect(seen.toSorted()).toEqual(all.map(({ id }) => id).toSorted());

  const updates = all.filter(({ action }) => action === "widget.update");
  const [first, second] = updates;
  expect(updates).toHaveLength(3);
  expect(await logOf(key, { action: "widget.update" })).toHaveLength(3);
  expect(await logOf(key, { subjectId: widgetId })).toHaveLength(4);
  expect(await logOf(key, { actorId: keyId })).toHaveLength(all.length);
  expect(await logOf(key, { actorId: randomUUID() })).toEqual([]);
  if (!first || !second) throw new Error("no updates");
  const between = { action: "widget.update", since: first.createdAt, until: second.createdAt };
  const found = await logOf(key, between);
  expect(found.map(({ id }) => id)).toContain(first.id);
  expect(found.map(({ id }) => id)).not.toContain(second.id);

  const other = await app.organization();
  expect(await logOf(other.key)).toEqual([]);
  const limited = await app.key(organizationId, ["web_widgets:manage", "agents:manage"]);
  const refused = await app.gql(LOG, {}, limited);
  expect(refused.body.errors[0].extensions.code).toBe("FORBIDDEN");
});

test("an erased conversation is named nowhere, and its visitor never was", async () => {
  const world = await makeWorld(app);
  const { key, conversationId, widgetId, visitorToken, organizationId } = world;
  const other = await app.begin(widgetId, { user_id: world.userId });
  const otherId: string = other.body.conversation.id;
  await run("endConversation", world);
  await run("endConversation", { ...world, conversationId: otherId });
  const ends = { action: "conversation.end" };
  const subjects = async (): Promise<unknown[]> =>
    (await logOf(key, ends)).map(({ subject }) => subject);
  expect(await subjects()).toEqual(
    expect.arrayContaining([
      { kind: "conversation", id: conversationId },
      { kind: "conversation", id: otherId },
    ]),
  );
  const path = `/core/public/web-widgets/${widgetId}/conversations/${conversationId}`;
  const headers = { "x-visitor-token": visitorToken };
  expect((await app.call("DELETE", path, { headers })).status).toBe(204);
  expect(await subjects()).toContainEqual({ kind: "conversation", id: null });
  expect(await run("eraseVisitor", world)).toEqual([]);
  const entries = await entriesOf({ organizationId });
  const text = JSON.stringify(entries);
  for (const name of [conversationId, otherId, world.userId]) expect(text).not.toContain(name);
  const [erasure] = await logOf(key, { action: "visitor.erase" });
  expect(erasure).toMatchObject({
    subject: { kind: "visitor", id: null },
    changes: [{ path: "conversations", before: 1, after: 0 }],
  });
});

test("an erasure of many is one entry, which counts them all", async () => {
  const world = await makeWorld(app);
  const { key, conversationId, userId } = world;
  const row = await app.db.conversation.findUniqueOrThrow({
    where: { id: conversationId },
    omit: { answerMs: true, initialContext: true, identityMetadata: true, consent: true },
  });
  await app.db.conversation.createMany({
    data: Array.from({ length: 120 }, () => ({
      ...row,
      id: randomUUID(),
      embedTicketId: null,
      customMetadata: {},
      userId,
    })),
  });
  await run("eraseVisitor", world);
  const erasures = await logOf(key, { action: "visitor.erase" });
  expect(erasures).toMatchObject([{ changes: [{ path: "conversations", before: 121, after: 0 }] }]);
});

test("entries are removed after AUDIT_RETENTION_DAYS", async () => {
  const { organizationId } = await makeWorld(app);
  expect(await entriesOf({ organizationId })).not.toEqual([]);
  const day = 24 * 60 * 60 * 1000;
  const now = app.clock.now().getTime();
  const [kept] = await entriesOf({ organizationId });
  await app.db.auditEntry.updateMany({
    where: { organizationId, id: { not: kept?.id ?? "" } },
    data: { createdAt: new Date(now - 401 * day) },
  });
  await app.db.auditEntry.updateMany({
    where: { id: kept?.id ?? "" },
    data: { createdAt: new Date(now - 399 * day) },
  });
  await app.parley.audit.sweep();
  expect((await entriesOf({ organizationId })).map(({ id }) => id)).toEqual([kept?.id]);
});

test("no entry of any mutation has a secret, nor a visitor's name", async () => {
  const world = await makeWorld(app);
  const { key, organizationId, agentId, widgetId } = world;
  const hidden = "hidden-from-everybody-0123456789";
  const config = {
    instructions: `Say Bearer ${hidden} and ak_abcd1234.${hidden} and https://me:${hidden}@host.example/?api_key=${hidden}&a=1`,
    tools: [
      {
        name: "crm",
        headers: { Authorization: hidden },
        auth: { api_key: hidden, clientSecret: hidden },
      },
      { name: "crm2", url: `https://crm.example/hook?token=${hidden}` },
    ],
    model: { max_tokens: 7 },
  };
  for (const body of [{ config }, { config: { ...config, password: `${hidden}2` } }]) {
    const put = await app.put(`/core/agents/${agentId}/versions/2`, body, key);
    expect(put.status).toBe(200);
  }
  const secrets = [hidden, key.split(".")[1] ?? "", world.userId, world.visitorToken, world.handle];
  const create = `mutation { createApiKey(input: { name: "n", scopes: [AGENTS_READ] }) { secret } }`;
  const made = await app.gql(create, {}, key);
  secrets.push(made.body.data.createApiKey.secret.split(".")[1]);
  const rotate = `mutation ($id: UUID!) { rotateWidgetIdentitySecret(input: { id: $id }) { secret } }`;
  const rotations = [
    await app.gql(rotate, { id: widgetId }, key),
    await app.gql(rotate, { id: widgetId }, key),
  ];
  secrets.push(...rotations.map(({ body }) => body.data.rotateWidgetIdentitySecret.secret));
  for (const row of await app.db.apiKey.findMany({ where: { organizationId } })) {
    const hash = Buffer.from(row.secretHash);
    secrets.push(hash.toString("hex"), hash.toString("base64"));
  }
  const text = JSON.stringify(await app.db.auditEntry.findMany());
  for (const secret of secrets) {
    expect(secret.length).toBeGreaterThan(8);
    expect(text).not.toContain(secret);
  }
  const [first, second] = (await logOf(key, { action: "agent_version.update" })).toReversed();
  expect(first?.["changes"]).toContainEqual({
    path: "config.model",
    before: null,
    after: { max_tokens: 7 },
  });
  expect(second?.["changes"]).toEqual([
    { path: "config.password", before: null, after: "[redacted]" },
  ]);
  const [rotation] = await logOf(key, { action: "widget.rotate_identity_secret" });
  expect(rotation?.["changes"]).toEqual([
    { path: "identitySecret", before: "[redacted]", after: "[redacted]" },
  ]);
});
