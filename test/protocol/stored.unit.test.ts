import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  DEMO_AGENT_CONFIG,
  DEMO_WIDGET_CONFIG,
} from "../../src/platform/organizations/demo-content.js";
import { agentConfigSchema, storedAgentConfigSchema } from "../../src/protocol/agent-config.js";
import { lenient } from "../../src/protocol/stored.js";
import { widgetConfigSchema } from "../../src/protocol/widget-config.js";

describe("the lenient reading of a strict schema", () => {
  test("gives back what the schema takes, without defaults that nobody wrote", () => {
    for (const [schema, document] of [
      [agentConfigSchema, DEMO_AGENT_CONFIG],
      [widgetConfigSchema, DEMO_WIDGET_CONFIG],
      [widgetConfigSchema, { v1: { trigger: {}, own: [null] } }],
      [agentConfigSchema, { starting_message: { type: "user_initiates" }, vision: {} }],
    ] as const) {
      expect(schema.safeParse(document).error).toBeUndefined();
      expect(lenient<z.ZodType>(schema).parse(document)).toStrictEqual(document);
    }
  });

  test("asks for no bound and no pattern, which may be newer than what is stored", () => {
    const schema = z.looseObject({
      size: z.number().min(5).default(7),
      name: z.string().min(1).regex(/^a/).optional(),
      list: z.array(z.string().max(1)).max(1).optional(),
    });
    const old = { size: 1, name: "", list: ["long", "list"] };
    expect(schema.safeParse(old).success).toBe(false);
    expect(lenient(schema).parse(old)).toEqual(old);
  });

  test("leaves out what has not even the type, of a list the item alone", () => {
    const read = storedAgentConfigSchema.parse({
      instructions: 5,
      vision: { video_input: "yes", screen_share: true },
      faq: [{ question: "Why?" }, { question: "Who?", answer: "I." }],
      built_in_tools: { widgets: { allowed: ["info", "gone"] }, forms: "none" },
    });
    expect(read).toEqual({
      vision: { screen_share: true },
      faq: [{ question: "Who?", answer: "I." }],
      built_in_tools: { widgets: { allowed: ["info"] } },
    });
  });

  test("leaves a form's fields to whoever shows them", () => {
    const fields = [{ id: "a", type: "of tomorrow" }, 5];
    const forms = [{ id: "order", name: "Order", fields }];
    expect(storedAgentConfigSchema.parse({ built_in_tools: { forms } })).toEqual({
      built_in_tools: { forms },
    });
  });
});
