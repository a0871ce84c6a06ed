import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { nextAudioTrack, pause } from "../livekit/support.js";
import type { ModelServer } from "../support/model-server.js";
import { until, type ParleyProcess } from "../support/process.js";
import { Earphone, Microphone, recordedQuestion } from "./microphone.js";
import { publishAgent } from "./publish-agent.js";
import { leaveAll, start, VisitorClient } from "./visitor-client.js";
import { endWithModels, startWithModels } from "./with-models.js";

const SLOW = 240_000;
/** So long after the last word nobody has answered yet, on however busy a machine. */
const PATIENT_SECONDS = 10;
/** 10 s of speech, and words to know it by. */
const LONG_ANSWER = `first ${"and so on ".repeat(14)}last.`;

let models: ModelServer;
let parley: ParleyProcess;

beforeAll(async () => {
  ({ models, parley } = await startWithModels());
}, SLOW);
afterEach(leaveAll);
afterAll(() => endWithModels({ models, parley }), SLOW);

interface Message {
  readonly role: string;
  readonly text: string;
  readonly mode: string;
}

async function spokenBy({ started }: VisitorClient): Promise<readonly Message[]> {
  const path = `/core/conversations/${started.conversationId}`;
  const { text } = await parley.json(path, { key: parley.demoKey });
  const messages: readonly Message[] = JSON.parse(text).conversation.messages;
  return messages.filter(({ mode }) => mode === "voice");
}

async function visit(config: object): Promise<VisitorClient> {
  const widgetId = await publishAgent(parley, {
    starting_message: { type: "user_initiates" },
    ...config,
  });
  return VisitorClient.join(await start(parley, widgetId, { user_id: "speaks" }));
}

test(
  "the model is asked while it is not sure yet that the visitor has finished, once, and that answer is said",
  async () => {
    const endpointing = { min_delay_seconds: PATIENT_SECONDS, max_delay_seconds: PATIENT_SECONDS };
    const visitor = await visit({ endpointing });
    models.answer = () => ({ text: "Said at last." });
    models.transcripts.push("What is asked early?");
    const microphone = await Microphone.open(visitor.me);
    await microphone.say(await recordedQuestion());
    await models.until(({ raw }) => raw.includes("What is asked early?"));
    // A turn that is over would be in the transcript by then.
    await pause(2_000);
    expect(await spokenBy(visitor)).toEqual([]);
    await visitor.hears(/Said at last/);
    await microphone.close();
    expect(models.chats.filter(({ raw }) => raw.includes("What is asked early?"))).toHaveLength(1);
  },
  SLOW,
);

test(
  "a sound that was no words stops the agent for a moment, and it goes on where it was",
  async () => {
    const visitor = await visit({});
    models.answer = () => ({ text: LONG_ANSWER });
    const question = await recordedQuestion();
    const track = nextAudioTrack(visitor.room);
    const microphone = await Microphone.open(visitor.me);
    await microphone.say(question);
    const earphone = new Earphone(await track);
    const becomes = (isLoud: boolean): Promise<boolean> =>
      until(
        () => (earphone.isLoud === isLoud ? true : undefined),
        () => `the agent is ${isLoud ? "silent" : "heard"} all the time:\n${parley.output}`,
      );
    await becomes(true);
    models.transcripts.push("");
    await microphone.say(question.subarray(0, question.length / 4));
    await becomes(false);
    await becomes(true);
    await visitor.hears(/^first .* last\.$/);
    const messages = await until(
      async () => {
        const all = await spokenBy(visitor);
        return all.length >= 2 ? all : undefined;
      },
      () => "the answer was not kept",
    );
    expect(messages.map(({ role, text }) => [role, text])).toEqual([
      ["user", "These are the words that the server hears."],
      ["agent", LONG_ANSWER],
    ]);
    await earphone.close();
    await microphone.close();
  },
  SLOW,
);
