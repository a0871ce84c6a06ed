import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { AgentConfig } from "../../src/protocol/agent-config.js";
import { CARD_TYPES } from "../../src/protocol/cards.js";
import { PanelTools, type PanelAnswer } from "../../src/agent/panel-tools.js";
import { MAX_CALL_BYTES } from "../../src/protocol/limits.js";
import type { ToolCall } from "../../src/protocol/worker-api.js";

const FORM = {
  id: "callback",
  name: "Call me back",
  title: "When?",
  fields: [
    { id: "name", type: "text" as const },
    { id: "day", type: "date" as const },
  ],
};
const CONFIG: AgentConfig = { built_in_tools: { widgets: {}, forms: [FORM] } };

/** A panel that may be away, and everything that happened. */
class Panel {
  readonly received: { id: string; kind: string; type?: string; data: object }[] = [];
  readonly answers: PanelAnswer[] = [];
  readonly records: { text: string; call: ToolCall }[] = [];
  isThere = true;
  readonly tools: PanelTools;

  constructor(config: AgentConfig = CONFIG) {
    this.tools = new PanelTools({
      config,
      show: async (payload) => {
        if (!this.isThere) throw new Error("nobody there");
        this.received.push(JSON.parse(payload));
        return JSON.stringify({ shown: true });
      },
      onAnswer: (answer) => this.answers.push(answer),
      record: (text, call) => this.records.push({ text, call }),
    });
  }

  answer(given: object): unknown {
    return JSON.parse(this.tools.receive(JSON.stringify(given)));
  }

  get lastId(): string {
    return this.received.at(-1)?.id ?? "";
  }
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("the tools", () => {
  const names = (built_in_tools: AgentConfig["built_in_tools"]): string[] => [
    ...new Panel(built_in_tools ? { built_in_tools } : {}).tools.tools.keys(),
  ];
  const all = CARD_TYPES.map((type) => `show_${type}_widget`);

  test("are those whose key is present: all cards unless some are named", () => {
    expect(names(undefined)).toEqual([]);
    expect(names({})).toEqual([]);
    expect(names({ widgets: {} })).toEqual(all);
    expect(names({ widgets: { allowed: null } })).toEqual(all);
    expect(names({ widgets: { allowed: ["info"] } })).toEqual(["show_info_widget"]);
    expect(names({ widgets: { allowed: [] } })).toEqual([]);
    expect(names({ forms: [FORM] })).toEqual(["show_form_callback"]);
  });

  test("of a form has no parameters, and the documented description unless it has its own", () => {
    const described = { ...FORM, id: "other", description: "Asks for a date." };
    const { tools } = new Panel({ built_in_tools: { forms: [FORM, described] } }).tools;
    expect(tools.get("show_form_callback")).toEqual({
      name: "show_form_callback",
      description: "Show the 'Call me back' form to collect structured data from the user.",
      parameters: { type: "object", properties: {}, additionalProperties: false },
    });
    expect(tools.get("show_form_other")?.description).toBe("Asks for a date.");
  });

  test("of a card has the card's fields as parameters", () => {
    const parameters = new Panel().tools.tools.get("show_order_tracker_widget")?.parameters;
    expect(parameters).toMatchObject({
      required: ["order_id", "steps"],
      properties: { order_id: { type: "string" }, steps: { type: "array" } },
    });
  });
});

describe("showing", () => {
  test("a card or a form reaches the panel with an id of its own, and the transcript", async () => {
    const panel = new Panel();
    expect(await panel.tools.call("show_info_widget", { text: "Closed today" })).toEqual({
      shown: true,
    });
    expect(await panel.tools.call("show_form_callback", {})).toEqual({ shown: true });
    expect(panel.received).toMatchObject([
      { kind: "card", type: "info", data: { text: "Closed today" } },
      { kind: "form", data: FORM },
    ]);
    expect(panel.received[0]?.id).not.toBe(panel.received[1]?.id);
    expect(panel.records.map(({ call }) => [call.name, call.result, call.error])).toEqual([
      ["show_info_widget", { shown: true }, null],
      ["show_form_callback", { shown: true }, null],
    ]);
  });

  test("what the config does not allow, or nobody knows, is refused", async () => {
    const panel = new Panel({ built_in_tools: { widgets: { allowed: ["info"] } } });
    for (const name of ["show_detail_widget", "show_form_callback", "show_nothing"]) {
      expect(await panel.tools.call(name, { title: "x" })).toEqual({
        shown: false,
        error: `There is no tool ${name}.`,
      });
    }
    expect(panel.received).toEqual([]);
  });

  test("wrong arguments are refused with a message that names them", async () => {
    const panel = new Panel();
    const { shown, error } = await panel.tools.call("show_order_tracker_widget", { steps: [] });
    expect(shown).toBe(false);
    expect(error).toMatch(/order_id/);
    expect(panel.records[0]?.call.error).toBe(error);
  });

  test.each([
    "javascript:alert(1)",
    "java\nscript:alert(1)",
    " javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "//evil.example",
  ])("an address that is no link is refused: %j", async (url) => {
    const panel = new Panel();
    const actions = [{ id: "a", label: "Open", url }];
    const { shown, error } = await panel.tools.call("show_detail_widget", { title: "x", actions });
    expect(shown).toBe(false);
    expect(error).toMatch(/must be an https, mailto or tel URL/);
    const picture = await panel.tools.call("show_detail_widget", { title: "x", image_url: url });
    expect(picture.error).toMatch(/must be an https URL/);
    expect(panel.received).toEqual([]);
  });

  test("at most 15,000 bytes fit, counted as bytes and not as characters", async () => {
    const panel = new Panel();
    const show = async (characters: number): Promise<string | undefined> => {
      const items = Array.from({ length: 4 }, () => ({
        title: "x",
        description: "é".repeat(characters),
      }));
      return (await panel.tools.call("show_list_widget", { items })).error;
    };
    expect(await show(1800)).toBeUndefined();
    expect(await show(1900)).toMatch(/at most 15000/);
    expect(MAX_CALL_BYTES).toBe(15_000);
  });
});

describe("a panel that is not there", () => {
  test("gets what is still open when it joins, and only that", async () => {
    const panel = new Panel();
    await panel.tools.call("show_info_widget", { text: "one" });
    const first = panel.lastId;
    panel.isThere = false;
    expect(await panel.tools.call("show_form_callback", {})).toEqual({ shown: false });
    panel.answer({ id: first, dismissed: true });
    panel.isThere = true;
    panel.received.length = 0;
    await panel.tools.deliverAll();
    expect(panel.received).toMatchObject([{ kind: "form" }]);
    panel.answer({ id: panel.lastId, values: { name: "Ada" } });
    panel.received.length = 0;
    await panel.tools.deliverAll();
    expect(panel.received).toEqual([]);
  });

  test("is tried again for a while, for it may only be slow", async () => {
    const panel = new Panel();
    panel.isThere = false;
    await panel.tools.call("show_form_callback", {});
    panel.isThere = true;
    await vi.advanceTimersByTimeAsync(600);
    expect(panel.received).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(panel.received).toHaveLength(1);
  });

  test("is not tried for ever, and not after the end", async () => {
    const panel = new Panel();
    panel.isThere = false;
    await panel.tools.call("show_form_callback", {});
    await vi.advanceTimersByTimeAsync(600_000);
    expect(vi.getTimerCount()).toBe(0);
    await panel.tools.call("show_form_callback", {});
    panel.tools.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("an answer", () => {
  test.each([
    ["values", { values: { name: "Ada" } }],
    ["a choice", { action: "buy" }],
    ["a dismissal", { dismissed: true }],
  ])("is taken once and accepted again without effect: %s", async (_name, given) => {
    const panel = new Panel();
    await panel.tools.call("show_form_callback", {});
    const answer = { id: panel.lastId, ...given };
    expect(panel.answer(answer)).toEqual({ accepted: true });
    expect(panel.answer(answer)).toEqual({ accepted: true });
    expect(panel.answer({ id: panel.lastId, values: { name: "Eve" } })).toEqual({ accepted: true });
    expect(panel.answers).toEqual([{ id: panel.lastId, tool: "show_form_callback", given }]);
    expect(panel.records.map(({ call }) => call.result)).toEqual([{ shown: true }, given]);
    expect(new Set(panel.records.map(({ call }) => call.call_id)).size).toBe(1);
  });

  test.each([{ values: { otp: "271828" } }, { action: "271828" }])(
    "to a one-time code is that it was given: the code itself goes nowhere, as %j",
    async (given) => {
      const panel = new Panel();
      await panel.tools.call("show_collect_otp_widget", {});
      expect(panel.answer({ id: panel.lastId, ...given })).toEqual({ accepted: true });
      expect(panel.answers[0]?.given).toEqual({ values: { otp: "given" } });
      expect(panel.records.at(-1)?.call.result).toEqual({ values: { otp: "given" } });
      expect(JSON.stringify([panel.answers, panel.records])).not.toContain("271828");
    },
  );

  test("keeps only the values of the form's fields", async () => {
    const panel = new Panel();
    await panel.tools.call("show_form_callback", {});
    panel.answer({ id: panel.lastId, values: { name: "Ada", other: 1, __proto__: 2 } });
    expect(panel.answers[0]?.given).toEqual({ values: { name: "Ada" } });
  });

  test.each([
    ["what was never shown", JSON.stringify({ id: "unknown", values: {} })],
    ["no JSON", "{"],
    ["no object", "[]"],
    ["no answer in it", JSON.stringify({ id: "x" })],
    ["an endless id", JSON.stringify({ id: "x".repeat(1000), dismissed: true })],
  ])("is not accepted: %s", (_name, payload) => {
    const panel = new Panel();
    expect(JSON.parse(panel.tools.receive(payload))).toEqual({ accepted: false });
    expect(panel.answers).toEqual([]);
  });
});

describe("an agent that takes over", () => {
  test("opens again what the one before showed and nobody answered", async () => {
    const before = new Panel();
    await before.tools.call("show_form_callback", {});
    const answered = before.lastId;
    before.answer({ id: answered, dismissed: true });
    await before.tools.call("show_info_widget", { text: "Hello" });
    await before.tools.call("show_info_widget", { unknown: true });
    before.isThere = false;
    await before.tools.call("show_form_callback", {});
    const calls = before.records.map(({ call }) => call);

    const after = new Panel();
    after.tools.reopen(JSON.parse(JSON.stringify(calls)));
    await after.tools.deliverAll();
    expect(after.received).toMatchObject([{ id: before.lastId, kind: "card" }, { kind: "form" }]);
    const form = after.lastId;
    expect(after.answer({ id: form, values: { name: "Ada" } })).toEqual({ accepted: true });
    expect(after.answers).toEqual([
      { id: form, tool: "show_form_callback", given: { values: { name: "Ada" } } },
    ]);
    // Its answer may come a second time, from a panel that did not hear that it arrived.
    expect(after.answer({ id: answered, dismissed: true })).toEqual({ accepted: true });
    expect(after.answers).toHaveLength(1);
  });

  test("leaves out what the config has no longer", async () => {
    const before = new Panel();
    await before.tools.call("show_form_callback", {});
    const after = new Panel({ built_in_tools: { widgets: {} } });
    after.tools.reopen(before.records.map(({ call }) => call));
    await after.tools.deliverAll();
    expect(after.received).toEqual([]);
  });
});

test("what is open is bounded: the oldest goes", async () => {
  const panel = new Panel();
  for (let count = 0; count < 25; count += 1) {
    await panel.tools.call("show_info_widget", { text: String(count) });
  }
  panel.received.length = 0;
  await panel.tools.deliverAll();
  expect(panel.received.map(({ data }) => data)).toEqual(
    Array.from({ length: 20 }, (_, index) => ({ text: String(index + 5) })),
  );
});
