import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { dispose } from "@livekit/rtc-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loudSeconds, Microphone, recordedQuestion } from "../agent/microphone.js";
import { leaveAll, start, VisitorClient } from "../agent/visitor-client.js";
import { endsWithUs } from "../support/children.js";
import { freePort } from "../support/free-port.js";
import { ParleyProcess, until } from "../support/process.js";
import { nextAudioTrack, pause } from "./support.js";

const SLOW = 240_000;
/** Well above what a server stops calling at, were it told of the machine. */
const BUSY = 0.9;
const BUSY_TRIES = 90;

const { LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET, LIVEKIT_WEBHOOK_PORT, TEST_BUSY } =
  process.env;
/** Without them the platform learns of the end of a talk only when it looks for rooms that vanished. */
const hasWebhooks = !LIVEKIT_URL || Boolean(LIVEKIT_WEBHOOK_PORT);

let dataDir: string;
let parley: ParleyProcess;
let key: string;
let widgetId: string;
const hogs: ChildProcess[] = [];

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "parley-talk-"));
  parley = await ParleyProcess.start({
    DATA_DIR: dataDir,
    // An outside server's webhooks go to one port, whoever listens there.
    PORT: LIVEKIT_WEBHOOK_PORT ?? String(await freePort()),
    LOG_LEVEL: "warn",
    AGENT_MAX_TALKS: "2",
    ...(LIVEKIT_URL
      ? {
          LIVEKIT_URL,
          LIVEKIT_API_KEY: LIVEKIT_API_KEY ?? "",
          LIVEKIT_API_SECRET: LIVEKIT_API_SECRET ?? "",
          RUN_AGENT: "true",
        }
      : {}),
  });
  key = parley.demoKey;
  widgetId = parley.demoWidgetId;
  await agentTakesTalks();
}, SLOW);

afterAll(async () => {
  for (const hog of hogs) hog.kill("SIGKILL");
  await leaveAll();
  parley.killGroup();
  await parley.exit;
  await dispose();
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
}, SLOW);

async function agentTakesTalks(): Promise<void> {
  await until(
    async () => ((await isAvailable()) ? true : undefined),
    () => `no agent:\n${parley.output}`,
  );
}

/** Asked no more often than a platform allows. */
async function isAvailable(): Promise<boolean> {
  await pause(1_000);
  return (await start(parley, widgetId, { user_id: "asks" })).agentAvailable;
}

async function joinAs(userId: string): Promise<VisitorClient> {
  return VisitorClient.join(await start(parley, widgetId, { user_id: userId }));
}

interface Detail {
  readonly status: string;
  readonly duration: number | null;
  readonly conversation: {
    readonly messages: readonly { readonly role: string; readonly mode: string }[];
  };
}

async function read(id: string): Promise<Detail> {
  return JSON.parse((await parley.json(`/core/conversations/${id}`, { key })).text);
}

/** One whole talk: greeted, answered by text, heard and answered by voice, and known to the platform. */
async function talk(userId: string): Promise<void> {
  const visitor = await joinAs(userId);
  try {
    await visitor.hears(/I am the demo agent/);
    await visitor.write("How long does shipping take?");
    await visitor.hears(/2 pm/);
    const question = await recordedQuestion();
    const heard = nextAudioTrack(visitor.room).then(loudSeconds);
    const microphone = await Microphone.open(visitor.me);
    await microphone.say(question);
    await visitor.hears(/You said \(played back\)/);
    expect(await heard).toBeGreaterThan(1);
    await microphone.close();
  } finally {
    await visitor.leave();
  }
  await until(
    async () => {
      const { status, duration, conversation } = await read(visitor.started.conversationId);
      if (conversation.messages.length < 5) return undefined;
      if (hasWebhooks && !(status === "completed" && (duration ?? 0) > 0)) return undefined;
      const said = conversation.messages.map(({ role, mode }) => `${role} ${mode}`);
      expect(said.slice(0, 3)).toEqual(["agent text", "user text", "agent text"]);
      // A machine without a breath makes two sounds of one.
      expect(new Set(said.slice(3))).toEqual(new Set(["user voice", "agent voice"]));
      return true;
    },
    () => `the platform does not know the talk:\n${parley.output}`,
  );
}

test("a talk by text and voice is held on an idle machine", () => talk("idle"), SLOW);

test.skipIf(!TEST_BUSY)(
  "a talk by text and voice is held while the worker's machine is busy",
  async () => {
    const cores = availableParallelism();
    for (let hog = 0; hog < 2 * cores; hog += 1) {
      hogs.push(endsWithUs(spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" })));
    }
    for (let tries = 0; (loadavg()[0] ?? 0) / cores < BUSY && tries < BUSY_TRIES; tries += 1) {
      await pause(1_000);
    }
    expect((loadavg()[0] ?? 0) / cores).toBeGreaterThan(0.7);
    // The worker has told LiveKit of its load by now.
    await pause(3_000);
    try {
      await talk("busy");
    } finally {
      for (const hog of hogs.splice(0)) hog.kill("SIGKILL");
    }
  },
  SLOW,
);

describe("while the worker is full", () => {
  test(
    "visitors are told so, and the one who waits is answered as soon as another leaves",
    async () => {
      const talking = [await joinAs("first"), await joinAs("second")];
      for (const visitor of talking) await visitor.hears(/I am the demo agent/);
      await until(
        async () => ((await isAvailable()) ? undefined : true),
        () => `it is not known to be full:\n${parley.output}`,
      );
      const waiting = await joinAs("third");
      await pause(5_000);
      expect(waiting.said).toEqual([]);
      await talking[0]?.leave();
      if (hasWebhooks) await waiting.hears(/I am the demo agent/);
      await Promise.all([talking[1]?.leave(), waiting.leave()]);
      await agentTakesTalks();
    },
    SLOW,
  );
});
