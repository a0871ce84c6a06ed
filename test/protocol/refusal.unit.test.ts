import { describe, expect, test } from "vitest";
import { z } from "zod";
import { brokenRule, type BrokenRule } from "../../src/protocol/refusal.js";
import { widgetConfigSchema } from "../../src/protocol/widget-config.js";

/** Which rules a document breaks, by path. */
function rulesOf(schema: z.ZodType, document: unknown): Record<string, BrokenRule | undefined> {
  const { error } = schema.safeParse(document);
  return Object.fromEntries(
    (error?.issues ?? []).map((issue) => [issue.path.join("."), brokenRule(issue, document)]),
  );
}

describe("the rule that a document breaks", () => {
  test("is named for a program, with its bounds", () => {
    const field = { id: "a", type: "number", min: 5, max: 1 };
    const chosen = { id: "b", type: "select", required: true };
    expect(
      rulesOf(widgetConfigSchema, {
        v1: {
          theme: "pink",
          consent: { version: "" },
          language: 5,
          chat: {
            title: "x".repeat(2001),
            avatar_url: "ftp://x",
            light_mode: { text_color: { user_message: "reddish" } },
          },
          trigger: { size: 1, offset_x: "far", z_index: 0.5 },
          suggested_questions: Array.from({ length: 100 }, () => "Why?"),
          quick_actions: [{ label: "Returns" }],
          pre_conversation_form: { fields: [field, chosen] },
          post_conversation_feedback: {
            fields: [
              { id: "a", type: "text" },
              { id: "a", type: "text" },
            ],
          },
        },
      }),
    ).toMatchObject({
      "v1.theme": { rule: "choice" },
      "v1.language": { rule: "type" },
      "v1.chat.title": { rule: "length", max: 2000 },
      "v1.chat.avatar_url": { rule: "asset_url" },
      "v1.chat.light_mode.text_color.user_message": { rule: "color" },
      "v1.trigger.size": { rule: "range", min: 24 },
      "v1.trigger.offset_x": { rule: "number" },
      "v1.trigger.z_index": { rule: "whole_number" },
      "v1.consent.version": { rule: "required" },
      "v1.suggested_questions": { rule: "count" },
      "v1.pre_conversation_form.fields.0.max": { rule: "below_min" },
      "v1.pre_conversation_form.fields.1.options": { rule: "options" },
      "v1.post_conversation_feedback.fields.1.id": { rule: "used_twice" },
    });
  });

  test("is that it is needed where nothing stands", () => {
    const schema = z.object({ name: z.string(), kind: z.enum(["a"]) });
    const required = { rule: "required" };
    expect(rulesOf(schema, {})).toEqual({ name: required, kind: required });
  });

  test("has no name where it is a pattern's", () => {
    const document = { v1: { language: "not a tag" } };
    expect(rulesOf(widgetConfigSchema, document)).toEqual({ "v1.language": undefined });
  });
});
