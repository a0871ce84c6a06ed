import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestApp, type Answer } from "../../support/app.js";
import { codeOf, publicPath, readMessages, withToken } from "../../support/visitor.js";

const MESSAGES = `query ($widgetId: UUID!, $conversationId: UUID!) {
  conversationMessages(widgetId: $widgetId, conversationId: $conversationId) {
    messages { id role text mode createdAt } visitorToken
  }
}`;

let app: TestApp;
let organization: { id: string; key: string };
let widget: Answer["body"];
let id: string;
let token: string;
beforeAll(async () => {
  app = await TestApp.start();
  organization = await app.organization();
  widget = await app.widget(organization.key);
  const started = await app.begin(widget.id, { user_id: "ada" });
  id = started.body.conversation.id;
  token = started.body.visitor_token;
  const turn = { conversationId: id, mode: "text" } as const;
  await app.db.turn.createMany({
    data: [
      { ...turn, id: "t3", role: "agent", text: "Hello Ada", createdAt: new Date(3_000) },
      { ...turn, id: "t1", role: "user", text: "Hi", createdAt: new Date(1_000) },
      {
        ...turn,
        id: "t2",
        role: "tool",
        text: "mark-tool",
        createdAt: new Date(2_000),
        toolCall: { call_id: "c", name: "secret_tool", arguments: {}, result: "mark-result" },
      },
      {
        ...turn,
        id: "t4",
        role: "user",
        mode: "voice",
        text: "Spoken",
        createdAt: new Date(4_000),
      },
    ],
  });
});
afterAll(() => app.stop());

describe("messages", () => {
  test("are the visitor's and the agent's turns, oldest first, without tool calls", async () => {
    const answer = await readMessages(app, widget.id, id, token);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      messages: [
        {
          id: "t1",
          role: "user",
          text: "Hi",
          mode: "text",
          created_at: "1970-01-01T00:00:01.000Z",
        },
        {
          id: "t3",
          role: "agent",
          text: "Hello Ada",
          mode: "text",
          created_at: "1970-01-01T00:00:03.000Z",
        },
        {
          id: "t4",
          role: "user",
          text: "Spoken",
          mode: "voice",
          created_at: "1970-01-01T00:00:04.000Z",
        },
      ],
      visitor_token: expect.any(String),
    });
    expect(answer.text).not.toMatch(/mark|secret_tool/);
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });

  test("by GraphQL are the same", async () => {
    const variables = { widgetId: widget.id, conversationId: id };
    const answer = await app.gql(MESSAGES, variables, undefined, withToken(token));
    const { messages, visitorToken } = answer.body.data.conversationMessages;
    expect(messages.map((message: { text: string }) => message.text)).toEqual([
      "Hi",
      "Hello Ada",
      "Spoken",
    ]);
    expect(messages[2]).toMatchObject({ role: "USER", mode: "VOICE" });
    expect((await readMessages(app, widget.id, id, visitorToken)).status).toBe(200);
    expect(codeOf(await app.gql(MESSAGES, variables))).toBe("UNAUTHENTICATED");
  });

  test("open to the visitor token only: no organization's key does it", async () => {
    const path = `${publicPath(widget.id)}/conversations/${id}/messages`;
    expect((await app.get(path)).status).toBe(401);
    expect((await app.get(path, organization.key)).status).toBe(401);
  });

  test("of an unknown conversation say nothing without a token, and 404 with one", async () => {
    expect((await readMessages(app, widget.id, randomUUID())).status).toBe(401);
    expect((await readMessages(app, widget.id, randomUUID(), token)).status).toBe(404);
    expect((await readMessages(app, widget.id, "nonsense", token)).status).toBe(404);
    expect((await readMessages(app, randomUUID(), id, token)).status).toBe(404);
  });

  test("of another widget's conversation are 403", async () => {
    const other = await app.widget(organization.key);
    const theirs = await app.begin(other.id, { user_id: "ada" });
    const answer = await readMessages(app, widget.id, theirs.body.conversation.id, token);
    expect(answer.status).toBe(403);
  });
});
