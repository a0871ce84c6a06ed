import { beforeEach, describe, expect, it, vi } from "vitest";
import { begin, texts, states, useFakeBrowser } from "./fake-talk.js";

/** The windows that are there; one that a test takes out is closed without a word, or stands still. */
let windows: Set<FakeChannel>;

class FakeChannel extends EventTarget {
  constructor() {
    super();
    windows.add(this);
  }

  postMessage(data: unknown): void {
    if (!windows.has(this)) return;
    const copy = structuredClone(data);
    for (const one of windows) {
      if (one !== this) one.dispatchEvent(new MessageEvent("message", { data: copy }));
    }
  }
}

const CARD = JSON.stringify({ id: "1", kind: "card", type: "info", data: { title: "T" } });
type Begun = Awaited<ReturnType<typeof begin>>;

useFakeBrowser();

beforeEach(() => {
  windows = new Set();
  vi.stubGlobal("BroadcastChannel", FakeChannel);
});

/** @param index the order in which the windows came */
function close(index: number): void {
  const channel = [...windows][index];
  if (channel) windows.delete(channel);
}

async function open(options: Parameters<typeof begin>[0] = {}): Promise<Begun> {
  const begun = await begin({ channel: "talk", ...options });
  begun.world.history = [];
  await pass(300);
  return begun;
}

async function pass(milliseconds = 0): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds);
}

/** Two windows: one joined a room with an agent that listens, one came later. */
async function two(): Promise<{ first: Begun; second: Begun }> {
  const first = await open();
  first.talk.say("First");
  await pass(300);
  first.world.handlers?.agent("agent-1", "listening");
  await pass();
  return { first, second: await open() };
}

describe("two windows of a visitor", () => {
  it("show one talk, live, in one order: through one room", async () => {
    const { first, second } = await two();
    expect(texts(second.talk)).toEqual(["First"]);
    second.talk.say("Second");
    await pass();
    first.talk.say("Third");
    first.world.handlers?.caption({ segment: "a", role: "agent", text: "Ans", isFinal: false });
    await pass();
    expect(texts(second.talk)).toEqual(["First", "Second", "Third", "Ans"]);
    first.world.handlers?.caption({ segment: "a", role: "agent", text: "Answer", isFinal: true });
    await pass();
    expect(texts(second.talk)).toEqual(texts(first.talk));
    expect(states(second.talk)).toEqual(["done", "done", "done", "done"]);
    expect(first.world.sent).toEqual(["First", "Second", "Third"]);
    expect(first.starts.length + second.starts.length).toBe(1);
    expect(second.talk.phase.value).toBe("connected");
    expect(second.talk.agent.isPresent.value).toBe(true);
  });

  it("have one first conversation, though both begin to write before either has one", async () => {
    const [first, second] = [await open(), await open()];
    first.talk.say("From the first");
    second.talk.say("From the second");
    await pass(5000);
    const leader = first.talk.shared.tabs.isLeading ? first : second;
    leader.world.handlers?.agent("agent-1", "listening");
    await pass();
    expect([...leader.world.sent].toSorted()).toEqual(["From the first", "From the second"]);
    expect(texts(first.talk)).toEqual(texts(second.talk));
    const ids = [first, second].map(({ talk }) => talk.conversation.id);
    expect(ids[0]).toBe(ids[1]);
  });

  it("answer a card in either, and what was typed into it goes to the agent alone", async () => {
    const { first, second } = await two();
    first.world.handlers?.show(CARD);
    await pass();
    const [entry] = second.talk.transcript.entries.value.filter(({ kind }) => kind === "card");
    if (entry?.kind !== "card") throw new Error("no card");
    void second.talk.answer(entry, { values: { code: "1234" } });
    await pass();
    expect(entry.state.value).toBe("answered");
    expect(entry.answer.value).toEqual({ values: {} });
  });

  it("end it together, and ask for feedback where it was ended", async () => {
    const { first, second } = await two();
    second.talk.end();
    await pass();
    expect([first, second].map(({ talk }) => talk.phase.value)).toEqual(["ended", "ended"]);
    expect(first.talk.feedback.isOpen.value).toBe(false);
    expect(second.talk.feedback.isOpen.value).toBe(true);
    second.talk.feedback.close();
    second.talk.newConversation();
    second.talk.say("Something else");
    await pass(300);
    // What has ended is looked at in the other one until its visitor goes on, and then that is what goes on here.
    expect(texts(first.talk)).toEqual(["First"]);
    first.talk.newConversation();
    await pass(300);
    expect(texts(first.talk)).toEqual(["Something else"]);
    expect(first.starts).toHaveLength(1);
  });

  it("begin anew together", async () => {
    const { first, second } = await two();
    first.talk.feedback.isOpen.value = false;
    second.talk.end();
    second.talk.feedback.close();
    second.talk.newConversation();
    await pass();
    expect(texts(second.talk)).toEqual([]);
  });

  it("are both logged out by either, and share nothing between two people", async () => {
    const { first, second } = await two();
    second.talk.logout();
    await pass();
    expect(texts(first.talk)).toEqual([]);
    expect(first.talk.phase.value).toBe("idle");
    first.talk.identify({ userId: "ada", metadata: {} });
    first.talk.say("A secret of Ada's");
    await pass(300);
    expect(texts(second.talk)).toEqual([]);
    second.talk.identify({ userId: "bob", metadata: {} });
    await pass(300);
    expect(texts(second.talk)).toEqual([]);
    expect(texts(first.talk)).toEqual([]);
  });

  it("know a guest by the name that one of them was told", async () => {
    const { first, second } = await two();
    first.talk.identify({ userId: "ada", metadata: {} });
    await pass();
    expect(second.talk.conversation.visitor).toBe("ada");
    second.talk.say("Second");
    await pass();
    expect(texts(first.talk)).toEqual(["First", "Second"]);
  });

  it("have one call, which goes where the visitor asks for it", async () => {
    const { first, second } = await two();
    await first.talk.startVoice();
    await pass();
    expect(second.talk.shared.isCallElsewhere.value).toBe(true);
    await second.talk.startVoice();
    await pass(300);
    expect(second.talk.call.phase.value).toBe("on");
    expect(first.talk.call.phase.value).toBe("off");
    expect(first.calls.at(-1)).toBe(false);
    expect(first.talk.shared.isCallElsewhere.value).toBe(true);
    expect(second.talk.shared.isCallElsewhere.value).toBe(false);
    expect(second.starts[0]?.conversationId).toBe("conversation-1");
  });
});

describe("of two windows the one that leads", () => {
  it("is followed by the other when it closes: what nobody had heard is said once", async () => {
    const { first, second } = await two();
    first.world.isHeard = false;
    second.talk.say("Written in the second");
    first.talk.say("Written in the first");
    await pass();
    close(0);
    await pass(10_000);
    expect(second.talk.phase.value).toBe("connected");
    second.world.handlers?.agent("agent-2", "listening");
    await pass();
    expect(second.world.sent).toEqual(["Written in the second", "Written in the first"]);
    expect(second.world.sentIds).toEqual(first.world.sentIds.slice(1));
    expect(second.starts).toHaveLength(1);
  });

  it("that stands still is not waited for, and gives way when it wakes", async () => {
    const { first, second } = await two();
    const [channel] = windows;
    close(0);
    second.talk.say("Are you there?");
    await pass(3500);
    expect(second.talk.phase.value).toBe("connected");
    if (channel) windows.add(channel);
    first.talk.say("Awake again");
    await pass(500);
    expect(first.talk.shared.tabs.isLeading).toBe(false);
    second.world.handlers?.agent("agent-2", "listening");
    await pass();
    expect(second.world.sent).toEqual(["Are you there?", "Awake again"]);
    expect(texts(first.talk)).toEqual(texts(second.talk));
  });
});
