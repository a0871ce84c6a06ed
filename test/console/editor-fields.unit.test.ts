import { describe, expect, test } from "vitest";
import {
  FIELDS,
  FORM_KEYS,
  LIST_FIELDS,
  PALETTE_FIELDS,
} from "../../src/console/editor/editor-fields.js";
import { factsOf } from "../../src/console/editor/key-facts.js";
import { widgetConfigV1Schema } from "../../src/protocol/widget-config.js";
import { configKeys } from "../support/config-keys.js";

/** Every key that the editor has a field for, as `configKeys` writes its path. */
const EDITED = new Set([
  ...Object.values(FIELDS).flatMap((rows) => rows.map(({ path }) => path)),
  ...["chat.light_mode", "chat.dark_mode"].flatMap((mode) =>
    PALETTE_FIELDS.map(({ path }) => `${mode}.${path}`),
  ),
  ...Object.entries(LIST_FIELDS).flatMap(([path, inside]) => [path, ...keysInside(path, inside)]),
]);

function keysInside(path: string, inside: "form" | "fields" | readonly string[]): string[] {
  if (inside === "form")
    return [
      ...FORM_KEYS.form.map((key) => `${path}.${key}`),
      ...keysInside(`${path}.fields`, "fields"),
    ];
  if (inside === "fields")
    return [
      ...FORM_KEYS.field.map((key) => `${path}[].${key}`),
      ...FORM_KEYS.option.map((key) => `${path}[].options[].${key}`),
    ];
  return inside.map((key) => `${path}[].${key}`);
}

describe("the editor", () => {
  test("has a field for every key of a widget's config", () => {
    const keys = configKeys(widgetConfigV1Schema);
    expect(keys.length).toBeGreaterThan(70);
    const missing = keys
      // An object is edited by its keys.
      .filter(({ path, isObject }) => !isObject && !EDITED.has(path))
      .map(({ path }) => path);
    expect(missing).toEqual([]);
  });

  test("has no field for a key that there is not", () => {
    const known = new Set(configKeys(widgetConfigV1Schema).map(({ path }) => path));
    expect([...EDITED].filter((path) => !known.has(path))).toEqual([]);
  });

  test("takes from the schema what each holds", () => {
    expect(factsOf("chat.title")).toEqual({ kind: "text", maxLength: 2000 });
    expect(factsOf("chat.avatar_url")).toEqual({ kind: "address" });
    expect(factsOf("chat.dark_mode.text_color.user_message")).toEqual({ kind: "color" });
    expect(factsOf("trigger.size")).toEqual({ kind: "number", min: 24, max: 200, initial: 56 });
    expect(factsOf("trigger.offset_y")).toMatchObject({ kind: "number", initial: undefined });
    expect(factsOf("consent.required")).toEqual({ kind: "yesOrNo", initial: false });
    expect(factsOf("ai_notice.enabled")).toEqual({ kind: "yesOrNo", initial: true });
    expect(factsOf("theme")).toEqual({
      kind: "choice",
      options: ["system", "light", "dark"],
      initial: "system",
    });
    expect(() => factsOf("chat.glow")).toThrow("chat.glow");
    expect(() => factsOf("quick_actions")).toThrow("quick_actions");
  });

  test("has a name for each option of a choice", () => {
    for (const row of Object.values(FIELDS).flat()) {
      const facts = factsOf(row.path);
      const named = "options" in row ? Object.keys(row.options) : [];
      expect(named.toSorted(), row.path).toEqual(
        facts.kind === "choice" ? facts.options.toSorted() : [],
      );
    }
  });
});
