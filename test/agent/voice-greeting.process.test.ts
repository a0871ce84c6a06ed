import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { nextAudioTrack } from "../livekit/support.js";
import type { ModelServer } from "../support/model-server.js";
import { until, type ParleyProcess } from "../support/process.js";
import { loudSeconds, Microphone, recordedQuestion } from "./microphone.js";
import { publishAgent } from "./publish-agent.js";
import { leaveAll, start, VisitorClient } from "./visitor-client.js";
import { endWithModels, startWithModels } from "./with-models.js";

const SLOW = 240_000;
const GREETING = "Good day, this is the tea house.";
const BY_VOICE = { v1: { default_mode: "voice" } };

let models: ModelServer;
let parley: ParleyProcess;

beforeAll(async () => {
  ({ models, parley } = await startWithModels());
}, SLOW);
afterEach(leaveAll);
afterAll(() => endWithModels({ models, parley }), SLOW);

async function visit(config: object, widgetConfig: object): Promise<VisitorClient> {
  const starting_message = { type: "bot_initiates_static", text: GREETING };
  const widgetId = await publishAgent(parley, { starting_message, ...config }, widgetConfig);
  return VisitorClient.join(await start(parley, widgetId, { user_id: "begins" }));
}

async function turnsOf(visitor: VisitorClient, count: number): Promise<readonly string[]> {
  const path = `/core/conversations/${visitor.started.conversationId}`;
  let last: readonly string[] = [];
  return until(
    async () => {
      const { text } = await parley.json(path, { key: parley.demoKey });
      const messages: { role: string; mode: string; text: string }[] =
        JSON.parse(text).conversation.messages;
      last = messages.map((one) => `${one.role} ${one.mode}: ${one.text}`);
      return last.length >= count ? last : undefined;
    },
    () => `never so many: ${JSON.stringify(last)}`,
  );
}

test(
  "who begins by voice is greeted aloud, once, and heard then",
  async () => {
    const visitor = await visit({}, BY_VOICE);
    const track = nextAudioTrack(visitor.room);
    const microphone = await Microphone.open(visitor.me);
    expect(await loudSeconds(await track)).toBeGreaterThan(0.5);
    await visitor.hears(/tea house/);
    models.answer = () => ({ text: "At six." });
    await microphone.say(await recordedQuestion());
    await visitor.hears(/At six/);
    await microphone.close();
    const [greeting, ...others] = await turnsOf(visitor, 3);
    expect(greeting).toBe(`agent voice: ${GREETING}`);
    expect(others.map((one) => one.slice(0, 10))).toEqual(["user voice", "agent voic"]);
    expect(visitor.said.filter(({ text }) => text.includes("tea house"))).toHaveLength(1);
  },
  SLOW,
);

test(
  "a microphone that does not come keeps no greeting back: it is written, and so is what was asked before it answered",
  async () => {
    const visitor = await visit({}, BY_VOICE);
    models.answer = () => ({ text: "At six." });
    // Before there is an agent a room forgets what is written.
    await visitor.getsAnother("");
    await visitor.write("When do you open?");
    await visitor.hears(/At six/);
    expect(await turnsOf(visitor, 3)).toEqual([
      "user text: When do you open?",
      `agent text: ${GREETING}`,
      "agent text: At six.",
    ]);
  },
  SLOW,
);

test(
  "what is said into an answer that may not be interrupted is answered after it",
  async () => {
    const visitor = await visit(
      { interruption: { enabled: false }, starting_message: { type: "user_initiates" } },
      {},
    );
    const long = `first ${"and so on ".repeat(8)}last.`;
    // While it is not sure that the visitor has finished a model may be asked more than once: the context tells which turn it is.
    models.answer = ({ messages = [] }) => ({
      text: messages.some(({ role }) => role === "assistant") ? "And that too." : long,
    });
    const track = nextAudioTrack(visitor.room);
    await visitor.getsAnother("");
    const microphone = await Microphone.open(visitor.me);
    await microphone.say(await recordedQuestion());
    await until(
      () => (visitor.hearing.startsWith("first") ? true : undefined),
      () => `no answer:\n${parley.output}`,
    );
    await track;
    await microphone.say(await recordedQuestion());
    await visitor.hears(/And that too/);
    await microphone.close();
    const turns = await turnsOf(visitor, 4);
    expect(turns.filter((one) => one.startsWith("agent"))).toEqual([
      `agent voice: ${long}`,
      "agent voice: And that too.",
    ]);
  },
  SLOW,
);
