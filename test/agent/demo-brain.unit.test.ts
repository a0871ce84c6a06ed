import { describe, expect, test } from "vitest";
import type { AgentConfig } from "../../src/protocol/agent-config.js";
import type { Brain, Reply } from "../../src/agent/brain.js";
import { DemoBrain } from "../../src/agent/demo-brain.js";
import { PanelTools } from "../../src/agent/panel-tools.js";
import { DEMO_AGENT_CONFIG } from "../../src/platform/organizations/demo-content.js";

const HONEST = /no language model is connected/;
// The demonstration's config is read-only; the brain's type is not, and it changes nothing.
const DEMO = DEMO_AGENT_CONFIG as unknown as AgentConfig;

const never = new AbortController().signal;

function brain(config: AgentConfig, options: { resumed?: boolean; shown?: string[] } = {}): Brain {
  const panel = new PanelTools({
    config,
    show: async (payload) => {
      options.shown?.push(payload);
      return "{}";
    },
    onAnswer: () => {},
    record: () => {},
  });
  return new DemoBrain({ config, resumed: options.resumed ?? false, transcript: [], panel }, 0);
}

async function words(reply: Reply | undefined): Promise<string[]> {
  const pieces: string[] = [];
  if (reply) for await (const piece of reply.text) pieces.push(piece);
  return pieces;
}

async function text(reply: Reply | undefined): Promise<string> {
  return (await words(reply)).join("");
}

function greeting(config: AgentConfig, resumed = false): Promise<string> {
  return text(brain(config, { resumed }).greet(never));
}

describe("the greeting", () => {
  test("is the config's static text, and a text that says it is a demo stays as it is", async () => {
    const said =
      DEMO.starting_message?.type === "bot_initiates_static" && DEMO.starting_message.text;
    expect(await greeting(DEMO)).toBe(said);
  });

  test("of any other static text says in addition that there is no model", async () => {
    const said = await greeting({
      starting_message: { type: "bot_initiates_static", text: "Good day." },
    });
    expect(said).toMatch(/^Good day\. /);
    expect(said).toMatch(HONEST);
  });

  test("for a prompt is honest, names a topic, and does not tell the prompt", async () => {
    const said = await greeting({
      starting_message: { type: "bot_initiates_dynamic", prompt: "SECRET: greet like a pirate" },
      faq: [{ question: "When are you open? Hours", answer: "Always" }],
    });
    expect(said).toMatch(HONEST);
    expect(said).toContain("“When are you open?”");
    expect(said).not.toMatch(/SECRET|pirate/);
  });

  test("is left to the visitor when the config says so, who is told at the first answer", async () => {
    const quiet = brain({ starting_message: { type: "user_initiates" } });
    expect(quiet.greet(never)).toBeUndefined();
    expect(await text(quiet.answer("Hello there", never))).toMatch(HONEST);
    expect(await text(quiet.answer("Hello there", never))).not.toMatch(HONEST);
  });

  test("of a resumed talk is short and does not begin anew", async () => {
    expect(await greeting(DEMO, true)).toMatch(/^Welcome back/);
  });
});

describe("the answer", () => {
  const ANSWERS: [string, RegExp][] = [
    ["How long does shipping take?", /2 pm/],
    ["how long is shiping to Norway", /2 pm/],
    ["When will it be delivered?", /2 pm/],
    ["my order hasn't arrived", /2 pm/],
    ["Can I return it?", /30 days/],
    ["refunds?", /30 days/],
    ["I want to exchange my bag", /30 days/],
    ["what espresso do you recommend", /Night Ferry/],
    ["a dark roast please", /Night Ferry/],
    ["Tell me about Breakwater", /Night Ferry/],
    ["opening hours", /Tuesday to Saturday/],
    ["are you open on sunday", /Tuesday to Saturday/],
    ["DECAF???", /Still Water/],
    ["decafeinated cofee", /Still Water/],
    ["where do your farms lie", /eleven farms/],
    ["Is it fair trade?", /eleven farms/],
  ];

  test.each(ANSWERS)(
    "to “%s” is found in the list, whatever its wording",
    async (asked, expected) => {
      expect(await text(brain(DEMO).answer(asked, never))).toMatch(expected);
    },
  );

  const UNKNOWN = [
    "What is the capital of France?",
    "Who are you?",
    "Please write me a poem about the sea",
    "Do you repair bicycles?",
    "Are you still there?",
    "stop it now",
    "four",
    "asdf qwer",
    "???",
    "你好,请问你们卖茶吗",
  ];

  test.each(UNKNOWN)("to “%s” reflects it and says that the list has none", async (asked) => {
    const said = await text(brain(DEMO).answer(asked, never));
    expect(said).toContain(`“${asked}”`);
    expect(said).toMatch(/no answer/);
  });

  test("finds questions in other languages and scripts", async () => {
    const faq = [
      { question: "Wie lange dauert der Versand?", answer: "Zwei Tage." },
      { question: "营业时间是什么时候", answer: "九点" },
      { question: "Où êtes-vous situés ? Adresse", answer: "À Brest." },
    ];
    const answer = (asked: string): Promise<string> => text(brain({ faq }).answer(asked, never));
    expect(await answer("versand dauer")).toMatch(/Zwei Tage/);
    expect(await answer("请问营业时间")).toMatch(/九点/);
    expect(await answer("ADRESSE svp")).toMatch(/Brest/);
  });

  test("comes word by word, and nothing is lost between the words", async () => {
    const pieces = await words(brain(DEMO).answer("espresso", never));
    expect(pieces.length).toBeGreaterThan(10);
    expect(pieces.join("")).toContain("\n\n- **Night Ferry**");
  });

  test("stops when the visitor interrupts", async () => {
    const interruption = new AbortController();
    const said: string[] = [];
    for await (const piece of brain(DEMO).answer("espresso", interruption.signal).text) {
      said.push(piece);
      if (said.length === 3) interruption.abort();
    }
    expect(said).toHaveLength(3);
  });

  test("quotes a long message in part only", async () => {
    const said = await text(brain({}).answer("x".repeat(19_000), never));
    expect(said.length).toBeLessThan(600);
  });
});

describe("what the visitor asks to see", () => {
  test.each([
    ["Show me a form", "form", undefined],
    ["could you call me back?", "form", undefined],
    ["Track my order", "card", "order_tracker"],
    ["where is my parcel", "card", "order_tracker"],
    ["compare the two", "card", "comparison"],
  ])("“%s” shows it", async (asked, kind, type) => {
    const shown: string[] = [];
    await text(brain(DEMO, { shown }).answer(asked, never));
    expect(shown).toHaveLength(1);
    const show = JSON.parse(shown[0] ?? "{}");
    expect(show.kind).toBe(kind);
    expect(show.type).toBe(type);
    if (kind === "card") expect(JSON.stringify(show.data)).toMatch(/sample/i);
  });

  test("is not shown when the config does not turn it on", async () => {
    const shown: string[] = [];
    const config = { built_in_tools: { widgets: { allowed: ["info" as const] } } };
    const said = await text(brain(config, { shown }).answer("track my order, call me back", never));
    expect(shown).toEqual([]);
    expect(said).toContain("track my order");
  });
});

describe("what the visitor answered to a card", () => {
  const answered = (given: object): Promise<string> =>
    text(brain(DEMO).receive({ id: "1", tool: "show_form_x", given } as never, never));

  test("is repeated to them", async () => {
    expect(await answered({ values: { name: "Ada", n: 3 } })).toMatch(/- name: Ada\n- n: 3/);
    expect(await answered({ action: "buy" })).toMatch(/“buy”/);
  });

  test("needs no word when they closed it", async () => {
    expect(await answered({ dismissed: true })).toBe("");
  });
});

test("what was said by voice is played back, with an honest caption for both", async () => {
  const samples = new Int16Array(72_000).fill(7);
  const utterance = { samples, seconds: 1.5 };
  const speaking = brain(DEMO);
  const caption = await speaking.transcribe(utterance);
  expect(caption).toMatch(/1\.5 seconds.*cannot tell the words/);
  const reply = speaking.answerSpeech(utterance, caption, never);
  expect(reply.samples).toBe(samples);
  expect(await text(reply)).toMatch(/^You said \(played back\)/);
});
