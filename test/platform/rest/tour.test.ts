import { afterAll, beforeAll, expect, test } from "vitest";
import { TestApp } from "../../support/app.js";

let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.stop());

test("the tour: agent, version, publish, widget, publish, start, resume, feedback, read back", async () => {
  const { key } = await app.organization();
  const agent = await app.post("/core/agents", { name: "Ada" }, key);
  expect(agent.status).toBe(201);
  const version = await app.post(
    `/core/agents/${agent.body.id}/versions`,
    { config: { instructions: "Be kind." } },
    key,
  );
  expect(version.body).toMatchObject({ version: 1, published: false });
  const published = await app.post(`/core/agents/${agent.body.id}/versions/1/publish`, {}, key);
  expect(published.body.published).toBe(true);
  const form = { fields: [{ id: "rating", type: "rating" }] };
  const widget = await app.post(
    "/core/web-widgets",
    {
      agent_id: agent.body.id,
      agent_version_id: version.body.id,
      config: { v1: { post_conversation_feedback: { enabled: true, form } } },
    },
    key,
  );
  expect(widget.status).toBe(201);
  expect((await app.begin(widget.body.id, { user_id: "u" })).status).toBe(404);
  expect(
    (await app.put(`/core/web-widgets/${widget.body.id}`, { published: true }, key)).status,
  ).toBe(200);
  const started = await app.begin(widget.body.id, {
    user_id: "u",
    custom_metadata: { plan: "pro" },
  });
  expect(started.status).toBe(200);
  const id = started.body.conversation.id;
  const resumed = await app.begin(widget.body.id, { user_id: "u", conversation_id: id });
  expect(resumed.body.conversation.id).toBe(id);
  expect(resumed.body.connection_details.room).not.toBe(started.body.connection_details.room);
  const feedback = await app.post(
    `/core/public/web-widgets/${widget.body.id}/conversations/${id}/feedback`,
    {
      data: { rating: 5, other: 1 },
    },
  );
  expect(feedback.body).toEqual({ status: "ok" });
  const read = await app.get(`/core/conversations/${id}`, key);
  expect(read.body.custom_metadata).toEqual({ plan: "pro", feedback_form: { rating: 5 } });
});
