import { randomUUID } from "node:crypto";
import { print, type DocumentNode } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  AgentChoicesDocument,
  AgentVersionDocument,
  AgentVersionsDocument,
  AgentsDocument,
  AgentVersionChoicesDocument,
  ApiKeysDocument,
  AuditLogDocument,
  ChangePasswordDocument,
  ConfirmPasskeyDocument,
  ConversationChoicesDocument,
  ConversationDocument,
  ConversationsDocument,
  CreateAgentDocument,
  CreateAgentVersionDocument,
  CreateApiKeyDocument,
  CreateDraftPreviewDocument,
  CreatePersonalTokenDocument,
  CreateResetLinkDocument,
  CreateWidgetDocument,
  DeleteAgentDocument,
  DeleteWidgetDocument,
  DiscardWidgetDraftDocument,
  EndSessionDocument,
  EndConversationDocument,
  EraseVisitorDocument,
  InvitationsDocument,
  InviteMemberDocument,
  OtherConversationsDocument,
  PeopleDocument,
  PublishAgentVersionDocument,
  PublishedVersionDocument,
  RemoveMemberDocument,
  RemovePasskeyDocument,
  RenamePasskeyDocument,
  RevokeApiKeyDocument,
  RevokeInvitationDocument,
  RevokePersonalTokenDocument,
  UpdateAgentDocument,
  UpdateAgentVersionDocument,
  StartPasskeyDocument,
  UpdateMemberDocument,
  UpdateViewerDocument,
  UpdateWidgetDocument,
  UseAgentVersionDocument,
  VersionConfigDocument,
  RevokeVisitorTokensDocument,
  RollBackWidgetDocument,
  RotateWidgetIdentitySecretDocument,
  SaveWidgetDraftDocument,
  UpdateWidgetSecurityDocument,
  ViewerDocument,
  WidgetAccessDocument,
  WidgetHeadDocument,
  WidgetHistoryDocument,
  WidgetEditorDocument,
  WidgetInstallDocument,
  WidgetsDocument,
  YouDocument,
} from "../../../src/console/generated/operations.js";
import { variablesOf } from "../../../src/console/conversations/conversation-filters.js";
import { TestApp, type Answer } from "../../support/app.js";
import { Authenticator } from "../../support/authenticator.js";
import { FROM_CONSOLE, PASSWORD, person, signedIn, type Browser } from "../../support/console.js";

/** With a name: there are no passkeys without. */
const ORIGIN = "https://parley.test";

let app: TestApp;
let organizationId: string;
let browser: Browser;

beforeAll(async () => {
  app = await TestApp.start({ config: { PUBLIC_URL: ORIGIN } });
  organizationId = (await app.organization()).id;
  browser = await signedIn(app, await person(app, { [organizationId]: "admin" }));
});
afterAll(() => app.stop());

/** As Apollo Client sends it. */
function ask(
  document: DocumentNode,
  variables: Record<string, unknown> = {},
  organization?: string,
): Promise<Answer> {
  const [definition] = document.definitions;
  const operationName = definition && "name" in definition ? definition.name?.value : undefined;
  return browser.post(
    "/graphql",
    {
      operationName,
      variables,
      extensions: { clientLibrary: { name: "@apollo/client", version: "4.3.8" } },
      query: print(document),
    },
    { ...FROM_CONSOLE, ...(organization ? { "x-anyreach-org": organization } : {}) },
  );
}

describe("what the console asks of the schema", () => {
  test("of the person is answered in no organization", async () => {
    const { data } = (await ask(ViewerDocument)).body;
    expect(data.viewer.organizations).toMatchObject([
      { organization: { id: organizationId }, role: "ADMIN" },
    ]);
    expect(data.viewer.organizations[0].scopes).toContain("ORGANIZATIONS_MANAGE");
    const you = (await ask(YouDocument)).body.data.viewer;
    expect(you).toMatchObject({ hasPassword: true, sessions: [{ id: you.session.id }] });
    const input = { name: "Ada L." };
    const named = (await ask(UpdateViewerDocument, { input })).body.data.updateViewer.viewer;
    expect(named.user).toMatchObject(input);
  });

  test("makes a personal token and ends it, and ends a session", async () => {
    const input = { name: "Scripts", expiresAt: null };
    const made = (await ask(CreatePersonalTokenDocument, { input })).body.data;
    expect(made.createPersonalToken.secret).toMatch(/^pat_/);
    const [{ id }] = (await ask(YouDocument)).body.data.viewer.personalTokens;
    const ended = await ask(RevokePersonalTokenDocument, { input: { id } });
    expect(ended.body.data.revokePersonalToken.revokedTokenId).toBe(id);
    const unknown = await ask(EndSessionDocument, { input: { id: randomUUID() } });
    expect(unknown.body.errors[0].extensions.code).toBe("NOT_FOUND");
  });

  test("adds a passkey, renames it and removes it", async () => {
    const { options } = (await ask(StartPasskeyDocument, { input: { name: "Laptop" } })).body.data
      .startPasskey;
    const response = new Authenticator(ORIGIN).create(options);
    const input = { name: "Laptop", response };
    const added = (await ask(ConfirmPasskeyDocument, { input })).body.data.confirmPasskey;
    const [{ id }] = added.viewer.passkeys;
    expect((await ask(ViewerDocument)).body.data.viewer.passkeys).toEqual([{ id }]);
    const renamed = await ask(RenamePasskeyDocument, { input: { id, name: "Phone" } });
    expect(renamed.body.data.renamePasskey.passkey).toEqual({ id, name: "Phone" });
    const removed = await ask(RemovePasskeyDocument, { input: { id } });
    expect(removed.body.data.removePasskey.viewer.passkeys).toEqual([]);
  });

  test("makes a key, lists it and ends it", async () => {
    const input = { name: "Shop", scopes: ["AGENTS_READ"], expiresAt: null };
    const made = (await ask(CreateApiKeyDocument, { input }, organizationId)).body.data;
    const { id } = made.createApiKey.apiKey;
    expect(made.createApiKey.secret).toMatch(/^ak_/);
    const list = (await ask(ApiKeysDocument, {}, organizationId)).body.data.apiKeys;
    expect(list.nodes).toContainEqual(expect.objectContaining({ id, name: "Shop" }));
    const ended = (await ask(RevokeApiKeyDocument, { input: { id } }, organizationId)).body.data;
    expect(ended.revokeApiKey.apiKey.revokedAt).not.toBeNull();
  });

  test("invites somebody, and takes it back", async () => {
    const input = { email: "grace@shop.example", role: "ADMIN" };
    const made = (await ask(InviteMemberDocument, { input }, organizationId)).body.data;
    expect(made.inviteMember.link).toContain("/console/link#");
    const list = (await ask(InvitationsDocument, {}, organizationId)).body.data.me.organization;
    const [{ id }] = list.invitations.nodes;
    expect(list.invitations.nodes).toMatchObject([input]);
    const ended = await ask(RevokeInvitationDocument, { input: { id } }, organizationId);
    expect(ended.body.data.revokeInvitation.revokedInvitationId).toBe(id);
  });

  test("lists the members, lowers one, makes them a link and removes them", async () => {
    const { id: userId } = await person(app, { [organizationId]: "admin" });
    const list = (await ask(PeopleDocument, {}, organizationId)).body.data.me.organization;
    expect(list.members.nodes).toHaveLength(2);
    const input = { userId, role: "VIEWER" };
    const lowered = (await ask(UpdateMemberDocument, { input }, organizationId)).body.data;
    expect(lowered.updateMember.member.role).toBe("VIEWER");
    const reset = await ask(CreateResetLinkDocument, { input: { userId } }, organizationId);
    expect(reset.body.data.createResetLink.link).toContain("/console/link#");
    const removed = await ask(RemoveMemberDocument, { input: { userId } }, organizationId);
    expect(removed.body.data.removeMember.removedUserId).toBe(userId);
  });

  test("lists widgets with their agents, whether visitors can talk, and when one last did", async () => {
    const key = await app.key(organizationId, ["agents:manage", "web_widgets:manage"]);
    const widget = await app.widget(key, { config: { v1: { chat: { title: "Shop" } } } });
    const list = (await ask(WidgetsDocument, {}, organizationId)).body.data.widgets;
    const [row] = list.nodes;
    expect(row).toMatchObject({ id: widget.id, config: { v1: { chat: { title: "Shop" } } } });
    expect(row.readiness.blockers).toEqual([]);
    expect(row.conversations.nodes).toEqual([]);
  });

  test("reads the log of what was changed", async () => {
    const action = "invitation.create";
    const { auditLog } = (await ask(AuditLogDocument, { action }, organizationId)).body.data;
    expect(auditLog.nodes).toMatchObject([{ action, via: "CONSOLE" }]);
  });

  test("makes a widget of an agent's published version, publishes it, and tells its snippet", async () => {
    const { agentId, versionId } = await app.agent(
      await app.key(organizationId, ["agents:manage"]),
    );
    const { agents } = (await ask(AgentChoicesDocument, {}, organizationId)).body.data;
    expect(agents.nodes).toContainEqual(expect.objectContaining({ id: agentId }));
    const version = await ask(PublishedVersionDocument, { agentId }, organizationId);
    expect(version.body.data.agentVersions.nodes).toEqual([{ id: versionId }]);

    const domains = ["shop.example"];
    const made = await ask(
      CreateWidgetDocument,
      { input: { agentId, agentVersionId: versionId, domains } },
      organizationId,
    );
    const { id } = made.body.data.createWidget.widget;
    const input = { id, published: true };
    const published = await ask(UpdateWidgetDocument, { input }, organizationId);
    expect(published.body.data.updateWidget.widget).toMatchObject({
      published: true,
      domains: ["https://shop.example"],
    });
    const { widget } = (await ask(WidgetInstallDocument, { id }, organizationId)).body.data;
    expect(widget.embedSnippet).toContain(`/public/embed/${id}`);
    const head = (await ask(WidgetHeadDocument, { id }, organizationId)).body.data.widget;
    expect(head).toMatchObject({ published: true, readiness: { live: true }, draft: null });
  });

  test("reads and changes who may talk to a widget, makes its secret, and ends it", async () => {
    const key = await app.key(organizationId, ["agents:manage", "web_widgets:manage"]);
    const { id } = await app.widget(key);
    const limits = { minutes_per_day: 90, own_key: "kept" };
    const security = { strict: true, identity: "REQUIRED", limits };
    const input = { id, ...security };
    const changed = await ask(UpdateWidgetSecurityDocument, { input }, organizationId);
    expect(changed.body.data.updateWidgetSecurity.security).toEqual(
      expect.objectContaining(security),
    );
    const access = { id, manages: true };
    const { widget } = (await ask(WidgetAccessDocument, access, organizationId)).body.data;
    expect(widget).toMatchObject({
      security,
      usage: { minutes: 0, limits: { minutes_per_day: 90 } },
    });
    const bare = await ask(WidgetAccessDocument, { id, manages: false }, organizationId);
    expect(bare.body.data.widget).not.toHaveProperty("security");

    const made = await ask(RotateWidgetIdentitySecretDocument, { input: { id } }, organizationId);
    expect(made.body.data.rotateWidgetIdentitySecret.secret).toMatch(/^ids_/);
    const out = await ask(RevokeVisitorTokensDocument, { input: { id } }, organizationId);
    expect(out.body.data.revokeVisitorTokens.widget.id).toBe(id);
    const gone = await ask(DeleteWidgetDocument, { input: { id } }, organizationId);
    expect(gone.body.data.deleteWidget.deletedWidgetId).toBe(id);
  });

  test("reads what a widget was, and makes it that again", async () => {
    const key = await app.key(organizationId, ["agents:manage", "web_widgets:manage"]);
    const { id } = await app.widget(key, { domains: ["https://shop.example"] });
    const input = { id, domains: ["https://www.shop.example"] };
    await ask(UpdateWidgetDocument, { input }, organizationId);
    const { widget } = (await ask(WidgetHistoryDocument, { id }, organizationId)).body.data;
    expect(widget.revisions.nodes).toMatchObject([
      {
        number: 2,
        actor: { kind: "CONSOLE_SESSION", name: "Ada L." },
        changes: [{ path: "domains" }],
      },
      { number: 1, actor: { kind: "API_KEY" } },
    ]);
    const back = { input: { id, revision: 1 } };
    const rolled = (await ask(RollBackWidgetDocument, back, organizationId)).body.data;
    expect(rolled.rollBackWidget.widget.domains).toEqual(["https://shop.example"]);
  });

  test("keeps a widget's draft, saves it on what it was made from alone, and discards it", async () => {
    const key = await app.key(organizationId, ["agents:manage", "web_widgets:manage"]);
    const { id, agent_id: agentId, agent_version_id: versionId } = await app.widget(key);
    const read = (): Promise<Answer> => ask(WidgetEditorDocument, { id }, organizationId);
    const { widget } = (await read()).body.data;
    expect(widget).toMatchObject({ agentId, draft: null, revisions: { nodes: [{ number: 1 }] } });
    const versions = await ask(AgentVersionChoicesDocument, { agentId }, organizationId);
    expect(versions.body.data.agentVersions.nodes).toMatchObject([{ id: versionId, version: 1 }]);
    const config = { v1: { chat: { title: "Nordhaus" } } };
    const input = { id, config, basedOn: 1 };
    await ask(SaveWidgetDraftDocument, { input }, organizationId);
    expect((await read()).body.data.widget.draft).toMatchObject({ config, basedOn: 1 });
    const saved = await ask(UpdateWidgetDocument, { input }, organizationId);
    expect(saved.body.data.updateWidget.widget.config).toEqual(config);
    await ask(DiscardWidgetDraftDocument, { input: { id } }, organizationId);
    expect((await read()).body.data.widget).toMatchObject({
      draft: null,
      config,
      revisions: { nodes: [{ number: 2 }] },
    });
    const late = { id, config: { v1: {} }, basedOn: 1 };
    const refused = await ask(UpdateWidgetDocument, { input: late }, organizationId);
    expect(refused.body.errors[0].extensions.code).toBe("CONFLICT");
    const wrong = { id, config: { v1: { chat: { avatar_url: "ftp://x" } } } };
    const { errors } = (await ask(UpdateWidgetDocument, { input: wrong }, organizationId)).body;
    expect(errors[0].extensions.errors).toMatchObject([{ path: "config.v1.chat.avatar_url" }]);
  });

  test("makes an agent, changes its draft, publishes it, gives it to a widget, and deletes it", async () => {
    const { id: shop, key } = await app.organization();
    browser = await signedIn(app, await person(app, { [shop]: "admin" }));
    const readsWidgets = true;
    const made = await ask(
      CreateAgentDocument,
      { input: { name: "Ada", description: null } },
      shop,
    );
    const agentId = made.body.data.createAgent.agent.id;
    const named = { id: agentId, name: "Grace", description: "Answers", active: true };
    const renamed = await ask(UpdateAgentDocument, { input: named }, shop);
    expect(renamed.body.data.updateAgent.agent).toMatchObject(named);
    const begun = await ask(
      CreateAgentVersionDocument,
      { input: { agentId, from: { config: { mine: 1 } } } },
      shop,
    );
    const { version } = begun.body.data.createAgentVersion.agentVersion;
    const shown = await ask(AgentVersionDocument, { agentId, version, readsWidgets }, shop);
    expect(shown.body.errors).toBeUndefined();
    expect(shown.body.data.agentConfigSchema.config).toHaveProperty("properties");
    const { updatedAt, warnings } = shown.body.data.agentVersion;
    expect(warnings).toMatchObject([{ code: "UNKNOWN_KEY", path: "config.mine" }]);
    const change = { agentId, version, config: {}, ifUnchangedSince: updatedAt };
    app.clock.forward(1);
    const saved = await ask(UpdateAgentVersionDocument, { input: change }, shop);
    expect(saved.body.data.updateAgentVersion.agentVersion).toMatchObject({
      config: {},
      warnings: [],
    });
    const late = await ask(
      UpdateAgentVersionDocument,
      { input: { ...change, config: { mine: 2 } } },
      shop,
    );
    expect(late.body.errors[0].extensions.code).toBe("CONFLICT");
    const tried = { agentId, version, widgetId: null };
    const preview = await ask(CreateDraftPreviewDocument, { input: tried }, shop);
    expect(preview.body.data.createDraftPreview).toMatchObject({
      widgetConfig: {},
      quickActions: [],
    });
    const published = await ask(PublishAgentVersionDocument, { input: { agentId, version } }, shop);
    const { id: agentVersionId } = published.body.data.publishAgentVersion.agentVersion;

    const widget = await app.widget(key);
    const input = { id: widget.id, agentId, agentVersionId };
    const used = await ask(UseAgentVersionDocument, { input }, shop);
    expect(used.body.data.updateWidget.widget).toMatchObject({ id: widget.id, agentVersionId });
    const versions = (await ask(AgentVersionsDocument, { id: agentId, readsWidgets }, shop)).body;
    expect(versions.data.agent).toMatchObject({
      publishedVersion: { id: agentVersionId },
      widgets: { nodes: [{ id: widget.id, agentVersionId }] },
      versions: { nodes: [{ version, published: true }] },
    });
    const config = await ask(VersionConfigDocument, { agentId, version }, shop);
    expect(config.body.data.agentVersion.config).toEqual({});
    const { agents } = (await ask(AgentsDocument, { readsWidgets }, shop)).body.data;
    expect(agents.nodes).toContainEqual(expect.objectContaining({ id: agentId, name: "Grace" }));
    const refused = await ask(DeleteAgentDocument, { input: { id: agentId } }, shop);
    expect(refused.body.errors[0].extensions.code).toBe("CONFLICT");
    await app.delete(`/core/web-widgets/${widget.id}`, key);
    const deleted = await ask(DeleteAgentDocument, { input: { id: agentId } }, shop);
    expect(deleted.body.data.deleteAgent.deletedAgentId).toBe(agentId);
  });

  test("names the field of a present password that is wrong, and changes it otherwise", async () => {
    const newPassword = "another sentence of my own";
    const wrong = await ask(ChangePasswordDocument, {
      input: { currentPassword: "not this one, surely", newPassword },
    });
    const [problem] = wrong.body.errors[0].extensions.errors;
    expect(String(problem.path).split(".").at(-1)).toBe("currentPassword");
    const right = await ask(ChangePasswordDocument, {
      input: { currentPassword: PASSWORD, newPassword },
    });
    expect(right.body.data.changePassword.viewer.hasPassword).toBe(true);
  });

  test("lists conversations by every filter, reads one, ends it and erases its visitor", async () => {
    const { id: shop, key } = await app.organization();
    browser = await signedIn(app, await person(app, { [shop]: "admin" }));
    const widget = await app.widget(key);
    const userId = "user of the shop";
    const begun = await app.begin(widget.id, { user_id: userId, custom_metadata: { plan: "pro" } });
    const { id } = begun.body.conversation;
    const filters = variablesOf({
      status: "token_created",
      widget: widget.id,
      agent: widget.agent_id,
      version: widget.agent_version_id,
      channel: "webrtc",
      direction: "inbound",
      user: "SHOP",
      visitor: userId,
      from: "2020-01-01",
      until: "2099-01-01",
      fewerTurns: "0",
      metadata: '{"plan":"pro"}',
    });
    const readsSensitive = true;
    const listed = await ask(ConversationsDocument, { ...filters, readsSensitive }, shop);
    expect(listed.body.errors).toBeUndefined();
    expect(listed.body.data.conversations.nodes).toMatchObject([
      { id, userId, webWidgetId: widget.id, customMetadata: { plan: "pro" } },
    ]);
    const choices = (await ask(ConversationChoicesDocument, {}, shop)).body.data;
    expect(choices.widgets.nodes).toMatchObject([{ id: widget.id }]);
    expect(choices.agents.nodes).toMatchObject([{ id: widget.agent_id }]);
    const read = await ask(ConversationDocument, { id, readsSensitive }, shop);
    expect(read.body.errors).toBeUndefined();
    expect(read.body.data.conversation).toMatchObject({ id, conversation: { messages: [] } });
    const others = await ask(OtherConversationsDocument, { userId }, shop);
    expect(others.body.data.conversations.nodes).toMatchObject([{ id }]);
    const ended = await ask(EndConversationDocument, { input: { id } }, shop);
    expect(ended.body.data.endConversation.conversation.status).toBe("CANCELLED");
    const erased = await ask(EraseVisitorDocument, { input: { userId } }, shop);
    expect(erased.body.data.eraseVisitor.erasedConversations).toBe(1);
  });

  test("reads conversations without what is sensitive, for who may not read that", async () => {
    const { id: shop, key } = await app.organization();
    const widget = await app.widget(key);
    const { id } = (await app.begin(widget.id, { user_id: "Ada" })).body.conversation;
    browser = await signedIn(app, await person(app, { [shop]: "viewer" }));
    const readsSensitive = false;
    const listed = await ask(ConversationsDocument, { readsSensitive }, shop);
    expect(listed.body.errors).toBeUndefined();
    expect(listed.body.data.conversations.nodes).toHaveLength(1);
    const read = await ask(ConversationDocument, { id, readsSensitive }, shop);
    expect(read.body.errors).toBeUndefined();
    expect(read.body.data.conversation).not.toHaveProperty("summary");
  });
});
