import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { ModelServer } from "../support/model-server.js";
import { until, type ParleyProcess } from "../support/process.js";
import { Microphone, recordedQuestion } from "./microphone.js";
import { publishAgent } from "./publish-agent.js";
import { leaveAll, start, VisitorClient } from "./visitor-client.js";
import { endWithModels, startWithModels } from "./with-models.js";

const TIMEOUT_MS = 240_000;
/** So slow that no other stage is, on however busy a machine. */
const SLOW_MS = 3000;

type Stage = "transcription" | "end_of_turn" | "model_first_token" | "speech_first_sound" | "total";

interface Message {
  readonly role: string;
  readonly text: string;
  readonly latency: Readonly<Record<Stage, number | null>> | null;
  readonly usage: { readonly input_tokens: number; readonly output_tokens: number } | null;
}

let models: ModelServer;
let parley: ParleyProcess;
let key: string;
let widgetId: string;

beforeAll(async () => {
  ({ models, parley } = await startWithModels());
  key = parley.demoKey;
  widgetId = parley.demoWidgetId;
  await until(
    async () =>
      (await start(parley, widgetId, { user_id: "asks" })).agentAvailable ? true : undefined,
    () => `no agent:\n${parley.output}`,
  );
}, TIMEOUT_MS);
afterEach(async () => {
  models.hearing = {};
  models.speaking = {};
  await leaveAll();
});
afterAll(() => endWithModels({ models, parley }), TIMEOUT_MS);

async function greeted(): Promise<VisitorClient> {
  const body = { user_id: `guest_${crypto.randomUUID()}` };
  const visitor = await VisitorClient.join(await start(parley, widgetId, body));
  await visitor.hears(/Harbour Coffee/);
  return visitor;
}

/** What the owner reads of the answer to whatever was asked. */
async function answerTo({ started }: VisitorClient, text: string): Promise<Message> {
  let last: readonly Message[] = [];
  return until(
    async () => {
      const path = `/core/conversations/${started.conversationId}`;
      last = JSON.parse((await parley.json(path, { key })).text).conversation.messages;
      return last.find((one) => one.role === "agent" && one.text.includes(text));
    },
    () => `never so: ${JSON.stringify(last)}`,
  );
}

function longestStage({ latency }: Message): string | undefined {
  const stages = Object.entries(latency ?? {}).filter(([stage]) => stage !== "total");
  return stages.toSorted(([, a], [, b]) => (b ?? 0) - (a ?? 0))[0]?.[0];
}

test(
  "a written answer says how long the model took and how long the visitor waited, and what it cost",
  async () => {
    const visitor = await greeted();
    models.say({ text: "A slow answer.", firstWordMs: SLOW_MS });
    await visitor.write("Are you there?");
    const { latency, usage } = await answerTo(visitor, "A slow answer.");
    expect(latency).toEqual({
      transcription: null,
      end_of_turn: null,
      model_first_token: expect.any(Number),
      speech_first_sound: null,
      total: expect.any(Number),
    });
    expect(latency?.model_first_token).toBeGreaterThanOrEqual(SLOW_MS - 1);
    expect(latency?.total).toBeGreaterThanOrEqual(SLOW_MS - 1);
    expect(usage).toEqual({ input_tokens: expect.any(Number), output_tokens: 3 });
    const greeting = await answerTo(visitor, "Harbour Coffee");
    expect(greeting).toMatchObject({ latency: null, usage: null });
  },
  TIMEOUT_MS,
);

test.each([
  ["transcription", (): void => void (models.hearing = { firstWordMs: SLOW_MS })],
  ["model_first_token", (): void => models.say({ text: "Spoken words.", firstWordMs: SLOW_MS })],
  ["speech_first_sound", (): void => void (models.speaking = { firstWordMs: SLOW_MS })],
] as const)(
  "of a spoken answer the stage that is slow shows it, with the total, and no other does: %s",
  async (stage, slowDown) => {
    const visitor = await greeted();
    const microphone = await Microphone.open(visitor.me);
    models.answer = () => ({ text: "Spoken words." });
    slowDown();
    await microphone.say(await recordedQuestion());
    const answer = await answerTo(visitor, "Spoken words.");
    await microphone.close();
    const { latency } = answer;
    expect(Object.values(latency ?? {}).every((ms) => ms !== null)).toBe(true);
    expect(longestStage(answer)).toBe(stage);
    expect(latency?.[stage]).toBeGreaterThanOrEqual(SLOW_MS - 1);
    expect(latency?.total).toBeGreaterThanOrEqual(latency?.[stage] ?? Infinity);
  },
  TIMEOUT_MS,
);

/** Silence after which a turn is over. More of it would hide a slow model, which is asked before. */
const TURN_SECONDS = 0.3;
const MORE_MS = 300;
/** Of it, what shows at least where it belongs, and what nowhere else may show. */
const SHOWN_MS = 200;

/** What slows a stage down: the models, or what the version says of turns. */
const SLOWED: Readonly<Record<Exclude<Stage, "total">, () => object>> = {
  end_of_turn: () => ({ endpointing: delays(TURN_SECONDS + MORE_MS / 1000) }),
  transcription: () => {
    models.hearing = { firstWordMs: MORE_MS };
    return {};
  },
  model_first_token: () => {
    models.answer = () => ({ text: "Spoken words.", firstWordMs: MORE_MS });
    return {};
  },
  speech_first_sound: () => {
    models.speaking = { firstWordMs: MORE_MS };
    return {};
  },
};

test.each(Object.entries(SLOWED))(
  "300 ms more in one stage show in it and in the total, and nowhere else: %s",
  async (stage, slowDown) => {
    let seen: unknown;
    // On a busy machine something else may take longer meanwhile; then it is looked at again.
    await until(
      async () => {
        models.hearing = {};
        models.speaking = {};
        models.answer = () => ({ text: "Spoken words." });
        const before = await spokenLatency({});
        const after = await spokenLatency(slowDown());
        const more = Object.fromEntries(
          Object.keys(before).map((name) => [name, after[name as Stage] - before[name as Stage]]),
        );
        seen = more;
        const shown = Object.keys(more).filter((name) => (more[name] ?? 0) >= SHOWN_MS);
        return shown.toSorted().join() === [stage, "total"].toSorted().join() ? true : undefined;
      },
      () => `never so: ${JSON.stringify(seen)}`,
    );
  },
  TIMEOUT_MS,
);

function delays(seconds: number): object {
  return { min_delay_seconds: seconds, max_delay_seconds: seconds };
}

async function spokenLatency(config: object): Promise<Record<Stage, number>> {
  const own = await publishAgent(parley, {
    starting_message: { type: "user_initiates" },
    endpointing: delays(TURN_SECONDS),
    ...config,
  });
  const body = { user_id: `guest_${crypto.randomUUID()}` };
  const visitor = await VisitorClient.join(await start(parley, own, body));
  const microphone = await Microphone.open(visitor.me);
  await microphone.say(await recordedQuestion());
  const { latency } = await answerTo(visitor, "Spoken words.");
  await microphone.close();
  await visitor.leave();
  return latency as Record<Stage, number>;
}
