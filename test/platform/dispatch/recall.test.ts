import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Database } from "../../../src/platform/database/client.js";
import type { AgentCalls, Present } from "../../../src/platform/livekit/agent-calls.js";
import { createLog } from "../../../src/process/log.js";
import { RecallService } from "../../../src/platform/dispatch/recall.service.js";
import { TestApp } from "../../support/app.js";
import { connectionOf, deliver } from "../../support/webhook.js";
import { AGENT, asWorker, claim, claimedTalk, type ClaimedTalk } from "./support.js";

/** LiveKit's rooms, as far as calling an agent goes. */
class FakeCalls implements AgentCalls {
  readonly inside = new Map<string, Set<string>>();
  readonly taken = new Set<string>();
  readonly calls: { room: string; agentName: string; metadata: object }[] = [];
  readonly removed: string[] = [];

  async present(room: string): Promise<readonly Present[]> {
    return [...(this.inside.get(room) ?? [])].map((identity) => ({
      identity,
      isAgent: identity.startsWith("agent"),
    }));
  }

  /** By room, or by the id of one call. */
  async isTaken(room: string, callId?: string): Promise<boolean> {
    return this.taken.has(callId ?? room);
  }

  async call(room: string, agentName: string, metadata: object): Promise<string> {
    this.calls.push({ room, agentName, metadata });
    return `call-${this.calls.length}`;
  }

  async remove(room: string, identity: string): Promise<void> {
    this.removed.push(`${room} ${identity}`);
    this.inside.get(room)?.delete(identity);
  }
}

let app: TestApp;
let widgetId: string;
let calls: FakeCalls;
let recalls: RecallService;
/** How many more talks the workers take. */
let free: number;

beforeAll(async () => {
  app = await TestApp.start();
  const { key } = await app.organization();
  widgetId = (await app.widget(key)).id;
});
afterAll(() => app.stop());
beforeEach(async () => {
  await app.db.conversation.deleteMany();
  calls = new FakeCalls();
  free = Infinity;
  recalls = recallsWith(app.db);
});

function recallsWith(db: Database): RecallService {
  return new RecallService({
    db,
    calls,
    agents: { free: async () => free },
    agentName: "parley-agent",
    tracing: undefined,
    log: createLog("silent"),
    now: app.clock.now,
  });
}

/** A visitor in a room that no agent ever claimed. */
async function waiting(): Promise<{ id: string; room: string; identity: string }> {
  const started = await app.begin(widgetId, { user_id: "visitor" });
  const connection = connectionOf(started.body);
  await enter(connection);
  return { id: started.body.conversation.id, ...connection };
}

async function enter({ room, identity }: { room: string; identity: string }): Promise<void> {
  await deliver(app, { event: "participant_joined", room, identity });
  calls.inside.set(room, new Set([identity]));
  app.clock.forward(1);
}

async function abandoned(): Promise<ClaimedTalk> {
  const talk = await claimedTalk(app, widgetId);
  await enter(talk);
  const body = { reason: "shutdown" };
  await asWorker(app, "POST", "job/end", { bearer: talk.token, body });
  return talk;
}

const called = (): string[] => calls.calls.map(({ room }) => room);

test("who joined while no worker was there gets an agent as soon as there is one", async () => {
  const talk = await waiting();
  await recalls.workerIsBack();
  expect(calls.calls).toEqual([
    {
      room: talk.room,
      agentName: "parley-agent",
      metadata: {
        conversation_id: talk.id,
        widget_id: widgetId,
        agent_version_id: expect.any(String),
      },
    },
  ]);
});

test("who joined is called for also when a sweep is just under way", async () => {
  const talk = await waiting();
  await Promise.all([recalls.sweep(), recalls.workerIsBack()]);
  expect(called()).toEqual([talk.room]);
});

test("who joined is called for also when an agent's leaving waits for the same sweep", async () => {
  const talk = await waiting();
  await Promise.all([
    recalls.sweep(),
    recalls.agentLeft("another", undefined),
    recalls.workerIsBack(),
  ]);
  expect(called()).toEqual([talk.room]);
});

test("who joined is called for by a later sweep when the database fails this one", async () => {
  const talk = await waiting();
  const db: Database = Object.create(app.db, {
    $queryRaw: { value: vi.fn(app.db.$queryRaw.bind(app.db)).mockRejectedValueOnce("away") },
  });
  recalls = recallsWith(db);
  await expect(recalls.workerIsBack()).rejects.toBe("away");
  await recalls.sweep();
  expect(called()).toEqual([talk.room]);
});

test("a fresh room is left to LiveKit for a while", async () => {
  const talk = await waiting();
  await recalls.sweep();
  expect(called()).toEqual([]);
  app.clock.forward(10);
  await recalls.sweep();
  expect(called()).toEqual([talk.room]);
});

test("an agent that is on its way is not called again, unless it has not come for a minute", async () => {
  const talk = await waiting();
  calls.taken.add(talk.room);
  app.clock.forward(40);
  await recalls.sweep();
  await recalls.workerIsBack();
  expect(called()).toEqual([]);
  app.clock.forward(20);
  await recalls.sweep();
  await recalls.sweep();
  expect(called()).toEqual([talk.room]);
});

test("an agent that came and is away for a moment is not called again, however long it has been there", async () => {
  const talk = await claimedTalk(app, widgetId);
  await enter(talk);
  calls.taken.add(talk.room);
  app.clock.forward(300);
  await recalls.workerIsBack();
  expect(called()).toEqual([]);
});

test("whose agent went away gets another, once for each call", async () => {
  const talk = await abandoned();
  calls.taken.add(talk.room);
  app.clock.forward(10);
  await recalls.sweep();
  await recalls.sweep();
  expect(called()).toEqual([talk.room]);
  calls.taken.add("call-1");
  app.clock.forward(119);
  await recalls.sweep();
  expect(called()).toEqual([talk.room]);
  app.clock.forward(2);
  await recalls.sweep();
  expect(called()).toEqual([talk.room, talk.room]);
  await recalls.workerIsBack();
  expect(called()).toHaveLength(3);
});

test("whose agent died without a word gets another", async () => {
  const talk = await claimedTalk(app, widgetId);
  await enter(talk);
  calls.taken.add(talk.room);
  await recalls.sweep();
  expect(called()).toEqual([]);
  await recalls.agentLeft(talk.room, AGENT);
  await recalls.agentLeft(talk.room, AGENT);
  expect(called()).toEqual([talk.room]);
});

test("whose agent died while nobody told us gets another once a worker comes back", async () => {
  const talk = await claimedTalk(app, widgetId);
  await enter(talk);
  await recalls.workerIsBack();
  expect(called()).toEqual([talk.room]);
});

test("an agent that is only just joining is not called twice", async () => {
  const talk = await claimedTalk(app, widgetId);
  await enter(talk);
  calls.taken.add(talk.room);
  await recalls.workerIsBack();
  expect(called()).toEqual([]);
});

test("who is answered, has company, or has left is not called for", async () => {
  const answered = await abandoned();
  await claim(app, answered.room);
  calls.taken.add(answered.room);
  const company = await waiting();
  calls.inside.get(company.room)?.add("agent-x");
  const gone = await waiting();
  calls.inside.delete(gone.room);
  const over = await waiting();
  await deliver(app, { event: "room_finished", room: over.room });
  app.clock.forward(60);
  await recalls.workerIsBack();
  expect(called()).toEqual([]);
});

test("a room that LiveKit cannot tell about keeps no other from its agent", async () => {
  const broken = await waiting();
  const talk = await waiting();
  calls.present = async (room) => {
    if (room === broken.room) throw new Error("LiveKit is busy");
    return FakeCalls.prototype.present.call(calls, room);
  };
  await recalls.workerIsBack();
  expect(called()).toEqual([talk.room]);
});

test("a call that nobody took is made again soon, and one that was taken is waited for", async () => {
  const talk = await waiting();
  app.clock.forward(10);
  await recalls.sweep();
  app.clock.forward(8);
  await recalls.sweep();
  expect(called()).toEqual([talk.room]);
  app.clock.forward(3);
  await recalls.sweep();
  expect(called()).toEqual([talk.room, talk.room]);
  calls.taken.add("call-2");
  app.clock.forward(30);
  await recalls.sweep();
  expect(called()).toHaveLength(2);
});

describe("while all workers are full", () => {
  test("nobody is called, and those who waited longest are, as soon and as far as there is room", async () => {
    const first = await waiting();
    const second = await waiting();
    app.clock.forward(10);
    free = 0;
    await recalls.sweep();
    expect(called()).toEqual([]);
    free = 1;
    await recalls.roomIsBack();
    expect(called()).toEqual([first.room]);
    calls.taken.add("call-1");
    calls.inside.get(first.room)?.add("agent-1");
    await recalls.roomIsBack();
    expect(called()).toEqual([first.room, second.room]);
  });

  test("a room whose agent died while nobody told us is not forgotten", async () => {
    const talk = await claimedTalk(app, widgetId);
    await enter(talk);
    free = 0;
    await recalls.workerIsBack();
    free = 1;
    await recalls.roomIsBack();
    expect(called()).toEqual([talk.room]);
  });
});

describe("an agent whose process died", () => {
  test("is taken out of the room, and another is called at once, though LiveKit keeps its place", async () => {
    const talk = await claimedTalk(app, widgetId);
    await enter(talk);
    calls.taken.add(talk.room);
    calls.inside.get(talk.room)?.add(AGENT);
    calls.remove = async () => {
      throw new Error("LiveKit is busy");
    };
    await recalls.agentDied({ room: talk.room, identity: AGENT });
    expect(called()).toEqual([talk.room]);
    await recalls.agentDied({ room: talk.room, identity: AGENT });
    expect(calls.removed).toEqual([]);
  });

  test("is not missed once another has taken over, whenever LiveKit tells that it left", async () => {
    const talk = await claimedTalk(app, widgetId);
    await enter(talk);
    await recalls.agentDied({ room: talk.room, identity: AGENT });
    await claim(app, talk.room, "agent-2");
    app.clock.forward(20);
    calls.taken.add("call-1").add(talk.room);
    await recalls.agentLeft(talk.room, AGENT);
    app.clock.forward(121);
    await recalls.agentLeft(talk.room, AGENT);
    expect(called()).toEqual([talk.room]);
  });

  test("and the second one too: a third is called without waiting for the second's call", async () => {
    const talk = await claimedTalk(app, widgetId);
    await enter(talk);
    await recalls.agentDied({ room: talk.room, identity: AGENT });
    calls.taken.add("call-1");
    await claim(app, talk.room, "agent-2");
    await recalls.agentDied({ room: talk.room, identity: "agent-2" });
    expect(called()).toEqual([talk.room, talk.room]);
    expect(calls.removed).toEqual([`${talk.room} ${AGENT}`, `${talk.room} agent-2`]);
  });
});

describe("of several instances", () => {
  test("one calls for a room that all of them found, and the others know of its call", async () => {
    const talk = await abandoned();
    app.clock.forward(10);
    const others = [recallsWith(app.db), recallsWith(app.db), recallsWith(app.db)];
    await Promise.all(others.map((one) => one.sweep()));
    expect(called()).toEqual([talk.room]);
    calls.taken.add("call-1");
    app.clock.forward(60);
    await Promise.all([recalls, ...others].map((one) => one.sweep()));
    expect(called()).toEqual([talk.room]);
  });

  test("one that is told of an agent's death calls another, whoever called that one", async () => {
    const talk = await abandoned();
    app.clock.forward(10);
    await recallsWith(app.db).sweep();
    calls.taken.add("call-1");
    await claim(app, talk.room, "agent-2");
    await recalls.agentDied({ room: talk.room, identity: "agent-2" });
    expect(called()).toEqual([talk.room, talk.room]);
  });

  test("one that hears of a worker's return calls again for whom another called in vain", async () => {
    const talk = await waiting();
    app.clock.forward(10);
    await recallsWith(app.db).sweep();
    app.clock.forward(1);
    await recalls.workerIsBack();
    expect(called()).toEqual([talk.room, talk.room]);
  });
});

test("a listener in the room is no agent", async () => {
  const talk = await waiting();
  calls.inside.get(talk.room)?.add("supervisor");
  app.clock.forward(10);
  await recalls.sweep();
  expect(called()).toEqual([talk.room]);
});
