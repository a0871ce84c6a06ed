import { initializeLogger, llm } from "@livekit/agents";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { operatorModel } from "../../../src/agent/models/openai-models.js";
import { APOLOGY, TROUBLE } from "../../../src/agent/models/trouble.js";
import type { ModelSettings } from "../../../src/process/model-settings.js";
import type { AgentConfig } from "../../../src/protocol/agent-config.js";
import { ModelServer } from "../../support/model-server.js";

initializeLogger({ pretty: false, level: "silent" });

/** The client keeps the function that it finds at first. */
const written = vi.spyOn(console, "error");
let [first, other]: ModelServer[] = [];
let lines: string[] = [];
const log = pino({ level: "trace" }, { write: (line) => lines.push(line) });

beforeAll(async () => {
  first = await ModelServer.start();
  other = await ModelServer.start();
});
afterEach(() => {
  for (const server of servers()) {
    server.requests.length = 0;
    server.forget();
  }
  lines = [];
});
afterAll(() => Promise.all(servers().map((server) => server.stop())));

function servers(): [ModelServer, ModelServer] {
  if (!first || !other) throw new Error("not started");
  return [first, other];
}

function settings(hasFallback: boolean): ModelSettings {
  const [one, two] = servers();
  return {
    llm: { baseUrl: one.url, apiKey: "sk-first-secret", model: "first" },
    fallback: hasFallback
      ? { baseUrl: two.url, apiKey: "sk-other-secret", model: "other" }
      : undefined,
    speech: undefined,
    names: ["first", "large"],
    voices: [],
  };
}

interface Answered {
  readonly text: string;
  readonly trouble: unknown;
  readonly extra: Record<string, unknown>;
  readonly calls: readonly llm.FunctionCall[];
  readonly usage: llm.CompletionUsage | undefined;
}

async function ask(
  options: {
    readonly hasFallback?: boolean;
    readonly config?: AgentConfig;
    readonly context?: llm.ChatContext;
    readonly more?: Partial<Parameters<llm.LLM["chat"]>[0]>;
    readonly patience?: object;
  } = {},
): Promise<Answered> {
  const { hasFallback = false, config = {}, context = question("Hello"), more = {} } = options;
  const model = operatorModel(settings(hasFallback), config, log);
  Object.assign(model, { patience: { ...PATIENCE, ...options.patience } });
  return answered(model.chat({ chatCtx: context, ...more }));
}

async function answered(stream: llm.LLMStream): Promise<Answered> {
  const { text, toolCalls: calls, extra, usage } = await stream.collect();
  return { text, calls, extra, trouble: extra[TROUBLE], usage };
}

/** More than a busy machine needs; a test that waits for its end says less. */
const PATIENCE = { silenceMs: 5_000, firstWordMs: 10_000, retryMs: 10, answerMs: 20_000 };
/** For what never comes. */
const SOON = 500;

function question(text: string): llm.ChatContext {
  const context = llm.ChatContext.empty();
  context.addMessage({ role: "user", content: text });
  return context;
}

function afterTool(text: string): llm.ChatContext {
  const context = question(text);
  const call = { callId: "call_1", name: "look", args: "{}" };
  context.insert([
    llm.FunctionCall.create(call),
    llm.FunctionCallOutput.create({ ...call, output: "seen", isError: false }),
  ]);
  return context;
}

const look = llm.tool({
  name: "look",
  description: "Looks.",
  parameters: z.object({}),
  execute: async () => "seen",
});

describe("the operator's model", () => {
  test("is asked as the version wants, with its key, and for the tokens that it used", async () => {
    const [one] = servers();
    one.say("Good day");
    const config = { model: { name: "large", temperature: 0, max_tokens: 50 } };
    const answer = await ask({ config, more: { toolCtx: [look] } });
    expect(answer).toMatchObject({ text: "Good day", trouble: undefined });
    expect(answer.usage).toMatchObject({ completionTokens: 2 });
    const [request] = one.chats;
    expect(request?.headers["authorization"]).toBe("Bearer sk-first-secret");
    expect(request?.body).toMatchObject({
      model: "large",
      temperature: 0,
      max_tokens: 50,
      stream: true,
      stream_options: { include_usage: true },
      messages: [{ role: "user", content: "Hello" }],
    });
    expect(request?.body).not.toHaveProperty("parallel_tool_calls");
    expect(request?.body.tools?.map((tool) => tool.function.name)).toEqual(["look"]);
    expect(lines).toEqual([]);
  });

  test("is the default where a version names one that is no longer offered", async () => {
    const [one] = servers();
    await ask({ config: { model: { name: "gone" } } });
    expect(one.chats[0]?.body.model).toBe("first");
    expect(one.chats[0]?.body).toMatchObject({ max_tokens: 4096 });
    expect(one.chats[0]?.body).not.toHaveProperty("temperature");
  });
});

describe("the client", () => {
  afterEach(() => vi.unstubAllEnvs());

  test("takes nothing from OpenAI's own variables, and sends a server without a key none", async () => {
    const [one] = servers();
    vi.stubEnv("OPENAI_ORG_ID", "org-of-somebody");
    vi.stubEnv("OPENAI_PROJECT_ID", "project-of-somebody");
    vi.stubEnv("OPENAI_API_KEY", "sk-of-somebody");
    const keyless = { ...settings(false), llm: { ...settings(false).llm, apiKey: undefined } };
    await answered(operatorModel(keyless, {}, log).chat({ chatCtx: question("Hello") }));
    expect(one.chats).toHaveLength(1);
    expect(one.chats[0]?.headers).not.toHaveProperty("authorization");
    expect(one.chats[0]?.raw).not.toContain("somebody");
  });

  test("follows nobody to another server", async () => {
    const [one, two] = servers();
    const script = { status: 307, location: `${two.url}/chat/completions` };
    one.say(script, script);
    expect(await ask()).toMatchObject({ trouble: "server_error" });
    expect(two.requests).toEqual([]);
  });

  test("writes nothing of a server's anywhere", async () => {
    const [one] = servers();
    one.say({ fault: "broken" }, { fault: "broken" });
    await ask();
    expect(written).not.toHaveBeenCalled();
  });
});

describe("a model that fails before its first word", () => {
  const FAILURES = [
    ["unauthorized", { status: 401 }],
    ["rate_limited", { status: 429, retryAfterSeconds: 30 }],
    ["server_error", { status: 500 }],
    ["server_error", { status: 404 }],
    ["bad_answer", { fault: "garbage" }],
    ["bad_answer", { fault: "broken" }],
    ["bad_answer", { text: " " }],
    ["timeout", { fault: "silence" }],
    ["timeout", { fault: "mute" }],
    ["timeout", { firstWordMs: 60_000 }],
    ["server_error", { cutAfter: 0 }],
  ] as const;

  test.each(FAILURES)("gives way to the fallback: %s, %j", async (trouble, script) => {
    const [one, two] = servers();
    one.say(script);
    two.say("From the other");
    const patience = trouble === "timeout" ? { silenceMs: SOON } : {};
    const answer = await ask({ hasFallback: true, patience });
    expect(answer).toMatchObject({ text: "From the other", trouble: "fallback" });
    expect(two.chats[0]?.headers["authorization"]).toBe("Bearer sk-other-secret");
    expect(two.chats[0]?.body.model).toBe("other");
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ model: "first", trouble }]);
  });

  test.each(FAILURES)("without one is apologised for in words: %s, %j", async (trouble, script) => {
    const [one] = servers();
    one.say(script, script);
    const patience = trouble === "timeout" ? { firstWordMs: SOON } : {};
    const answer = await ask({ patience });
    expect(answer.text).toMatch(/^I am sorry/);
    expect(answer).toMatchObject({ trouble, extra: { [APOLOGY]: true } });
    expect(lines.join("")).not.toContain("secret");
    expect(lines.join("")).not.toContain("Incorrect API key");
  });

  test("is apologised for in the language that the version names", async () => {
    const [one] = servers();
    one.say({ status: 500 }, { status: 500 });
    const answer = await ask({ config: { voice: { language: "de" } } });
    expect(answer.text).toMatch(/^Ich kann im Moment leider nicht antworten/);
  });

  test("is asked once more where that may help, and the visitor sees nothing of it", async () => {
    const [one] = servers();
    one.say({ status: 500 }, "After all");
    expect(await ask()).toMatchObject({ text: "After all", trouble: undefined });
    one.say({ status: 401 }, "Never");
    expect(await ask()).toMatchObject({ trouble: "unauthorized" });
  });

  test("and whose fallback fails too is apologised for", async () => {
    const [one, two] = servers();
    one.say({ status: 500 });
    two.say({ status: 429 });
    const answer = await ask({ hasFallback: true });
    expect(answer.text).toMatch(/^I am sorry/);
    expect(answer.trouble).toBe("rate_limited");
    expect(lines).toHaveLength(2);
  });

  test("is forgiven: what we said in its place is not told to it", async () => {
    const [one] = servers();
    const context = question("First");
    const extra = { [APOLOGY]: true };
    context.addMessage({ role: "assistant", content: "I am sorry, …", extra });
    context.addMessage({ role: "user", content: "Second" });
    await ask({ context });
    expect(one.chats[0]?.body.messages?.map(({ content }) => content)).toEqual(["First", "Second"]);
  });
});

describe("a model that fails after its first word", () => {
  const whole = { text: "This is the whole answer" };

  test.each([
    ["breaks", { ...whole, cutAfter: 2 }],
    ["falls silent", { ...whole, wordMs: 60_000 }],
  ])("and %s is marked, and all is said again by the fallback", async (_how, script) => {
    const [one, two] = servers();
    one.say(script);
    two.say("All of it");
    const answer = await ask({ hasFallback: true, patience: { silenceMs: SOON } });
    expect(answer.text).toMatch(/^This.* … I was cut off\. Once more:\n\nAll of it$/s);
    expect(answer.trouble).toBe("cut_off");
  });

  test("says it again itself where there is no other, and apologises when that breaks too", async () => {
    const [one] = servers();
    one.say({ ...whole, cutAfter: 2 }, whole);
    const answer = await ask();
    expect(answer.text).toBe(`This is … I was cut off. Once more:\n\n${whole.text}`);
    expect(answer.trouble).toBe("cut_off");
    one.say({ ...whole, cutAfter: 2 }, { ...whole, cutAfter: 1 });
    expect((await ask()).text).toMatch(
      /^This is .* Once more:\n\nThis … I am sorry, I was cut off/s,
    );
  });

  test("and never ends is ended, by its length or by the time", async () => {
    const [one] = servers();
    one.say({ text: `${"x".repeat(500)} `.repeat(10), fault: "endless" });
    const long = await ask();
    expect(long.trouble).toBe("cut_off");
    expect(long.text.length).toBeLessThan(30_000);
    one.say({ text: "on ", fault: "endless", wordMs: 50 });
    const endless = await ask({ patience: { answerMs: 500 } });
    expect(endless).toMatchObject({ trouble: "cut_off" });
    expect(endless.text).toMatch(/^(on\s?)+$/);
    for (const chat of one.chats) await expect.poll(() => chat.isBrokenOff).toBe(true);
  });

  test("has its tool run all the same, once", async () => {
    const [one, two] = servers();
    one.say({ toolCalls: [{ name: "look" }, { name: "look" }], cutAfter: 2 });
    const answer = await ask({ hasFallback: true, more: { toolCtx: [look] } });
    expect(answer.calls.map(({ name }) => name)).toEqual(["look"]);
    expect(answer).toMatchObject({ text: "", trouble: "cut_off" });
    expect(two.chats).toEqual([]);
  });
});

describe("a model that calls tools", () => {
  test("may say nothing after one, if its server says that this was all", async () => {
    const [one] = servers();
    one.say({ text: " " });
    expect(await ask({ context: afterTool("Look") })).toMatchObject({ trouble: undefined });
  });

  test("without end is stopped: it may call no more, and does nothing else", async () => {
    const [one] = servers();
    one.say({ toolCalls: [{ name: "look" }] });
    const answer = await ask({
      context: afterTool("Look"),
      more: { toolCtx: [look], toolChoice: "none" },
    });
    expect(answer.calls).toEqual([]);
    expect(answer.text).toMatch(/^I am sorry, I could not finish/);
    expect(answer.trouble).toBe("tool_loop");
  });

  test("has one deadline for all steps of a question, and a new one with the next", async () => {
    const [one] = servers();
    const model = operatorModel(settings(false), {}, log);
    Object.assign(model, { patience: { ...PATIENCE, firstWordMs: 3_000 } });
    one.say({ toolCalls: [{ name: "look" }], firstWordMs: 200 }, { firstWordMs: 60_000 }, "Hello");
    await answered(model.chat({ chatCtx: question("Look"), toolCtx: [look] }));
    const late = await answered(model.chat({ chatCtx: afterTool("Look"), toolCtx: [look] }));
    expect(late.trouble).toBe("timeout");
    const over = await answered(model.chat({ chatCtx: afterTool("Look"), toolCtx: [look] }));
    expect(over.trouble).toBe("tool_loop");
    expect(one.chats).toHaveLength(2);
    expect(await answered(model.chat({ chatCtx: question("Hi") }))).toMatchObject({
      text: "Hello",
    });
  });
});

test("a visitor who interrupts ends the request, and nothing is made of that", async () => {
  const [one] = servers();
  one.say({ text: "One two three", wordMs: 60_000 });
  const model = operatorModel(settings(true), {}, log);
  const stream = model.chat({ chatCtx: question("Hello") });
  await stream.next();
  stream.close();
  await expect.poll(() => one.chats[0]?.isBrokenOff).toBe(true);
  expect(servers()[1].chats).toEqual([]);
  expect(lines).toEqual([]);
});
