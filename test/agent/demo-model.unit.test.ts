import { beforeAll, describe, expect, test, vi } from "vitest";
import { initializeLogger, llm } from "@livekit/agents";
import { z } from "zod";
import { Memory } from "../../src/agent/context/memory.js";
import { ModelInput } from "../../src/agent/context/model-input.js";
import type { AgentConfig } from "../../src/protocol/agent-config.js";
import { DemoModel, PANEL_ANSWER } from "../../src/agent/demo-model.js";
import { DEMO_AGENT_CONFIG } from "../../src/platform/organizations/demo-content.js";

const HONEST = /no language model is connected/;
// The demonstration's config is read-only; the model's type is not, and it changes nothing.
const DEMO = DEMO_AGENT_CONFIG as unknown as AgentConfig;

beforeAll(() => initializeLogger({ pretty: false, level: "silent" }));

/** What the model makes of a context: words, piece by piece, and the tools that it calls. */
interface Made {
  readonly words: string[];
  readonly calls: llm.FunctionCall[];
}

async function run(
  config: AgentConfig,
  context: llm.ChatContext,
  { tools = [], stopAfter = Infinity }: { tools?: readonly string[]; stopAfter?: number } = {},
): Promise<Made> {
  const toolCtx = new llm.ToolContext(
    tools.map((name) =>
      llm.tool({ name, description: name, parameters: z.object({}), execute: async () => "" }),
    ),
  );
  const stream = new DemoModel(config, 0).chat({ chatCtx: context, toolCtx });
  const made: Made = { words: [], calls: [] };
  for await (const { delta } of stream) {
    if (delta?.content) made.words.push(delta.content);
    made.calls.push(...(delta?.toolCalls ?? []));
    if (made.words.length >= stopAfter) stream.close();
  }
  return made;
}

/** A context in which the agent has said that it is a demonstration, and the visitor asks. */
function asking(question: string): llm.ChatContext {
  const context = llm.ChatContext.empty();
  context.addMessage({ role: "assistant", content: "I am the demo agent." });
  context.addMessage({ role: "user", content: question });
  return context;
}

async function answer(config: AgentConfig, question: string): Promise<string> {
  return (await run(config, asking(question))).words.join("");
}

/** With what is known about the talk, as each model gets it. */
async function greeting(config: AgentConfig): Promise<string> {
  const input = new ModelInput({
    facts: {
      userId: undefined,
      isVerified: false,
      identityMetadata: null,
      formValues: null,
      page: { url: "https://shop.example/" },
    },
    dataTag: "data-1",
    memory: new Memory({ model: undefined, log: { warn: vi.fn<() => void>() } }),
    picture: async () => undefined,
  });
  return (await run(config, await input.prepare(llm.ChatContext.empty()))).words.join("");
}

describe("the greeting", () => {
  test("is honest, names a topic, and does not tell the prompt", async () => {
    const said = await greeting({
      starting_message: { type: "bot_initiates_dynamic", prompt: "SECRET: greet like a pirate" },
      faq: [{ question: "When are you open? Hours", answer: "Always" }],
    });
    expect(said).toMatch(/^Hello!/);
    expect(said).toMatch(HONEST);
    expect(said).toContain("“When are you open?”");
    expect(said).not.toMatch(/SECRET|pirate|data-1/);
  });

  test("that does not say what answers here is made up for at the first answer, once", async () => {
    const context = llm.ChatContext.empty();
    context.addMessage({ role: "assistant", content: "Good day." });
    context.addMessage({ role: "user", content: "Hello there" });
    const first = (await run({}, context)).words.join("");
    expect(first).toMatch(HONEST);
    context.addMessage({ role: "assistant", content: first });
    context.addMessage({ role: "user", content: "Hello again" });
    expect((await run({}, context)).words.join("")).not.toMatch(HONEST);
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
      expect(await answer(DEMO, asked)).toMatch(expected);
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
    const said = await answer(DEMO, asked);
    expect(said).toContain(`“${asked}”`);
    expect(said).toMatch(/no answer/);
  });

  test("finds questions in other languages and scripts", async () => {
    const faq = [
      { question: "Wie lange dauert der Versand?", answer: "Zwei Tage." },
      { question: "营业时间是什么时候", answer: "九点" },
      { question: "Où êtes-vous situés ? Adresse", answer: "À Brest." },
    ];
    expect(await answer({ faq }, "versand dauer")).toMatch(/Zwei Tage/);
    expect(await answer({ faq }, "请问营业时间")).toMatch(/九点/);
    expect(await answer({ faq }, "ADRESSE svp")).toMatch(/Brest/);
  });

  test("comes word by word, and nothing is lost between the words", async () => {
    const { words: pieces } = await run(DEMO, asking("espresso"));
    expect(pieces.length).toBeGreaterThan(10);
    expect(pieces.join("")).toContain("\n\n- **Night Ferry**");
  });

  test("stops when the visitor interrupts", async () => {
    const { words } = await run(DEMO, asking("espresso"), { stopAfter: 3 });
    expect(words.length).toBeLessThan(6);
  });

  test("quotes a long message in part only", async () => {
    const said = await answer({}, "x".repeat(19_000));
    expect(said.length).toBeLessThan(600);
  });
});

describe("what the visitor asks to see", () => {
  const TOOLS = ["show_form_callback", "show_order_tracker_widget", "show_comparison_widget"];

  test.each([
    ["Show me a form", "show_form_callback"],
    ["could you call me back?", "show_form_callback"],
    ["Track my order", "show_order_tracker_widget"],
    ["where is my parcel", "show_order_tracker_widget"],
    ["compare the two", "show_comparison_widget"],
  ])("“%s” shows it", async (asked, tool) => {
    const { words, calls } = await run(DEMO, asking(asked), { tools: TOOLS });
    expect(words).toEqual([]);
    expect(calls.map(({ name }) => name)).toEqual([tool]);
    if (tool.endsWith("_widget")) expect(calls[0]?.args).toMatch(/sample/i);
  });

  test("is told when it stands there, and why it does not", async () => {
    const after = async (isError: boolean): Promise<string> => {
      const context = asking("track my order");
      const call = { callId: "1", name: "show_order_tracker_widget" };
      context.insert(llm.FunctionCall.create({ ...call, args: "{}" }));
      context.insert(
        llm.FunctionCallOutput.create({ ...call, output: "Nobody sees it.", isError }),
      );
      return (await run(DEMO, context, { tools: TOOLS })).words.join("");
    };
    expect(await after(false)).toMatch(/sample/);
    expect(await after(true)).toBe("Nobody sees it.");
  });

  test("is not shown when the config does not turn it on", async () => {
    const { words, calls } = await run({}, asking("track my order, call me back"));
    expect(calls).toEqual([]);
    expect(words.join("")).toContain("track my order");
  });
});

describe("what the visitor answered to a card", () => {
  const answered = async (given: object): Promise<string> => {
    const context = asking("show it");
    const extra = { [PANEL_ANSWER]: { id: "1", tool: "show_form_x", given } };
    context.addMessage({ role: "user", content: "{}", extra });
    return (await run(DEMO, context)).words.join("");
  };

  test("is repeated to them", async () => {
    expect(await answered({ values: { name: "Ada", n: 3 } })).toMatch(/- name: Ada\n- n: 3/);
    expect(await answered({ action: "buy" })).toMatch(/“buy”/);
  });

  test("needs no word when they closed it", async () => {
    expect(await answered({ dismissed: true })).toBe("");
  });
});

test("what its ears heard is answered with the promise to play it back, which its mouth keeps", async () => {
  const said = await answer(DEMO, "(voice, 1.5 seconds; the demo agent cannot tell the words)");
  expect(said).toMatch(/^You said \(played back\): 1\.5 seconds/);
});
