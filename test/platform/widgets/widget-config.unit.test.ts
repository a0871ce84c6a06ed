import { describe, expect, test } from "vitest";
import { agentConfigSchema } from "../../../src/protocol/agent-config.js";
import { checkAgentConfig } from "../../../src/platform/agents/agent-config.js";
import { AppError } from "../../../src/platform/errors.js";
import { widgetConfigV1Schema } from "../../../src/protocol/widget-config.js";
import { configKeys } from "../../support/config-keys.js";
import { checkWidgetConfig } from "../../../src/platform/widgets/widget-config.js";

/** The paths that a config is refused for; empty when it passes. */
function wrongPaths(config: object): string[] {
  try {
    checkWidgetConfig(config);
    return [];
  } catch (error) {
    if (error instanceof AppError && error.code === "invalid") {
      return (error.fields ?? []).map((field) => field.path);
    }
    throw error;
  }
}

/** `{ v1: { a: { b: value } } }` for the path `a.b`. */
function at(path: string, value: unknown): object {
  const inner = path.split(".").reduceRight<unknown>((rest, key) => ({ [key]: rest }), value);
  return { v1: inner };
}

const COLOURS = {
  right: [
    "#abc",
    "#abcd",
    "#aabbcc",
    "#aabbccdd",
    "#ABC",
    "rgb(1, 2, 3)",
    "rgba(1,2,3,.5)",
    "rgb(1 2 3 / 50%)",
    "hsl(120deg 50% 50%)",
    "hsla(1, 2%, 3%, 0.4)",
    "red",
    "RebeccaPurple",
    "transparent",
  ],
  wrong: [
    "",
    "#ab",
    "#abcde",
    "#ggg",
    "rgb(1,2)",
    "rgb(1,2,3,4,5)",
    "url(x)",
    "var(--x)",
    "red;}",
    "expression(1)",
    "currentcolor(",
    "reddish",
    7,
    {},
  ],
};
const URLS = {
  right: [
    "https://a.example/x.png",
    "http://localhost:3000/a.png",
    "http://127.0.0.1/a.png",
    "http://[::1]/a.png",
    "data:image/png;base64,AAAA",
    "data:image/webp,x",
  ],
  wrong: [
    "",
    "a.png",
    "/a.png",
    "//a.example/x.png",
    "http://a.example/x.png",
    "ftp://a.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "data:image/svg+xml,<svg/>",
    "DATA:image/SVG+xml;base64,AA",
    "https://user@a.example/",
    5,
  ],
};
const TEXTS = {
  right: ["", "Hello", "👋", "x".repeat(2000)],
  wrong: [5, {}, [], true, "x".repeat(2001)],
};
const FLAGS = { right: [true, false], wrong: ["true", 1, {}] };
const PIXELS = { right: [0, 16, 2.5], wrong: [-1, "16", 100_000, {}] };

const form = (fields: unknown): object => ({ fields });
const field = (extra: object = {}): object => ({ id: "a", type: "text", ...extra });
const many = (count: number): object[] =>
  Array.from({ length: count }, (_, n) => ({ id: `f${n}`, type: "text" }));
const action = (extra: object = {}): object => ({ id: "a", label: "b", message: "c", ...extra });

/** As many tags. */
const languages = (count: number): string[] =>
  Array.from(
    { length: count },
    (_, n) => `x${String.fromCharCode(97 + (n % 26))}${n > 25 ? "b" : "a"}`,
  );

/** Every known path with what is right and what is wrong there. */
const PATHS: Record<string, { right: unknown[]; wrong: unknown[] }> = {
  theme: { right: ["system", "light", "dark"], wrong: ["blue", "Dark", "", 1] },
  "chat.light_mode.background_color.user_message": COLOURS,
  "chat.light_mode.background_color.controls_button": COLOURS,
  "chat.light_mode.text_color.user_message": COLOURS,
  "chat.light_mode.text_color.controls_button": COLOURS,
  "chat.dark_mode.background_color.user_message": COLOURS,
  "chat.dark_mode.background_color.controls_button": COLOURS,
  "chat.dark_mode.text_color.user_message": COLOURS,
  "chat.dark_mode.text_color.controls_button": COLOURS,
  "chat.light_mode": { right: [{}], wrong: ["x", []] },
  ai_notice: { right: [{}, { own: 1 }], wrong: ["on", true, []] },
  "ai_notice.enabled": FLAGS,
  consent: { right: [{}, { required: true }], wrong: ["on", true, []] },
  "consent.required": FLAGS,
  "consent.version": { right: ["1", "2026-11", "x".repeat(100)], wrong: ["", 1, "x".repeat(101)] },
  "chat.avatar_shape": { right: ["circle", "square"], wrong: ["round", 1] },
  "chat.title": TEXTS,
  "chat.subtitle": TEXTS,
  "chat.welcome_message": TEXTS,
  "chat.placeholder": TEXTS,
  "chat.avatar_url": URLS,
  "chat.logo_url": URLS,
  "trigger.shape": { right: ["circle", "square"], wrong: ["round", 1] },
  "trigger.size": { right: [56, 24, 200], wrong: [-1, 0, "56", 100_000] },
  "trigger.position": { right: ["bottom-right", "bottom-left"], wrong: ["top-left", ""] },
  "trigger.offset_x": PIXELS,
  "trigger.offset_y": PIXELS,
  "trigger.padding": PIXELS,
  "trigger.icon_url": URLS,
  "trigger.label": { right: ["", "Ask us"], wrong: [1, "x".repeat(101)] },
  "trigger.z_index": { right: [0, 2_147_483_647], wrong: ["9", 1.5, 2_147_483_648] },
  default_mode: { right: ["text", "voice"], wrong: ["video", ""] },
  start_conversation_on_toggle: FLAGS,
  language: {
    right: ["de", "pt-BR", "zh-Hant-TW", "x".repeat(8)],
    wrong: ["", "d", "de_AT", "de-", "de at", 7, `de${"-abcdefgh".repeat(4)}`],
  },
  texts: {
    right: [{}, { sv: {} }, { "zh-Hant": { send: "傳送" } }],
    wrong: ["x", [], Object.fromEntries(languages(41).map((tag) => [tag, {}]))],
  },
  "texts.de": { right: [{}, { own_key: 7 }], wrong: ["x", 1, []] },
  "texts.de.send": { right: ["Los!"], wrong: ["", 5, "Los {seconds}!", "{", "x".repeat(2001)] },
  "texts.de.too_many": {
    right: ["In {seconds} s", "Später", "{seconds}{seconds}"],
    wrong: ["In {minutes} min", "In { seconds }", { one: "x" }],
  },
  "texts.de.field_problems_required": { right: ["{label}!"], wrong: ["{x}"] },
  "texts.de.microphone_problems_forbidden_by_page": { right: ["Nein"], wrong: [false] },
  suggested_questions: {
    right: [[], ["a"], Array.from({ length: 8 }, () => "q"), ["x".repeat(200)]],
    wrong: ["a", {}, Array.from({ length: 9 }, () => "q")],
  },
  "suggested_questions.0": { right: ["How?"], wrong: [1, "x".repeat(201)] },
  quick_actions: {
    right: [[], [action()], Array.from({ length: 8 }, () => action())],
    wrong: [{}, "a", Array.from({ length: 9 }, () => action())],
  },
  "quick_actions.0": { right: [action({ icon: "own key" })], wrong: ["a", 1] },
  pre_conversation_form: {
    right: [
      form([]),
      form([field()]),
      { id: "x", name: "n", title: "t", submit_label: "s", fields: [] },
    ],
    wrong: ["x", [], 1],
  },
  "pre_conversation_form.title": { right: ["Who are you?"], wrong: [1] },
  "pre_conversation_form.submit_label": { right: ["Go"], wrong: [[]] },
  "pre_conversation_form.fields": { right: [many(50)], wrong: [many(51), {}, "a"] },
  "pre_conversation_form.fields.0": { right: [field({ own: 1 })], wrong: ["a"] },
  "pre_conversation_form.fields.0.id": { right: ["email"], wrong: ["", 5, "feedback_form"] },
  "pre_conversation_form.fields.0.type": {
    right: [
      "text",
      "textarea",
      "email",
      "phone",
      "number",
      "select",
      "multiselect",
      "checkbox",
      "rating",
      "date",
    ],
    wrong: ["password", "", 1],
  },
  "pre_conversation_form.fields.0.label": { right: ["Name"], wrong: [1] },
  "pre_conversation_form.fields.0.required": FLAGS,
  "pre_conversation_form.fields.0.placeholder": { right: [""], wrong: [{}] },
  "pre_conversation_form.fields.0.options": {
    right: [[{ value: "a", label: "A" }]],
    wrong: ["a", {}],
  },
  "pre_conversation_form.fields.0.options.0.value": { right: ["a"], wrong: [1] },
  "pre_conversation_form.fields.0.min": { right: [1, "2026-01-01"], wrong: [{}, true] },
  "pre_conversation_form.fields.0.max": { right: [5], wrong: [[]] },
  pre_conversation_show_once: FLAGS,
  "post_conversation_feedback.enabled": FLAGS,
  "post_conversation_feedback.thank_you_text": TEXTS,
  "post_conversation_feedback.form": { right: [form([field()])], wrong: ["x", 1] },
  "post_conversation_feedback.form.fields.0.type": { right: ["rating"], wrong: ["stars"] },
  "post_conversation_feedback.fields": { right: [[field()], []], wrong: [many(51), "a"] },
  "post_conversation_feedback.fields.0.id": { right: ["a"], wrong: ["feedback_form"] },
};

/** What the steps with a number need around them to be otherwise right. */
function documentFor(path: string, value: unknown): object {
  const steps = path.split(".");
  const build = (index: number): unknown => {
    const step = steps[index];
    if (step === undefined) return value;
    if (step === "0") return [build(index + 1)];
    const inner = { [step]: build(index + 1) };
    const parent = steps[index - 1];
    const above = steps[index - 2];
    if (parent === "0" && above === "fields") return { ...field(), ...inner };
    if (parent === "0" && above === "options") return { value: "a", label: "A", ...inner };
    if (parent === "pre_conversation_form" || parent === "form") return { fields: [], ...inner };
    return inner;
  };
  return { v1: build(0) };
}

describe("every known path of config.v1", () => {
  test("has a line above; of lists and forms each its own", () => {
    const leaves = configKeys(widgetConfigV1Schema).filter(
      ({ path, isObject }) => !isObject && !/\[\]|form\./.test(path),
    );
    expect(leaves.map(({ path }) => path).filter((path) => !(path in PATHS))).toEqual([]);
    expect(leaves.length).toBeGreaterThan(30);
  });

  for (const [path, { right, wrong }] of Object.entries(PATHS)) {
    test(path, () => {
      for (const value of right)
        expect(wrongPaths(documentFor(path, value)), JSON.stringify(value)).toEqual([]);
      for (const value of wrong) {
        const found = wrongPaths(documentFor(path, value));
        expect(found, JSON.stringify(value)).toEqual([`config.v1.${path}`]);
      }
    });
  }
});

describe("a form", () => {
  const longest = "x".repeat(2000);
  const optionsOf = (count: number, label = "A"): object[] =>
    Array.from({ length: count }, (_, index) => ({ value: `v${index}`, label }));
  const chosen = field({ type: "multiselect" });

  test("may have 1,000 options a field, and labels of 2,000 characters, wherever a form may stand", () => {
    const good = {
      title: longest,
      submit_label: longest,
      fields: [
        { ...chosen, options: optionsOf(1000) },
        { ...field({ id: "terms" }), label: longest, placeholder: longest },
        { ...chosen, id: "long", options: [{ value: longest, label: longest }] },
      ],
    };
    const bad = {
      fields: [
        { ...chosen, options: optionsOf(1001) },
        { ...field({ id: "terms" }), label: `${longest}x` },
        { ...chosen, id: "long", options: optionsOf(1, `${longest}x`) },
      ],
    };
    const wrong = ["0.options", "1.label", "2.options.0.label"];
    for (const place of ["pre_conversation_form", "post_conversation_feedback.form"]) {
      expect(wrongPaths(at(place, good)), place).toEqual([]);
      expect(wrongPaths(at(place, bad))).toEqual(
        wrong.map((path) => `config.v1.${place}.fields.${path}`),
      );
    }
    const inAgent = (asked: object): object => ({
      built_in_tools: { forms: [{ ...asked, id: "ask", name: "Ask" }] },
    });
    expect(() => checkAgentConfig(agentConfigSchema, inAgent(good))).not.toThrow();
    expect(() => checkAgentConfig(agentConfigSchema, inAgent(bad))).toThrow();
  });

  test("has to fit into the 64 KB of the whole config all the same", () => {
    const fields = [{ ...chosen, options: optionsOf(1000, "x".repeat(100)) }];
    expect(wrongPaths(at("pre_conversation_form", { fields }))).toEqual(["config"]);
  });

  test("has ids only once", () => {
    const fields = [field(), field({ id: "b" }), field()];
    expect(wrongPaths(at("pre_conversation_form", { fields }))).toEqual([
      "config.v1.pre_conversation_form.fields.2.id",
    ]);
  });

  test("has no ids that every object has", () => {
    for (const id of ["__proto__", "constructor", "toString", "feedback_form"]) {
      const fields = [field({ id })];
      expect(wrongPaths(at("pre_conversation_form", { fields })), id).toEqual([
        "config.v1.pre_conversation_form.fields.0.id",
      ]);
    }
  });

  test("has something to choose where a choice is required", () => {
    const choice = (options: unknown, required: boolean): string[] =>
      wrongPaths(
        at("pre_conversation_form", { fields: [field({ type: "select", required, options })] }),
      );
    expect(choice([{ value: "a", label: "A" }], true)).toEqual([]);
    expect(choice([], false)).toEqual([]);
    for (const options of [[], undefined]) {
      expect(choice(options, true)).toEqual(["config.v1.pre_conversation_form.fields.0.options"]);
    }
  });

  test("has no bounds that nothing could meet", () => {
    const bounded = (min: unknown, max: unknown, type = "number"): string[] =>
      wrongPaths(at("pre_conversation_form", { fields: [{ ...field({ type }), min, max }] }));
    expect(bounded(1, 5)).toEqual([]);
    expect(bounded("2026-01-01", "2026-12-31")).toEqual([]);
    expect(bounded(5, 5)).toEqual([]);
    expect(bounded("2026-01-01", "2026-12-31", "date")).toEqual([]);
    const wrong = ["config.v1.pre_conversation_form.fields.0.max"];
    expect(bounded(5, 1)).toEqual(wrong);
    expect(bounded("5", "1")).toEqual(wrong);
    expect(bounded("2026-12-31", "2026-01-01", "date")).toEqual(wrong);
  });

  test("needs its fields, and each an id and a type", () => {
    expect(wrongPaths(at("pre_conversation_form", {}))).toEqual([
      "config.v1.pre_conversation_form.fields",
    ]);
    expect(wrongPaths(at("pre_conversation_form", { fields: [{}] })).toSorted()).toEqual([
      "config.v1.pre_conversation_form.fields.0.id",
      "config.v1.pre_conversation_form.fields.0.type",
    ]);
  });
});

describe("the document", () => {
  test("may be empty, or of versions that we do not know", () => {
    for (const config of [{}, { v1: {} }, { v2: { anything: [1, null] } }])
      expect(wrongPaths(config)).toEqual([]);
    expect(wrongPaths({ v1: [] })).toEqual(["config.v1"]);
    expect(wrongPaths({ v1: "x" })).toEqual(["config.v1"]);
  });

  test("keeps unknown keys anywhere inside", () => {
    const unknown = {
      v1: { mine: { deep: [null, { x: 1 }] }, chat: { mine: 1 }, trigger: { mine: {} } },
    };
    expect(wrongPaths(unknown)).toEqual([]);
  });

  test("is at most 64 KB of JSON", () => {
    const sized = (bytes: number): object => ({ x: "a".repeat(bytes - '{"x":""}'.length) });
    expect(wrongPaths(sized(64 * 1024))).toEqual([]);
    expect(wrongPaths(sized(64 * 1024 + 1))).toEqual(["config"]);
    // Counted in bytes, not in characters.
    expect(wrongPaths({ x: "é".repeat(40_000) })).toEqual(["config"]);
  });

  test("takes null for absent anywhere, but not in a list", () => {
    const nothing = {
      v1: {
        theme: null,
        chat: { title: null, light_mode: null },
        trigger: { size: null },
        suggested_questions: null,
        pre_conversation_form: null,
        post_conversation_feedback: { enabled: null, form: null },
      },
    };
    expect(wrongPaths(nothing)).toEqual([]);
    expect(wrongPaths({ v1: null })).toEqual([]);
    expect(wrongPaths({ v1: { suggested_questions: [null] } })).toEqual([
      "config.v1.suggested_questions.0",
    ]);
    expect(wrongPaths({ v1: { quick_actions: [{ id: "a", label: null }] } })).not.toEqual([]);
  });

  test("names every wrong path at once", () => {
    const config = { v1: { theme: 1, trigger: { size: "x", shape: "x" }, default_mode: 7 } };
    expect(wrongPaths(config).toSorted()).toEqual([
      "config.v1.default_mode",
      "config.v1.theme",
      "config.v1.trigger.shape",
      "config.v1.trigger.size",
    ]);
  });
});
