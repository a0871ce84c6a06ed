import { afterAll, beforeAll, expect, test } from "vitest";
import { SCOPES } from "../../../src/platform/auth/scopes.js";
import { TestApp } from "../../support/app.js";

let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.stop());

const DAY = 24 * 60 * 60;
const SET = `mutation ($input: UpdateOrganizationInput!) { updateOrganization(input: $input) { organization { retentionDays name } } }`;
const ERASE = `mutation ($userId: String!) { eraseVisitor(input: { userId: $userId }) { erasedConversations } }`;

test("ended conversations are removed after the organization's days, others' and live ones stay", async () => {
  const { key } = await app.organization();
  const other = await app.organization();
  const widget = await app.widget(key);
  const theirs = await app.widget(other.key);
  const ended = (await app.begin(widget.id, { user_id: "ended" })).body.conversation.id;
  const live = (await app.begin(widget.id, { user_id: "live" })).body.conversation.id;
  const foreign = (await app.begin(theirs.id, { user_id: "ended" })).body.conversation.id;
  await app.db.conversation.updateMany({
    where: { id: { in: [ended, foreign] } },
    data: { status: "completed" },
  });
  await app.db.conversation.update({ where: { id: live }, data: { status: "in_progress" } });
  await app.db.turn.create({
    data: {
      conversationId: ended,
      id: "1",
      role: "user",
      text: "hello",
      mode: "text",
      createdAt: new Date(),
    },
  });
  const set = await app.gql(SET, { input: { retentionDays: 30 } }, key);
  expect(set.body.data.updateOrganization.organization.retentionDays).toBe(30);

  app.clock.forward(29 * DAY);
  await app.parley.retention.sweep();
  expect((await app.get(`/core/conversations/${ended}`, key)).status).toBe(200);
  app.clock.forward(2 * DAY);
  await Promise.all([app.parley.retention.sweep(), app.parley.retention.sweep()]);
  expect((await app.get(`/core/conversations/${ended}`, key)).status).toBe(404);
  expect(await app.db.turn.count({ where: { conversationId: ended } })).toBe(0);
  expect((await app.get(`/core/conversations/${live}`, key)).status).toBe(200);
  expect((await app.get(`/core/conversations/${foreign}`, other.key)).status).toBe(200);
});

test("retention is 1 to 36500 days, or null for good", async () => {
  const { key } = await app.organization();
  for (const retentionDays of [0, -1, 36_501]) {
    const answer = await app.gql(SET, { input: { retentionDays } }, key);
    expect(answer.body.errors[0].extensions.errors[0].path).toBe("retentionDays");
  }
  const cleared = await app.gql(SET, { input: { retentionDays: null } }, key);
  expect(cleared.body.data.updateOrganization.organization.retentionDays).toBeNull();
  const unnamed = await app.gql(SET, { input: { name: null } }, key);
  expect(unnamed.body.errors[0].extensions.code).toBe("BAD_USER_INPUT");
});

test("erasing a visitor removes exactly their conversations in this organization, and closes the rooms that are open", async () => {
  const { id, key } = await app.organization();
  const other = await app.organization();
  const widget = await app.widget(key);
  const theirs = await app.widget(other.key);
  const mine = await app.begin(widget.id, {
    user_id: "eve",
    custom_metadata: { email: "eve@example.com" },
  });
  const ended = await app.begin(widget.id, { user_id: "eve" });
  await app.db.conversation.update({
    where: { id: ended.body.conversation.id },
    data: { status: "completed" },
  });
  await app.begin(widget.id, { user_id: "eve2" });
  await app.begin(theirs.id, { user_id: "eve" });
  const erased = await app.gql(ERASE, { userId: "eve" }, key);
  expect(erased.body.data.eraseVisitor.erasedConversations).toBe(2);
  expect(app.rooms.deleted).toEqual([mine.body.connection_details.room]);
  expect(
    (await app.get("/core/conversations", key)).body.map((row: { user_id: string }) => row.user_id),
  ).toEqual(["eve2"]);
  expect((await app.get("/core/conversations", other.key)).body).toHaveLength(1);
  const again = await app.gql(ERASE, { userId: "eve" }, key);
  expect(again.body.data.eraseVisitor.erasedConversations).toBe(0);

  const without = await app.key(
    id,
    SCOPES.filter((scope) => scope !== "conversations:manage"),
  );
  const refused = await app.gql(ERASE, { userId: "eve2" }, without);
  expect(refused.body.errors[0].extensions.code).toBe("FORBIDDEN");
});
