import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";
import { initializeLogger, llm, type tts } from "@livekit/agents";
import { AudioFrame } from "@livekit/rtc-node";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { operatorModel, operatorSpeech } from "../../../src/agent/models/openai-models.js";
import { loadConfig } from "../../../src/platform/config.js";
import type { AgentConfig } from "../../../src/protocol/agent-config.js";
import { ModelServer } from "../../support/model-server.js";

initializeLogger({ pretty: false, level: "silent" });

let server: ModelServer;
let lines: string[] = [];
let troubles: string[] = [];
const log = pino({ level: "trace" }, { write: (line) => lines.push(line) });

beforeAll(async () => {
  server = await ModelServer.start();
});
afterEach(() => {
  server.requests.length = 0;
  server.hearing = {};
  server.speaking = {};
  [lines, troubles] = [[], []];
});
afterAll(() => server.stop());

function speechFor(config: AgentConfig = {}, at = server): ReturnType<typeof operatorSpeech> {
  const { models } = loadConfig({
    ...at.environment(),
    ...at.speechEnvironment(),
    TTS_VOICES: "anna,ben",
  });
  if (!models?.speech) throw new Error("no speech");
  return operatorSpeech({ ...models, speech: models.speech }, config, {
    onDeaf: (error) => troubles.push(`deaf ${error}`),
    onMute: (error) => troubles.push(`mute ${error}`),
    log,
  });
}

/** A second of silence. */
const sound = new AudioFrame(new Int16Array(16_000), 16_000, 1, 16_000);

async function secondsOf(stream: tts.ChunkedStream): Promise<number> {
  const { samplesPerChannel, sampleRate } = await stream.collect();
  return samplesPerChannel / sampleRate;
}

describe("the agent's mouth", () => {
  // The server speaks 15 characters a second.
  const sentence = "Thirty characters, two seconds";

  test("speaks with the version's voice and pace, or the operator's", async () => {
    expect(await secondsOf(speechFor().tts.synthesize(sentence))).toBeCloseTo(2);
    const chosen = speechFor({ voice: { name: "ben", speed: 1.5 } });
    await secondsOf(chosen.tts.synthesize(sentence));
    await secondsOf(speechFor({ voice: { name: "gone" } }).tts.synthesize(sentence));
    const said = { model: "mouth", input: sentence, response_format: "pcm" };
    expect(server.requests.map(({ path, body }) => [path, body])).toEqual([
      ["/audio/speech", { ...said, voice: "anna" }],
      ["/audio/speech", { ...said, voice: "ben", speed: 1.5 }],
      ["/audio/speech", { ...said, voice: "anna" }],
    ]);
    expect(server.requests[0]?.headers["authorization"]).toBe("Bearer sk-for-tests-only");
    expect(troubles).toEqual([]);
  });

  test.each([
    [401, 1, "unauthorized"],
    [429, 2, "rate_limited"],
    [500, 2, "server_error"],
  ])("stays silent for a moment where its server fails: %i", async (status, tries, error) => {
    server.speaking = { status };
    expect(await secondsOf(speechFor().tts.synthesize(sentence))).toBeCloseTo(0.5);
    expect(server.requests).toHaveLength(tries);
    expect(troubles).toEqual([`mute ${error}`]);
    expect(lines.join("")).toContain(error);
    expect(lines.join("")).not.toMatch(/sk-for|Incorrect/);
  });

  test("has spoken what came before the connection broke", async () => {
    server.speaking = { cutAfter: 5 };
    expect(await secondsOf(speechFor().tts.synthesize(sentence))).toBeCloseTo(0.5);
    expect(troubles).toEqual(["mute server_error"]);
    expect(server.requests).toHaveLength(1);
  });

  test("stops when the visitor interrupts", async () => {
    server.speaking = { wordMs: 60_000 };
    const stop = new AbortController();
    const stream = speechFor().tts.synthesize(sentence, undefined, stop.signal);
    await stream.next();
    stop.abort();
    await expect.poll(() => server.requests[0]?.isBrokenOff).toBe(true);
    expect(troubles).toEqual([]);
  });
});

describe("the agent's ears", () => {
  test("hear in the version's language, or find it out", async () => {
    server.transcripts.push("Good day", "Guten Tag");
    const heard = await speechFor().stt.recognize(sound);
    expect(heard.alternatives?.[0]?.text).toBe("Good day");
    const german = await speechFor({ voice: { language: "de-AT" } }).stt.recognize(sound);
    expect(german.alternatives?.[0]?.text).toBe("Guten Tag");
    const [any, chosen] = server.requests;
    expect(any?.body).toMatchObject({ model: "ears", response_format: "json" });
    expect(any?.body).not.toHaveProperty("language");
    expect(chosen?.body).toMatchObject({ language: "de" });
    expect(chosen?.headers["authorization"]).toBe("Bearer sk-for-tests-only");
  });

  test.each([
    [401, 1, "unauthorized"],
    [429, 2, "rate_limited"],
    [500, 2, "server_error"],
  ])("hear nothing where their server fails, and say so: %i", async (status, tries, error) => {
    server.hearing = { status };
    const heard = await speechFor().stt.recognize(sound);
    expect(heard.alternatives?.[0]?.text).toBe("");
    expect(server.requests).toHaveLength(tries);
    expect(troubles).toEqual([`deaf ${error}`]);
    expect(lines.join("")).not.toMatch(/sk-for|Incorrect/);
  });
});

test("nobody but the operator's servers is called", async () => {
  // No connection to it is open yet.
  const fresh = await ModelServer.start();
  const { models } = loadConfig({ ...fresh.environment(), ...fresh.speechEnvironment() });
  if (!models) throw new Error("no models");
  const called = new Set<string>();
  const note = (message: unknown): void => {
    const { socket } = message as { socket: Socket };
    socket.once("connect", () =>
      called.add(`http://${socket.remoteAddress}:${socket.remotePort}/v1`),
    );
    socket.once("lookup", (_error, _address, _family, host) => called.add(host));
  };
  subscribe("net.client.socket", note);
  try {
    const model = operatorModel(models, {}, log);
    model.prewarm();
    await fresh.until(({ path }) => path === "/models");
    const context = llm.ChatContext.empty();
    context.addMessage({ role: "user", content: "Hello" });
    fresh.say({ status: 500 }, { text: "Three words here", cutAfter: 1 });
    await model.chat({ chatCtx: context }).collect();
    const { stt, tts: mouth } = speechFor({}, fresh);
    await stt.recognize(sound);
    await secondsOf(mouth.synthesize("Hello."));
  } finally {
    unsubscribe("net.client.socket", note);
    await fresh.stop();
  }
  expect([...called]).toEqual([fresh.url]);
});
