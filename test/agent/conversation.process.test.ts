import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { dispose } from "@livekit/rtc-node";
import { RoomServiceClient } from "livekit-server-sdk";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { nextAudioTrack, pause } from "../livekit/support.js";
import { freePort } from "../support/free-port.js";
import { childrenOf, isConnectedTo } from "../support/process-tree.js";
import { ParleyProcess, until } from "../support/process.js";
import { loudSeconds, Microphone, recordedQuestion } from "./microphone.js";
import { leaveAll, start, VisitorClient, type Said } from "./visitor-client.js";

const SLOW = 240_000;
/** As many as the worker keeps. */
const HOSTS = Math.min(availableParallelism(), 4);
/** What the platform logs of an agent that broke off, and how long it gives one to end in order. */
const DIED = "an agent's process died in the middle of its talk";
const ORPHANS_MS = 7_000;
/** The demo agent repeats up to 300 characters, a word every 20 ms: 3 s, in which a slow machine finds time to kill. */
const LONG_QUESTION = `first ${"x ".repeat(144)}last`;
const BEGUN_ANSWER = /“first/;
const LONG_ANSWER = /last”/;

interface Detail {
  readonly status: string;
  readonly duration: number | null;
  readonly user_turn_count: number;
  readonly conversation: {
    readonly messages: readonly {
      readonly role: string;
      readonly text: string;
      readonly mode: string;
      readonly tool_call: { call_id: string; name: string; result: unknown } | null;
    }[];
  };
}

let dataDir: string;
let env: Record<string, string>;
let parley: ParleyProcess;
let key: string;
let widgetId: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "parley-agent-"));
  env = {
    DATA_DIR: dataDir,
    PORT: String(await freePort()),
    LIVEKIT_PORT: String(await freePort()),
    LOG_LEVEL: "warn",
  };
  parley = await ParleyProcess.start(env);
  key = parley.demoKey;
  widgetId = parley.demoWidgetId;
  await agentIsReady();
}, SLOW);

// A test that fails leaves its visitor, whom the next ones would meet.
afterEach(leaveAll);

afterAll(async () => {
  parley.killGroup();
  await parley.exit;
  await dispose();
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
}, SLOW);

/** The conversation as its owner reads it. */
async function read(id: string): Promise<Detail> {
  const answer = await parley.json(`/core/conversations/${id}`, { key });
  return JSON.parse(answer.text);
}

async function readWhen(id: string, fits: (detail: Detail) => boolean): Promise<Detail> {
  let last: Detail | undefined;
  return until(
    async () => {
      last = await read(id);
      return fits(last) ? last : undefined;
    },
    () => `never so: ${JSON.stringify(last)}`,
  );
}

const completed = (detail: Detail): boolean => detail.status === "completed";

/** Until the platform says that a conversation would be answered. */
async function agentIsReady(): Promise<void> {
  await until(
    async () => {
      const { agentAvailable } = await start(parley, widgetId, { user_id: "asks" });
      return agentAvailable ? true : undefined;
    },
    () => `no agent:\n${parley.output}`,
  );
}

async function joinAs(userId: string): Promise<VisitorClient> {
  const visitor = await VisitorClient.join(await start(parley, widgetId, { user_id: userId }));
  await visitor.hears(/Harbour Coffee/);
  return visitor;
}

/**
 * The process that talks: of the worker's, the only one with a connection to LiveKit. One that has talked keeps one
 * for some seconds.
 */
async function talkingProcess(): Promise<number> {
  const worker = await workerPid();
  const port = Number(env["LIVEKIT_PORT"]);
  return until(
    () => {
      const talking = childrenOf(worker).filter((child) => isConnectedTo(child, port));
      return talking.length === 1 ? talking[0] : undefined;
    },
    () => `not one of ${childrenOf(worker)} talks:\n${parley.output}`,
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function workerPid(): Promise<number> {
  return until(
    () => childrenOf(parley.pid)[0],
    () => "the platform has no child",
  );
}

test(
  "a visitor is greeted, asks, writes and speaks, is answered and heard, and the platform knows it all",
  async () => {
    const visitor = await VisitorClient.join(await start(parley, widgetId, { user_id: "ada" }));
    const { conversationId, visitorToken } = visitor.started;
    const greeting = await visitor.hears(/I am the demo agent/);
    expect(greeting.attributes).toMatchObject({
      "lk.segment_id": expect.any(String),
      "lk.transcription_final": expect.stringMatching(/^(true|false)$/),
    });

    await visitor.write("How long does shipping take?");
    const answer = await visitor.hears(/2 pm/);
    expect(answer.pieces).toBeGreaterThan(5);
    expect(answer.attributes["lk.segment_id"]).not.toBe(greeting.attributes["lk.segment_id"]);

    const heard = nextAudioTrack(visitor.room).then(loudSeconds);
    const microphone = await Microphone.open(visitor.me);
    await microphone.say(await recordedQuestion());
    const playback = await visitor.hears(/You said \(played back\)/);
    expect(await heard).toBeGreaterThan(1);
    expect(playback.attributes["lk.transcribed_track_id"]).toEqual(expect.any(String));
    const own = visitor.said.find(
      (one: Said) => one.attributes["lk.transcribed_track_id"] === microphone.sid,
    );
    expect(own?.text).toMatch(/cannot tell the words/);
    await microphone.close();

    await visitor.write("And do you have decaf?");
    await visitor.hears(/Still Water/);
    await until(
      () => (visitor.states.at(-1) === "listening" ? true : undefined),
      () => `states: ${visitor.states.join()}`,
    );
    expect(new Set(visitor.states)).toEqual(
      new Set(["initializing", "speaking", "listening", "thinking"]),
    );
    expect((await read(conversationId)).status).toBe("in_progress");

    await visitor.leave();
    const detail = await readWhen(conversationId, completed);
    expect(detail.duration).toBeGreaterThan(0);
    expect(detail.user_turn_count).toBe(3);
    const spoken = detail.conversation.messages.map(({ role, mode }) => `${role} ${mode}`);
    expect(spoken).toEqual([
      "agent text",
      "user text",
      "agent text",
      "user voice",
      "agent voice",
      "user text",
      "agent text",
    ]);
    expect(detail.conversation.messages[1]?.text).toBe("How long does shipping take?");
    expect(detail.conversation.messages[2]?.text).toBe(answer.text);

    const path = `/core/public/web-widgets/${widgetId}/conversations/${conversationId}/messages`;
    const messages = await parley.json(path, { headers: { "x-visitor-token": visitorToken } });
    expect(JSON.parse(messages.text).messages).toHaveLength(7);
  },
  SLOW,
);

test(
  "a greeting is heard out, also by a visitor who already asked something",
  async () => {
    const visitor = await VisitorClient.join(await start(parley, widgetId, { user_id: "eager" }));
    await until(
      () => (visitor.hearing === "" ? undefined : true),
      () => "no greeting began",
    );
    await visitor.write("Can I return my order?");
    await visitor.hears(/30 days/);
    const [greeting] = visitor.said;
    expect(greeting?.text).toMatch(/^Hello.*our coffees\.$/);
    await visitor.leave();
  },
  SLOW,
);

test(
  "an answer that is interrupted stops, and the transcript has what was said of it",
  async () => {
    const visitor = await joinAs("hasty");
    await visitor.write(LONG_QUESTION);
    await until(
      () => (BEGUN_ANSWER.test(visitor.hearing) ? true : undefined),
      () => "it never began to answer",
    );
    await visitor.write("opening hours?");
    await visitor.hears(/Tuesday to Saturday/);
    await visitor.leave();
    const { conversation } = await readWhen(visitor.started.conversationId, completed);
    const broken = conversation.messages.find(({ text }) => BEGUN_ANSWER.test(text));
    expect(broken?.role).toBe("agent");
    expect(broken?.text).not.toMatch(LONG_ANSWER);
    expect(conversation.messages.at(-1)?.text).toMatch(/Tuesday/);
  },
  SLOW,
);

test(
  "messages count by when they began: one that does not end holds up no other and keeps its place",
  async () => {
    const visitor = await joinAs("types fast");
    const unfinished = await visitor.me.streamText({ topic: "lk.chat" });
    await unfinished.write("begun first");
    const rapid = Array.from({ length: 20 }, (_, number) => `rapid ${number}`);
    for (const text of rapid) await visitor.write(text);
    await visitor.hears(/rapid 19/);
    await unfinished.close();
    await visitor.hears(/begun first/);
    await visitor.leave();
    const { conversation } = await readWhen(visitor.started.conversationId, completed);
    const asked = conversation.messages.filter(({ role }) => role === "user");
    expect(asked.map(({ text }) => text)).toEqual(["begun first", ...rapid]);
  },
  SLOW,
);

test(
  "a form reaches the panel, its answer is taken once, and both are in the transcript",
  async () => {
    const visitor = await joinAs("form");
    await visitor.write("Please call me back");
    await visitor.hears(/fill in this form/);
    const [form] = visitor.shown;
    expect(form).toMatchObject({ kind: "form", data: { id: "callback" } });
    const answer = { id: form?.id, values: { name: "Ada", phone: "+1 555", intruder: 1 } };
    expect(await visitor.answer(answer)).toEqual({ accepted: true });
    expect(await visitor.answer(answer)).toEqual({ accepted: true });
    await visitor.hears(/- name: Ada/);
    await visitor.write("track my order");
    await visitor.hears(/It is a sample/);
    expect(visitor.shown[1]).toMatchObject({ kind: "card", type: "order_tracker" });
    await visitor.leave();
    const { conversation } = await readWhen(visitor.started.conversationId, completed);
    const calls = conversation.messages.flatMap(({ role, tool_call: call }) =>
      role === "tool" && call ? [call] : [],
    );
    expect(calls.map(({ name, result }) => [name, result])).toEqual([
      ["show_form_callback", { shown: true }],
      ["show_form_callback", { values: { name: "Ada", phone: "+1 555" } }],
      ["show_order_tracker_widget", { shown: true }],
    ]);
  },
  SLOW,
);

describe("two visitors at once", () => {
  test(
    "never read or hear each other",
    async () => {
      const [one, other] = await Promise.all([joinAs("one"), joinAs("other")]);
      await Promise.all([one.write("alpha alpha"), other.write("beta beta")]);
      await Promise.all([one.hears(/“alpha alpha”/), other.hears(/“beta beta”/)]);
      const microphone = await Microphone.open(one.me);
      await microphone.say(await recordedQuestion());
      await one.hears(/played back/);
      await microphone.close();
      await other.write("gamma gamma");
      await other.hears(/“gamma gamma”/);
      expect(one.said.some(({ text }) => /beta|gamma/.test(text))).toBe(false);
      expect(other.said.some(({ text }) => /alpha|played back/.test(text))).toBe(false);
      expect(one.room.remoteParticipants.size).toBe(1);
      expect(other.room.remoteParticipants.size).toBe(1);
      await Promise.all([one.leave(), other.leave()]);
      for (const visitor of [one, other]) {
        const { conversation } = await readWhen(visitor.started.conversationId, completed);
        const texts = conversation.messages.map(({ text }) => text).join(" ");
        expect(/alpha/.test(texts)).toBe(visitor === one);
        expect(/beta|gamma/.test(texts)).toBe(visitor === other);
      }
    },
    SLOW,
  );

  test(
    "cannot use their tokens on each other's rooms",
    async () => {
      const [one, other] = await Promise.all([joinAs("one"), joinAs("other")]);
      const twirp = async (method: string, room: string): Promise<number> => {
        const url = `${one.started.url.replace(/^ws/, "http")}/twirp/livekit.RoomService/${method}`;
        const response = await fetch(url, {
          method: "POST",
          headers: {
            authorization: `Bearer ${one.started.token}`,
            "content-type": "application/json",
          },
          body: JSON.stringify({ room, identity: other.me.identity }),
        });
        return response.status;
      };
      for (const room of [other.started.room, one.started.room]) {
        for (const method of ["ListParticipants", "RemoveParticipant", "DeleteRoom", "SendData"]) {
          expect(await twirp(method, room)).toBe(401);
        }
      }
      await one.me.sendText("for you", {
        topic: "lk.transcription",
        destinationIdentities: [other.me.identity],
      });
      await other.write("still alone");
      await other.hears(/still alone/);
      expect(other.said.some(({ text }) => text === "for you")).toBe(false);
      await Promise.all([one.leave(), other.leave()]);
    },
    SLOW,
  );
});

test(
  "a resumed conversation goes on in a fresh room, and the old token revives nothing",
  async () => {
    const first = await joinAs("returns");
    await first.write("I like the sea");
    await first.hears(/I like the sea/);
    const { conversationId } = first.started;
    await readWhen(conversationId, (detail) => detail.conversation.messages.length === 3);
    const again = await start(parley, widgetId, {
      user_id: "returns",
      conversation_id: conversationId,
    });
    expect(again.room).not.toBe(first.started.room);
    await until(
      () => (first.disconnected ? true : undefined),
      () => "the old room is still open",
    );
    const second = await VisitorClient.join(again);
    await second.getsAnother("");

    const ghost = await VisitorClient.join(first.started).catch(() => undefined);
    await until(
      () => (!ghost || ghost.disconnected ? true : undefined),
      () => "the old room was revived",
    );
    expect(ghost?.said ?? []).toEqual([]);

    await second.write("And what about returns?");
    await second.hears(/30 days/);
    // From page to page nobody was away: neither a greeting nor a welcome.
    expect(second.said.map(({ text }) => text)).toEqual([expect.stringMatching(/30 days/)]);
    expect((await read(conversationId)).status).toBe("in_progress");
    await second.leave();
    const { conversation, user_turn_count: count } = await readWhen(conversationId, completed);
    expect(count).toBe(2);
    const texts = conversation.messages.map(({ text }) => text);
    expect(texts.filter((text) => text.includes("welcome to Harbour Coffee"))).toHaveLength(1);
    expect(texts).toHaveLength(5);
  },
  SLOW,
);

test(
  "a worker that is killed comes back: who waited is answered again, the next one too, and nothing acknowledged is lost",
  async () => {
    const waiting = await joinAs("waits");
    await waiting.write("remember this");
    await waiting.hears(/remember this/);
    const { conversationId } = waiting.started;
    await readWhen(conversationId, (detail) => detail.conversation.messages.length === 3);
    const pid = await workerPid();
    const hosts = childrenOf(pid);
    expect(hosts.length).toBeGreaterThan(0);
    const told = parley.output.length;
    const before = waiting.agentIdentity;
    process.kill(pid, "SIGKILL");
    await until(
      () => (hosts.some(isAlive) ? undefined : true),
      () => "a process outlived its worker",
    );
    await waiting.getsAnother(before);
    await waiting.write("are you open?");
    await waiting.hears(/Tuesday to Saturday/);
    await pause(ORPHANS_MS);
    // The talk's process lived on and ended its talk in order: it has not died.
    expect(parley.output.slice(told)).toContain("the agent worker died");
    expect(parley.output.slice(told)).not.toContain(DIED);
    await agentIsReady();
    const next = await joinAs("next");
    await next.write("decaf?");
    await next.hears(/Still Water/);
    await Promise.all([waiting.leave(), next.leave()]);
    const { conversation } = await readWhen(conversationId, completed);
    const texts = conversation.messages.map(({ text }) => text);
    expect(texts).toContain("remember this");
    expect(texts).toContain("are you open?");
  },
  SLOW,
);

test.each([
  ["the talk's process", async () => [await talkingProcess()]],
  [
    "the worker with all its processes",
    async () => {
      const worker = await workerPid();
      return [worker, ...childrenOf(worker)];
    },
  ],
])(
  "who waits is answered again when %s dies without a word, and what is sent again is heard once",
  async (_name, victims) => {
    const visitor = await joinAs("stays");
    const { conversationId } = visitor.started;
    const [kept, lost] = [randomUUID(), randomUUID()];
    await visitor.write("remember this", kept);
    await visitor.isHeard(kept);
    await visitor.hears(/remember this/);
    await readWhen(conversationId, (detail) => detail.conversation.messages.length === 3);
    const told = parley.output.length;
    const before = visitor.agentIdentity;
    const pids = await victims();
    // All stand still first: one that sees another die would end its talk in order.
    for (const pid of pids) process.kill(pid, "SIGSTOP");
    for (const pid of pids) process.kill(pid, "SIGKILL");
    await visitor.write("are you open?", lost);
    await visitor.getsAnother(before);
    await until(
      () => (parley.output.slice(told).includes(DIED) ? true : undefined),
      () => `it was not told:\n${parley.output.slice(told)}`,
    );
    // The panel does not know which of them the dead agent had heard.
    await visitor.write("remember this", kept);
    await visitor.write("are you open?", lost);
    await visitor.isHeard(lost);
    await visitor.write("are you open?", lost);
    await visitor.hears(/Tuesday to Saturday/);
    await visitor.leave();
    const { conversation } = await readWhen(conversationId, completed);
    const said = conversation.messages.filter(({ role }) => role === "user");
    expect(said.map(({ text }) => text)).toEqual(["remember this", "are you open?"]);
    const answers = conversation.messages.filter(({ role }) => role === "agent");
    expect(answers.filter(({ text }) => text.includes("remember this"))).toHaveLength(1);
  },
  SLOW,
);

test(
  "what the agent says it has heard is on the platform, and is answered by the next one when it dies over the answer",
  async () => {
    const visitor = await joinAs("insists");
    const { conversationId } = visitor.started;
    const id = randomUUID();
    const talking = await talkingProcess();
    await visitor.write(LONG_QUESTION, id);
    await visitor.isHeard(id);
    process.kill(talking, "SIGKILL");
    const { conversation: before } = await read(conversationId);
    expect(before.messages.map(({ text }) => text)).toContain(LONG_QUESTION);
    await visitor.hears(LONG_ANSWER);
    await visitor.write(LONG_QUESTION, id);
    await visitor.isHeard(id);
    await visitor.leave();
    const { conversation } = await readWhen(conversationId, completed);
    expect(conversation.messages.map(({ role }) => role)).toEqual(["agent", "user", "agent"]);
  },
  SLOW,
);

test.each([
  ["the talk's process dies", talkingProcess],
  ["the worker dies, and its talks end", workerPid],
])(
  "an answer that breaks off when %s is given again, whole and in the place of what was said of it",
  async (_name, victim) => {
    const visitor = await joinAs("unlucky");
    const id = randomUUID();
    const pid = await victim();
    await visitor.write(LONG_QUESTION, id);
    await until(
      () => (BEGUN_ANSWER.test(visitor.hearing) ? true : undefined),
      () => "it never began to answer",
    );
    // What the platform does not have yet goes with the process; the panel would send it again.
    await visitor.isHeard(id);
    process.kill(pid, "SIGKILL");
    const whole = await visitor.hears(LONG_ANSWER);
    const begun = visitor.said.filter(({ text }) => BEGUN_ANSWER.test(text));
    expect(begun).toHaveLength(2);
    expect(new Set(begun.map(({ attributes }) => attributes["lk.segment_id"])).size).toBe(1);
    expect(visitor.said.filter(({ text }) => text.startsWith("Hello"))).toHaveLength(1);
    await visitor.leave();
    const { conversation } = await readWhen(visitor.started.conversationId, completed);
    expect(conversation.messages.map(({ role }) => role)).toEqual(["agent", "user", "agent"]);
    expect(conversation.messages.at(-1)?.text).toBe(whole.text);
  },
  SLOW,
);

test(
  "processes that die while they hold no talk are replaced: no visitor waits in vain, and no talk is touched",
  async () => {
    const worker = await workerPid();
    const children = async (count: number): Promise<number[]> =>
      until(
        () => {
          const all = childrenOf(worker);
          return all.length === count ? all : undefined;
        },
        () => `not ${count} processes, but ${childrenOf(worker)}:\n${parley.output}`,
      );
    await children(HOSTS);
    const talking = await joinAs("talking");
    const busy = await talkingProcess();
    const ready = (await children(HOSTS)).filter((pid) => pid !== busy);
    for (const pid of ready) process.kill(pid, "SIGKILL");
    await until(
      () => (ready.some(isAlive) ? undefined : true),
      () => "they outlived it",
    );
    await children(HOSTS);
    const others = await Promise.all(ready.map((_, number) => joinAs(`next-${number}`)));
    await talking.write("are you open?");
    await talking.hears(/Tuesday to Saturday/);
    expect(talking.said).toHaveLength(2);
    expect(await workerPid()).toBe(worker);
    await Promise.all([talking, ...others].map((visitor) => visitor.leave()));
  },
  SLOW,
);

test(
  "a process that dies with several talks takes no message along: each is answered by the next one, and no other talk is touched",
  async () => {
    const visitors = await Promise.all(
      Array.from({ length: 2 * HOSTS + 1 }, async (_, number) => {
        const visitor = await joinAs(`one of many ${number}`);
        return { visitor, id: randomUUID() };
      }),
    );
    const [victim = 0] = childrenOf(await workerPid());
    await Promise.all(visitors.map(({ visitor, id }) => visitor.write(LONG_QUESTION, id)));
    await Promise.all(visitors.map(({ visitor, id }) => visitor.isHeard(id)));
    const agents = visitors.map(({ visitor }) => visitor.agentIdentity);
    process.kill(victim, "SIGKILL");
    await Promise.all(visitors.map(({ visitor }) => visitor.hears(LONG_ANSWER)));
    // A machine that was too busy to kill it in the middle of the answers has heard them all.
    const moved = await until(
      () => {
        const those = visitors.filter(({ visitor }, at) => visitor.agentIdentity !== agents[at]);
        return those.length > 1 ? those : undefined;
      },
      () => "no two of them have another agent",
    );
    if (HOSTS > 1) expect(moved.length).toBeLessThan(visitors.length);
    for (const { visitor } of visitors) {
      await visitor.leave();
      const { conversation } = await readWhen(visitor.started.conversationId, completed);
      expect(conversation.messages.map(({ role }) => role)).toEqual(["agent", "user", "agent"]);
      expect(conversation.messages.at(-1)?.text).toMatch(LONG_ANSWER);
    }
  },
  SLOW,
);

test(
  "a platform that is killed leaves no process behind, and after its return nothing stays in progress and nothing acknowledged is lost",
  async () => {
    const visitor = await joinAs("survivor");
    await visitor.write("keep this");
    await visitor.hears(/keep this/);
    const { conversationId } = visitor.started;
    await readWhen(conversationId, (detail) => detail.conversation.messages.length === 3);
    // The visitor's own client goes too: it would come back, as browsers do, and the talk go on.
    parley.kill("SIGKILL");
    await parley.exit;
    await visitor.leave();
    await parley.groupIsGone();
    parley = await ParleyProcess.start(env);
    const detail = await readWhen(conversationId, completed);
    expect(detail.conversation.messages.map(({ text }) => text)).toContain("keep this");
    expect(detail.user_turn_count).toBe(1);
    const left = await parley.json("/core/conversations?status=in_progress", { key });
    expect(JSON.parse(left.text)).toEqual([]);
    await agentIsReady();
    const next = await joinAs("after");
    await next.leave();
    await readWhen(next.started.conversationId, completed);
  },
  SLOW,
);

test(
  "a platform that is told to stop ends the talks in order, and all its processes",
  async () => {
    const visitor = await joinAs("late");
    await visitor.write("one last thing");
    await visitor.hears(/one last thing/);
    parley.kill("SIGTERM");
    expect(await parley.exit).toBe(0);
    await parley.groupIsGone();
    await visitor.leave();
    parley = await ParleyProcess.start(env);
    const detail = await read(visitor.started.conversationId);
    expect(detail.status).toBe("completed");
    expect(detail.conversation.messages).toHaveLength(3);
  },
  SLOW,
);

test("the embedded LiveKit of npm start has a key of its own, not everybody's", async () => {
  const url = `http://127.0.0.1:${env["LIVEKIT_PORT"]}`;
  await expect(new RoomServiceClient(url, "devkey", "secret").listRooms()).rejects.toThrow();
});
