import { GraphQLClient } from "graphql-request";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestApp } from "../../support/app.js";
import {
  DashboardDocument,
  EditDraftDocument,
  PointWidgetDocument,
  PublishDocument,
  ReadConversationsDocument,
} from "../../support/generated/dashboard.js";

let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.stop());

test("a dashboard on generated types lists, edits, publishes, reads conversations and sees readiness live", async () => {
  const { key } = await app.organization();
  const client = new GraphQLClient(`${app.url}/graphql`, {
    headers: { authorization: `Bearer ${key}` },
  });
  const { agentId } = await app.agent(key);
  const widget = await app.widget(key, {});

  const before = await client.request(DashboardDocument, { first: 10 });
  expect(before.widgets?.nodes).toHaveLength(1);
  expect(before.widgets?.nodes[0]?.readiness).toMatchObject({ live: true, blockers: [] });

  const draft = await client.request(EditDraftDocument, {
    agentId,
    config: { instructions: "Be kind." },
  });
  const version = draft.updateAgentVersion?.agentVersion;
  expect(version).toMatchObject({ version: 2, published: false });
  const pointed = await client.request(PointWidgetDocument, {
    input: { id: widget.id, agentId, agentVersionId: version?.id ?? null },
  });
  expect(pointed.updateWidget?.widget.readiness).toEqual({
    live: false,
    blockers: [{ code: "VERSION_NOT_PUBLISHED" }],
  });
  const published = await client.request(PublishDocument, { agentId, version: 2 });
  expect(published.publishAgentVersion?.agentVersion.publishedAt).not.toBeNull();
  const after = await client.request(DashboardDocument, { first: 10 });
  expect(after.widgets?.nodes[0]?.readiness?.live).toBe(true);
  expect(after.widgets?.nodes[0]?.agentVersion).toEqual({ version: 2, published: true });

  for (const user of ["a", "b", "c"]) await app.begin(widget.id, { user_id: user });
  const first = await client.request(ReadConversationsDocument, { status: "TOKEN_CREATED" });
  expect(first.conversations?.nodes).toHaveLength(2);
  const second = await client.request(ReadConversationsDocument, {
    status: "TOKEN_CREATED",
    after: first.conversations?.pageInfo.endCursor ?? null,
  });
  const ids = [first, second].flatMap(({ conversations }) =>
    conversations?.nodes.map((node) => node.id),
  );
  expect(new Set(ids).size).toBe(3);
  expect(second.conversations?.pageInfo.hasNextPage).toBe(false);
});
