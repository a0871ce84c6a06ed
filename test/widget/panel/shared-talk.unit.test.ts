import { beforeEach, describe, expect, it, vi } from "vitest";
import { readForm } from "../../../src/widget/panel/form.js";
import { PreForm } from "../../../src/widget/panel/pre-form.js";
import type { Recalled } from "../../../src/widget/panel/runtime-api.js";
import type { Talk } from "../../../src/widget/panel/talk.js";
import type { CardEntry, MessageEntry } from "../../../src/widget/panel/transcript.js";
import { VisitorConsent } from "../../../src/widget/panel/visitor-consent.js";
import { begin, lose, texts, states, useFakeBrowser } from "./fake-talk.js";

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

  it("show the earlier conversation that is opened in either, and go on with it through one room", async () => {
    const { first, second } = await two();
    const earlier = { id: "earlier", userId: "guest_1", at: 0, isOver: true, messages: 1 };
    second.world.histories.set("earlier", ["Long ago"]);
    await second.talk.pastTalks.open({ ...earlier, firstWords: "Long ago" });
    await pass();
    expect(texts(first.talk)).toEqual(["Long ago"]);
    expect(first.talk.conversation.id).toBe("earlier");
    first.talk.say("Today");
    await pass(300);
    second.world.handlers?.agent("agent-2", "listening");
    await pass();
    expect(second.world.sent).toEqual(["Today"]);
    expect(second.starts).toMatchObject([{ conversationId: "earlier", userId: "guest_1" }]);
    expect(first.starts).toHaveLength(1);
    expect(texts(first.talk)).toEqual(texts(second.talk));
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

  it("tell each page once of what is said: not of what was said before the window came, nor of earlier visits", async () => {
    const { first, second } = await two();
    const told = ({ events, details }: Begun): unknown[] =>
      details.filter((_, index) => events[index] === "message").map(({ text }) => text);
    expect([told(first), told(second)]).toEqual([["First"], []]);
    second.talk.say("Second");
    await pass();
    first.world.handlers?.caption({ segment: "a", role: "agent", text: "Ans", isFinal: false });
    await pass();
    first.world.handlers?.caption({ segment: "a", role: "agent", text: "Answer", isFinal: true });
    await pass();
    first.talk.say("Third");
    await pass();
    expect(told(first)).toEqual(["First", "Second", "Answer", "Third"]);
    expect(told(second)).toEqual(["Second", "Answer", "Third"]);
    first.talk.transcript.restore([{ role: "agent", text: "Long ago", mode: "text" }]);
    await pass();
    expect(texts(second.talk)).toContain("Long ago");
    expect(told(second)).not.toContain("Long ago");
  });

  it("count what nobody has seen in either, and nothing any more once it is seen in one", async () => {
    const { first, second } = await two();
    const answer = async (segment: string): Promise<void> => {
      const caption = { segment, role: "agent", text: segment, isFinal: true } as const;
      first.world.handlers?.caption(caption);
      await pass(200);
    };
    // The second is looked at: the other one, which has the room, counts nothing.
    first.talk.unread.setVisible(false);
    await answer("a");
    expect([first.unread, second.unread]).toEqual([[], []]);
    // And the other way round.
    first.talk.unread.setVisible(true);
    second.talk.unread.setVisible(false);
    await answer("b");
    expect([first.unread, second.unread]).toEqual([[], []]);
    first.talk.unread.setVisible(false);
    await answer("c");
    first.world.handlers?.show(CARD);
    await pass(200);
    expect([first.unread, second.unread]).toEqual([
      [1, 2],
      [1, 2],
    ]);
    second.talk.unread.setVisible(true);
    await pass();
    expect([first.unread.at(-1), second.unread.at(-1)]).toEqual([0, 0]);
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

  it("that is put aside for the way back begins nothing meanwhile, and follows when it is back", async () => {
    const page = window;
    const first = await open();
    vi.stubGlobal("window", new EventTarget());
    const second = await open();
    first.talk.say("First");
    await pass(300);
    first.world.handlers?.agent("agent-1", "listening");
    await pass();
    page.dispatchEvent(new Event("pagehide"));
    first.world.handlers?.disconnected("lost");
    await pass(10_000);
    expect(first.starts).toHaveLength(1);
    expect(second.starts).toHaveLength(1);
    page.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
    await pass(300);
    expect(first.starts).toHaveLength(1);
    expect(first.talk.phase.value).toBe("connected");
    expect(first.talk.shared.tabs.isFollowing.value).toBe(true);
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

/** A form that each conversation begins with. */
function form(): PreForm {
  return new PreForm(
    "widget",
    readForm({ id: "pre", fields: [{ id: "name", type: "text", required: true }] }),
    false,
  );
}

function lastMessage(talk: Talk): MessageEntry {
  const entry = talk.transcript.entries.value.at(-1);
  if (entry?.kind !== "message") throw new Error("no message");
  return entry;
}

describe("in a window that follows", () => {
  it("a card is answered from here where the one that leads stands still", async () => {
    const { first, second } = await two();
    first.world.handlers?.show(CARD);
    await pass();
    close(0);
    const cardOf = ({ talk }: Begun): CardEntry | undefined =>
      talk.transcript.entries.value.find((entry) => entry.kind === "card");
    const entry = cardOf(second);
    if (entry) void second.talk.answer(entry, { action: "yes" });
    await pass(3500);
    expect(second.talk.phase.value).toBe("connected");
    expect(cardOf(second)?.state.value).toBe("answered");
    expect(cardOf(second)?.answer.value).toEqual({ action: "yes" });
  });

  it("the first thing is begun there, with what was filled in there", async () => {
    const [first, second] = [await open({ preForm: form() }), await open({ preForm: form() })];
    first.talk.submitForm({ name: "Ada" });
    first.talk.say("One");
    await pass(300);
    first.talk.end();
    await pass();
    first.talk.feedback.close();
    first.talk.newConversation();
    second.talk.newConversation();
    await pass(300);
    expect(first.talk.shared.tabs.isLeading).toBe(true);
    expect(second.talk.shared.tabs.isFollowing.value).toBe(true);
    second.talk.say("Two");
    second.talk.submitForm({ name: "Bea" });
    await pass(300);
    expect(second.starts.map(({ metadata }) => metadata)).toEqual([{ name: "Bea" }]);
    expect(first.starts).toHaveLength(1);
    expect(texts(first.talk)).toEqual(["Two"]);
    expect(first.talk.gate.needsForm.value).toBe(false);
  });

  it("a talk begins by itself where none is", async () => {
    const { first } = await two();
    first.talk.end();
    first.talk.feedback.close();
    first.talk.newConversation();
    const third = await open({ startsOnOpen: true });
    expect(third.talk.shared.tabs.isFollowing.value).toBe(true);
    third.talk.startByItself();
    await pass(300);
    expect(third.talk.phase.value).toBe("connected");
    expect(first.talk.phase.value).toBe("connected");
    expect(third.starts.length + first.starts.length).toBe(2);
  });

  it("what was not sent is sent again: by the one that is in the room, else from here", async () => {
    const { first, second } = await two();
    lastMessage(first.talk).state.value = "failed";
    await pass();
    second.talk.sendAgain(lastMessage(second.talk));
    await pass();
    expect(first.world.sent).toEqual(["First", "First"]);
    expect(states(second.talk)).toEqual(["done"]);

    // The room was given back, and the platform has something against the next one.
    await pass(11 * 60_000);
    expect(second.talk.phase.value).toBe("idle");
    first.world.startStatus = second.world.startStatus = 409;
    second.talk.say("Second");
    await pass();
    expect(states(second.talk)).toEqual(["done", "failed"]);
    expect(first.talk.notice.value?.kind).toBe("start");
    second.talk.sendAgain(lastMessage(second.talk));
    await pass();
    // Now it is said where the visitor is.
    expect(second.talk.notice.value?.kind).toBe("start");
    second.world.startStatus = 200;
    second.world.history = ["First"];
    second.talk.sendAgain(lastMessage(second.talk));
    await pass();
    second.world.handlers?.agent("agent-2", "listening");
    await pass();
    expect(second.world.sent).toEqual(["Second"]);
    expect(states(first.talk)).toEqual(["done", "done"]);
  });

  it("a guest gets a name, and the one that leads goes on under it", async () => {
    const { first, second } = await two();
    second.talk.identify({ userId: "ada", metadata: {} });
    await pass();
    expect(first.talk.conversation.visitor).toBe("ada");
    second.talk.say("Second");
    await pass(20_000);
    expect(first.world.sent).toEqual(["First", "Second"]);
    expect(first.events).not.toContain("conversation_ended");
    expect(first.starts.length + second.starts.length).toBe(1);
    first.talk.end();
    first.talk.feedback.close();
    first.talk.newConversation();
    first.talk.say("Anew");
    await pass(300);
    expect(first.starts.at(-1)).toMatchObject({ userId: "ada", visitorToken: "visitor-1" });
  });

  it("a guest gets a name while their talk begins, and it stays one talk", async () => {
    const [first, second] = [await open(), await open()];
    first.world.onStart = () => first.talk.identify({ userId: "ada", metadata: {} });
    first.talk.say("First");
    await pass(20_000);
    expect(second.talk.conversation.visitor).toBe("ada");
    expect(texts(second.talk)).toEqual(["First"]);
    expect(first.starts.length + second.starts.length).toBe(1);
  });

  it("somebody with a talk of their own is shown that one, and the guest's goes on", async () => {
    const own = await begin({ identity: { userId: "ada", metadata: {} }, question: "Ada's own" });
    own.talk.shared.tabs.part();
    const { first, second } = await two();
    second.world.history = ["Ada's own"];
    second.talk.identify({ userId: "ada", metadata: {} });
    await pass(300);
    expect(texts(second.talk)).toEqual(["Ada's own"]);
    expect(texts(first.talk)).toEqual(["First"]);
    await pass(20_000);
    expect(texts(second.talk)).toEqual(["Ada's own"]);
    expect(first.talk.phase.value).toBe("connected");
  });

  it("a message of the page before, which the one that leads has, is there once", async () => {
    const { first } = await two();
    first.world.isHeard = false;
    first.talk.say("Still on its way");
    await pass();
    const second = await open();
    expect(texts(second.talk)).toEqual(["First", "Still on its way"]);
    first.world.handlers?.heard(first.world.sentIds.at(-1) ?? "");
    await pass();
    expect(states(second.talk)).toEqual(["done", "done"]);
  });

  it("everything is shown, also where the one that leads did not hear who came", async () => {
    const { first } = await two();
    const [channel] = windows;
    close(0);
    const late = await open();
    if (channel) windows = new Set([channel, ...windows]);
    expect(late.talk.shared.tabs.isFollowing.value).toBe(false);
    first.talk.say("Second");
    await pass();
    expect(texts(late.talk)).toEqual(["First", "Second"]);
  });

  it("what stood in the way of this one is no more said, nor tried, when another has the room", async () => {
    const { first, second } = await two();
    lose(first.world);
    await pass(5 * 60_000);
    expect(first.talk.notice.value?.kind).toBe("connection");
    const { action } = first.talk.notice.value ?? {};
    void second.talk.startVoice();
    await pass(300);
    expect(second.talk.phase.value).toBe("connected");
    expect(first.talk.notice.value).toBeUndefined();
    action?.run();
    await pass(300);
    expect(first.talk.phase.value).toBe("connected");
    expect(second.talk.call.phase.value).toBe("on");
  });

  it("nothing is agreed to twice", async () => {
    const asking = (): VisitorConsent =>
      new VisitorConsent("widget", { required: true, version: "1" });
    const [first, second] = [await open({ consent: asking() }), await open({ consent: asking() })];
    second.talk.agree({ version: "1", language: "en", text: "" } as never);
    second.talk.say("Hello");
    await pass(300);
    expect(first.talk.gate.needsConsent.value).toBe(false);
    second.talk.end();
    await pass();
    first.talk.newConversation();
    await pass(300);
    expect(first.talk.gate.needsConsent.value).toBe(false);
  });
});

describe("while what the page has kept is on its way", () => {
  let arrive: (recalled: Recalled) => void;
  const kept: Recalled = {
    handle: "next",
    visitorToken: "visitor-1",
    conversationId: "conversation-1",
    userId: "guest_1",
    visitor: undefined,
    isOver: false,
    metadata: {},
  };

  async function openWithHandle(): Promise<Begun> {
    const recalled = new Promise<Recalled>((resolve) => {
      arrive = resolve;
    });
    return open({ recalled });
  }

  beforeEach(() => {
    // Blocked: what one window remembers is nothing to another.
    vi.stubGlobal("localStorage", {});
  });

  it("no window takes the talk from another that it could not hear of yet", async () => {
    const { first } = await two();
    await first.talk.startVoice();
    const second = await openWithHandle();
    second.talk.say("Second");
    await pass(1000);
    arrive(kept);
    await pass(1000);
    expect(first.talk.call.phase.value).toBe("on");
    expect(first.talk.shared.tabs.isLeading).toBe(true);
    expect(first.world.sent).toEqual(["First", "Second"]);
    expect(texts(second.talk)).toEqual(["First", "Second"]);
  });

  it("whoever leaves is not brought back by it", async () => {
    const only = await openWithHandle();
    only.talk.logout();
    only.world.history = ["A secret"];
    arrive(kept);
    await pass(1000);
    expect(texts(only.talk)).toEqual([]);
    expect(only.talk.conversation.isOpen.value).toBe(false);
    expect(only.world.ended).toEqual(["visitor-1"]);
  });

  it("a name that the page gives is the one that other windows are told", async () => {
    const { first } = await two();
    first.talk.identify({ userId: "bob", metadata: {} });
    const recalled = new Promise<Recalled>((resolve) => {
      arrive = resolve;
    });
    const second = await open({ recalled, identity: { userId: "ada", metadata: {} } });
    second.talk.logout();
    await pass();
    first.talk.identify({ userId: "bob", metadata: {} });
    second.talk.identify({ userId: "bob", metadata: {} });
    arrive(kept);
    await pass(300);
    expect(first.talk.conversation.visitor).toBe("bob");
  });
});
