import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dispose, Room, RoomEvent } from "@livekit/rtc-node";
import { AccessToken } from "livekit-server-sdk";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { nextAudioTrack } from "../livekit/support.js";
import { ParleyProcess, until } from "../support/process.js";
import { Earphone, Microphone, recordedQuestion } from "./microphone.js";
import { leaveAll, start, VisitorClient } from "./visitor-client.js";

const SLOW = 240_000;
const WHOLE = /^You said \(played back\): ([\d.]+) seconds of sound\.$/;

let dataDir: string;
let parley: ParleyProcess;
let key: string;
let widgetId: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "parley-voice-"));
  parley = await ParleyProcess.start({
    DATA_DIR: dataDir,
    LOG_LEVEL: "warn",
  });
  key = parley.demoKey;
  widgetId = parley.demoWidgetId;
  await parley.said(/The agent is ready/);
}, SLOW);

afterEach(leaveAll);

afterAll(async () => {
  parley.killGroup();
  await parley.exit;
  await dispose();
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
}, SLOW);

interface Message {
  readonly role: string;
  readonly text: string;
  readonly mode: string;
}

async function transcript(visitor: VisitorClient): Promise<readonly Message[]> {
  const answer = await parley.json(`/core/conversations/${visitor.started.conversationId}`, {
    key,
  });
  return JSON.parse(answer.text).conversation.messages;
}

async function transcriptOf(
  visitor: VisitorClient,
  fits: (messages: readonly Message[]) => boolean,
): Promise<readonly Message[]> {
  let last: readonly Message[] = [];
  return until(
    async () => {
      last = await transcript(visitor);
      return fits(last) ? last : undefined;
    },
    () => `never so: ${JSON.stringify(last)}`,
  );
}

async function greeted(userId: string): Promise<VisitorClient> {
  const visitor = await VisitorClient.join(await start(parley, widgetId, { user_id: userId }));
  await visitor.hears(/Harbour Coffee/);
  return visitor;
}

const spoken = ({ mode }: Message): boolean => mode === "voice";

test(
  "a first sound is heard from its beginning, though the models for it are loaded only then",
  async () => {
    const visitor = await greeted("speaks at once");
    const question = await recordedQuestion();
    const microphone = await Microphone.open(visitor.me);
    await microphone.say(question);
    const { text } = await visitor.hears(WHOLE);
    const seconds = question.length / 16_000;
    expect(Number(WHOLE.exec(text)?.[1])).toBeGreaterThan(0.9 * seconds);
    await microphone.close();
  },
  SLOW,
);

test(
  "who speaks into the agent's words stops them; the transcript has what was heard of them, and what was said instead is answered",
  async () => {
    const visitor = await greeted("interrupts");
    const question = await recordedQuestion();
    const heard = nextAudioTrack(visitor.room);
    const microphone = await Microphone.open(visitor.me);
    // Long enough to be interrupted in.
    await microphone.say(question);
    await microphone.say(question);
    const earphone = new Earphone(await heard);
    await until(
      () => (earphone.isLoud ? true : undefined),
      () => "nothing is played back",
    );
    await microphone.say(question);
    await visitor.hears(WHOLE);
    const messages = await transcriptOf(
      visitor,
      (all) => all.filter((one) => one.role === "agent" && spoken(one)).length === 2,
    );
    const [asked, broken, instead, answer] = messages.filter(spoken);
    expect([asked, broken, instead, answer].map((one) => one?.role)).toEqual([
      "user",
      "agent",
      "user",
      "agent",
    ]);
    expect(answer?.text).toMatch(WHOLE);
    expect(answer?.text.startsWith(broken?.text.slice(0, 8) ?? "-")).toBe(true);
    expect(broken?.text).not.toMatch(WHOLE);
    await earphone.close();
    await microphone.close();
  },
  SLOW,
);

test(
  "what is written while the microphone is turned on is answered, and what is said then too",
  async () => {
    const visitor = await greeted("does both");
    await visitor.write(`first ${"x ".repeat(144)}last`);
    await until(
      () => (visitor.hearing.includes("“first") ? true : undefined),
      () => "it never began to answer",
    );
    const mouth = nextAudioTrack(visitor.room);
    const microphone = await Microphone.open(visitor.me);
    // By then the framework changes agents, which it does when this answer is over.
    await mouth;
    await visitor.write("Are you open on Sunday?");
    await visitor.hears(/Tuesday to Saturday/);
    await microphone.say(await recordedQuestion());
    await visitor.hears(WHOLE);
    await microphone.close();
  },
  SLOW,
);

test(
  "who turns the microphone on and leaves before they hear the agent leaves nothing behind",
  async () => {
    const started = await start(parley, widgetId, { user_id: "leaves" });
    const room = new Room();
    // The agent waits until its sound is wanted, which never happens here.
    await room.connect(started.url, started.token, { autoSubscribe: false, dynacast: false });
    if (!room.localParticipant) throw new Error("not connected");
    const published = new Promise<void>((resolve) => {
      room.once(RoomEvent.TrackPublished, () => resolve());
    });
    const microphone = await Microphone.open(room.localParticipant);
    await published;
    await microphone.close();
    await room.disconnect();
    await until(
      async () => {
        const path = `/core/conversations/${started.conversationId}`;
        const { text } = await parley.json(path, { key });
        return JSON.parse(text).status === "completed" ? true : undefined;
      },
      () => "its room is still there",
    );
  },
  SLOW,
);

test(
  "whoever else is in the room is neither heard nor answered",
  async () => {
    const visitor = await greeted("has company");
    const { livekitApiKey, livekitApiSecret } = JSON.parse(
      await readFile(join(dataDir, "secrets.json"), "utf8"),
    );
    const token = new AccessToken(livekitApiKey, livekitApiSecret, { identity: "somebody" });
    token.addGrant({ room: visitor.started.room, roomJoin: true });
    const company = new Room();
    await company.connect(visitor.started.url, await token.toJwt(), {
      autoSubscribe: true,
      dynacast: false,
    });
    if (!company.localParticipant) throw new Error("not connected");
    const microphone = await Microphone.open(company.localParticipant);
    await company.localParticipant.sendText("Do you have decaf?", { topic: "lk.chat" });
    await microphone.say(await recordedQuestion());
    await visitor.write("Are you open on Sunday?");
    await visitor.hears(/Tuesday to Saturday/);

    const own = await Microphone.open(visitor.me);
    await own.say(await recordedQuestion());
    await visitor.hears(WHOLE);
    const messages = await transcriptOf(visitor, (all) => all.filter(spoken).length === 2);
    expect(messages.map(({ role, mode }) => `${role} ${mode}`)).toEqual([
      "agent text",
      "user text",
      "agent text",
      "user voice",
      "agent voice",
    ]);
    await Promise.all([microphone.close(), own.close()]);
    await company.disconnect();
  },
  SLOW,
);
