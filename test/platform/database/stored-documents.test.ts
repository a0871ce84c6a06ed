import { afterAll, beforeAll, expect, test } from "vitest";
import { PanelTools } from "../../../src/agent/panel-tools.js";
import { PlatformClient } from "../../../src/agent/platform-client.js";
import { readAgentConfig } from "../../../src/platform/agents/agent-config.js";
import { feedbackFieldIds } from "../../../src/platform/widgets/widget-config.js";
import { AGENT_SECRET, TestApp } from "../../support/app.js";
import { giveFeedback, publicPath } from "../../support/visitor.js";

/** What was taken once, and is not any more: nobody can choose, reach the minimum, or use such an id. */
const FIELDS = [
  { id: "colour", type: "select", required: true, options: [] },
  { id: "age", type: "number", min: 10, max: "9" },
  { id: "constructor", type: "text" },
];
const AGENT_CONFIG = {
  instructions: "Be kind.",
  starting_message: { type: "bot_initiates_static", text: "" },
  vision: { video_input: true },
  quick_actions: [{ id: "a", label: "b".repeat(101), message: "c" }],
  built_in_tools: {
    widgets: { allowed: ["info"] },
    forms: [{ id: "order", name: "Order", fields: FIELDS }],
  },
  faq: [{ question: "Why?", answer: "" }],
};
const WIDGET_CONFIG = {
  v1: {
    theme: "dim",
    pre_conversation_form: { fields: FIELDS },
    post_conversation_feedback: { enabled: true, form: { fields: FIELDS } },
  },
};

let app: TestApp;
let key: string;
beforeAll(async () => {
  app = await TestApp.start();
  ({ key } = await app.organization());
});
afterAll(() => app.stop());

test("what was stored works on under rules that refuse it now: greeting, tools, forms, feedback", async () => {
  const widget = await app.widget(key);
  const { id, agent_id: agentId, agent_version_id: versionId } = widget;
  const versions = `/core/agents/${agentId}/versions`;
  expect((await app.post(versions, { config: AGENT_CONFIG }, key)).status).toBe(422);
  const path = `/core/web-widgets/${id}`;
  expect((await app.put(path, { config: WIDGET_CONFIG }, key)).status).toBe(422);
  await app.db.agentVersion.update({ where: { id: versionId }, data: { config: AGENT_CONFIG } });
  const stored = await app.db.widget.update({ where: { id }, data: { config: WIDGET_CONFIG } });

  expect((await app.get(publicPath(id))).body.config).toEqual(WIDGET_CONFIG);
  expect(await app.parley.gate.quickActions(stored)).toEqual(AGENT_CONFIG.quick_actions);
  const started = await app.begin(id, { user_id: "ada" });
  expect(started.body.capabilities.supportsVideoInput).toBe(true);
  const { room } = started.body.connection_details;
  const platform = new PlatformClient(app.url, AGENT_SECRET);
  const job = await (await platform.claim({ room, identity: "agent-x" })).read();
  expect(job.config).toEqual(AGENT_CONFIG);
  const panel = new PanelTools({
    config: job.config,
    show: async () => "",
    onAnswer: () => {},
    record: () => {},
  });
  expect([...panel.tools.keys()]).toEqual(["show_info_widget", "show_form_order"]);
  const conversationId = started.body.conversation.id;
  expect((await giveFeedback(app, id, conversationId, { age: 9 })).body).toEqual({ status: "ok" });

  const copy = await app.post(versions, { base_version: 1 }, key);
  expect(copy.body.config).toEqual(AGENT_CONFIG);
  expect((await app.post(`${versions}/2/publish`, {}, key)).body.published).toBe(true);
  expect((await app.put(path, { agent_version_id: copy.body.id }, key)).status).toBe(200);
});

test("what has not even the shape that a reader needs is absent by itself", () => {
  const form = { id: "order", name: "Order" };
  expect(
    readAgentConfig({
      instructions: "Be kind.",
      starting_message: { type: "bot_initiates_song" },
      vision: { video_input: "yes", screen_share: true },
      quick_actions: {},
      built_in_tools: { widgets: { allowed: ["info", "gone"] }, forms: [form, 5, { id: "x" }] },
      faq: [null, { question: "Why?", answer: "Because." }],
    }),
  ).toEqual({
    instructions: "Be kind.",
    vision: { screen_share: true },
    built_in_tools: { widgets: { allowed: ["info"] }, forms: [form] },
    faq: [{ question: "Why?", answer: "Because." }],
  });
  for (const config of [null, "text", [], {}]) expect(readAgentConfig(config)).toEqual({});
  const feedback = { enabled: "yes", fields: [{ id: "rating" }, { id: 5 }] };
  expect(feedbackFieldIds({ v1: { post_conversation_feedback: feedback } })).toEqual(
    new Set(["rating"]),
  );
  for (const config of [null, { v1: [] }]) expect(feedbackFieldIds(config)).toBeUndefined();
});
