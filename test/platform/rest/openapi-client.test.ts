import createClient from "openapi-fetch";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestApp } from "../../support/app.js";
import type { paths } from "../../support/generated/openapi.js";

let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.stop());

/** Fails the test with the API's own sentence instead of "undefined". */
function sure<T>(answer: { data?: T; error?: { detail: string }; response: Response }): T {
  if (answer.data === undefined)
    throw new Error(`${answer.response.status} ${answer.error?.detail}`);
  return answer.data;
}

test("a client generated from the OpenAPI document drives the README's tour", async () => {
  const { key } = await app.organization();
  const admin = createClient<paths>({
    baseUrl: app.url,
    headers: { authorization: `Bearer ${key}` },
  });
  const visitor = createClient<paths>({ baseUrl: app.url });

  const agent = sure(await admin.POST("/core/agents", { body: { name: "Ada" } }));
  const agentPath = { agent_id: agent.id };
  const version = sure(
    await admin.POST("/core/agents/{agent_id}/versions", {
      params: { path: agentPath },
      body: {
        config: {
          instructions: "Be brief.",
          starting_message: { type: "bot_initiates_static", text: "Hello!" },
        },
      },
    }),
  );
  const path = { ...agentPath, version: String(version.version) };
  const published = sure(
    await admin.POST("/core/agents/{agent_id}/versions/{version}/publish", {
      params: { path },
      body: {},
    }),
  );
  expect(published.published).toBe(true);

  const widget = sure(
    await admin.POST("/core/web-widgets", {
      body: {
        agent_id: agent.id,
        agent_version_id: version.id,
        config: {
          v1: {
            post_conversation_feedback: { form: { fields: [{ id: "rating", type: "rating" }] } },
          },
        },
      },
    }),
  );
  sure(
    await admin.PUT("/core/web-widgets/{id}", {
      params: { path: { id: widget.id } },
      body: { published: true },
    }),
  );

  const widgetPath = { widget_id: widget.id };
  const start = sure(
    await visitor.POST("/core/public/web-widgets/{widget_id}/conversations", {
      params: { path: widgetPath },
      body: { user_id: "guest_1" },
    }),
  );
  expect(start.capabilities.supportsVideoInput).toBe(false);
  const resumed = sure(
    await visitor.POST("/core/public/web-widgets/{widget_id}/conversations", {
      params: { path: widgetPath },
      body: { user_id: "guest_1", conversation_id: start.conversation.id },
    }),
  );
  expect(resumed.connection_details.room).not.toBe(start.connection_details.room);
  const feedback = sure(
    await visitor.POST(
      "/core/public/web-widgets/{widget_id}/conversations/{conversation_id}/feedback",
      {
        params: { path: { ...widgetPath, conversation_id: start.conversation.id } },
        body: { data: { rating: 5 } },
      },
    ),
  );
  expect(feedback.status).toBe("ok");

  const read = sure(
    await admin.GET("/core/conversations/{id}", {
      params: { path: { id: start.conversation.id } },
    }),
  );
  expect(read.custom_metadata).toEqual({ feedback_form: { rating: 5 } });
  const list = sure(
    await admin.GET("/core/conversations", {
      params: { query: { status: "token_created", limit: 5 } },
    }),
  );
  expect(list.map((item) => item.id)).toEqual([start.conversation.id]);
});
