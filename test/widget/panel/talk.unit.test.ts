import { describe, expect, it, vi } from "vitest";
import type { RoomHandlers } from "../../../src/widget/panel/room-link.js";
import { fill, STRINGS } from "../../../src/widget/panel/strings.js";
import { MAX_TURN_CHARACTERS } from "../../../src/protocol/limits.js";
import {
  begin,
  ids,
  lose,
  preForm,
  states,
  texts,
  useFakeBrowser,
  type Person,
} from "./fake-talk.js";

const CARD = {
  id: "1",
  kind: "card",
  card: { type: "info", title: "T", text: undefined, tone: "info" },
} as const;

useFakeBrowser();

describe("a talk whose room cannot be joined", () => {
  it("is tried again by itself, ever more slowly: the message waits, and is sent when there is an answer", async () => {
    const { talk, starts, world, events } = await begin();
    world.startStatus = 0;
    talk.say("Hello");
    await vi.advanceTimersByTimeAsync(0);
    expect(talk.notice.value).toMatchObject({ kind: "start", text: STRINGS.unreachable });
    expect(states(talk)).toEqual(["sending"]);
    await vi.advanceTimersByTimeAsync(10 * 60_000);
    // The longest wait is fifteen seconds, and half of one by chance.
    expect(starts.length).toBeGreaterThan(40);
    expect(starts.length).toBeLessThan(90);
    expect(events.filter((name) => name === "error")).toHaveLength(1);
    // It is one start: whatever of it has arrived, it makes one conversation.
    expect(new Set(starts.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);

    world.startStatus = 200;
    window.dispatchEvent(new Event("online"));
    await vi.advanceTimersByTimeAsync(1000);
    expect(talk.phase.value).toBe("connected");
    expect(talk.notice.value).toBeUndefined();
    world.handlers?.agent("agent-1", "listening");
    await vi.advanceTimersByTimeAsync(0);
    expect(world.sent).toEqual(["Hello"]);
    expect(states(talk)).toEqual(["done"]);
  });

  it("is tried at once when the network or the visitor comes back, and when they ask for it", async () => {
    const { talk, starts, world } = await begin();
    world.isReachable = false;
    talk.say("Hello");
    await vi.advanceTimersByTimeAsync(5 * 60_000);
    const wakes = [
      () => window.dispatchEvent(new Event("online")),
      () => document.dispatchEvent(new Event("visibilitychange")),
      () => talk.notice.value?.action?.run(),
    ];
    for (const wake of wakes) {
      const { length } = starts;
      // A try begins the next wait; the shortest of them lasts seven seconds by now.
      while (starts.length === length) await vi.advanceTimersByTimeAsync(100);
      await vi.advanceTimersByTimeAsync(1000);
      expect(starts).toHaveLength(length + 1);
      wake();
      await vi.advanceTimersByTimeAsync(0);
      expect(starts).toHaveLength(length + 2);
    }
  });

  it("is not tried again where it was refused", async () => {
    const { talk, starts, world } = await begin();
    world.startStatus = 409;
    talk.say("Hello");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(starts).toHaveLength(1);
    expect(talk.phase.value).toBe("idle");
    expect(talk.notice.value).toMatchObject({ kind: "start", text: STRINGS.notLive });
    expect(states(talk)).toEqual(["failed"]);
  });

  it("when it was lost, comes back by itself after minutes too, and says meanwhile that it tries", async () => {
    const { talk, world } = await begin({ question: "Hello" });
    world.handlers?.agent("agent-1", "listening");
    await vi.advanceTimersByTimeAsync(0);
    lose(world);
    talk.say("Are you there?");
    await vi.advanceTimersByTimeAsync(0);
    expect(talk.notice.value).toBeUndefined();
    await vi.advanceTimersByTimeAsync(30 * 60_000);
    expect(talk.phase.value).toBe("reconnecting");
    expect(talk.notice.value).toMatchObject({ kind: "connection", text: STRINGS.unreachable });
    expect(states(talk)).toEqual(["done", "sending"]);

    world.isReachable = true;
    window.dispatchEvent(new Event("online"));
    await vi.advanceTimersByTimeAsync(1000);
    expect(talk.phase.value).toBe("connected");
    expect(talk.notice.value).toBeUndefined();
    world.handlers?.agent("agent-2", "listening");
    await vi.advanceTimersByTimeAsync(0);
    expect(world.sent).toEqual(["Hello", "Are you there?"]);
  });

  it("goes on being joined while the visitor writes, call included: what they wrote goes along", async () => {
    const { talk, starts, world, calls } = await begin();
    await talk.startVoice();
    lose(world);
    await vi.advanceTimersByTimeAsync(0);
    talk.say("Are you there?");
    await vi.advanceTimersByTimeAsync(1500);
    expect(starts).toHaveLength(3);
    expect(talk.phase.value).toBe("reconnecting");
    expect(talk.notice.value).toBeUndefined();

    world.isReachable = true;
    await vi.advanceTimersByTimeAsync(2500);
    expect(starts).toHaveLength(4);
    expect(talk.phase.value).toBe("connected");
    expect(talk.call.phase.value).toBe("on");
    expect(calls).toEqual([true, true]);
    world.handlers?.agent("agent-1", "listening");
    await vi.advanceTimersByTimeAsync(0);
    expect(world.sent).toEqual(["Are you there?"]);
  });

  it("is joined once more, not twice, when the visitor asks for the agent while it is being joined anew", async () => {
    const { talk, starts, world } = await begin({ question: "Hello" });
    const [entry] = [talk.transcript.show(CARD)];
    lose(world);
    if (entry !== undefined) void talk.answer(entry, { action: "yes" });
    void talk.startVoice();
    world.isReachable = true;
    await vi.advanceTimersByTimeAsync(0);
    expect(starts).toHaveLength(2);
    expect(talk.call.phase.value).toBe("on");
    expect(entry?.state.value).toBe("answered");
  });

  it("offers nothing to go on with when it is over", async () => {
    const { talk, world } = await begin();
    world.isReachable = false;
    talk.say("Hello");
    await vi.advanceTimersByTimeAsync(1000);
    expect(talk.notice.value?.action).toBeDefined();
    talk.end();
    expect(talk.phase.value).toBe("ended");
    expect(talk.notice.value).toBeUndefined();
  });

  it("stays ended when the visitor ended it while it was being joined anew", async () => {
    const { talk, world } = await begin({ question: "Hello" });
    world.joinMs = 100;
    lose(world);
    await vi.advanceTimersByTimeAsync(50);
    talk.end();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(talk.phase.value).toBe("ended");
    expect(talk.notice.value).toBeUndefined();
  });

  it("takes its call along, muted as it was; what is refused leaves none behind", async () => {
    const { talk, world, calls } = await begin();
    await talk.startVoice();
    await talk.call.toggleMute();
    lose(world);
    await vi.advanceTimersByTimeAsync(5 * 60_000);
    expect(talk.call.phase.value).toBe("on");
    expect(talk.call.isMuted.value).toBe(true);
    world.isReachable = true;
    await vi.advanceTimersByTimeAsync(16_000);
    expect(talk.phase.value).toBe("connected");
    expect(talk.call.isMuted.value).toBe(true);

    lose(world);
    world.startStatus = 404;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(talk.call.phase.value).toBe("off");
    expect(world.devices.live).toEqual([]);
    expect(calls.at(-1)).toBe(false);
  });
});

describe("what the visitor wrote", () => {
  it("waits while the connection is known to be broken", async () => {
    const { talk, world } = await begin({ question: "Hello" });
    world.handlers?.agent("agent-1", "listening");
    world.handlers?.reconnecting(true);
    talk.say("Are you there?");
    await vi.advanceTimersByTimeAsync(1000);
    expect(states(talk)).toEqual(["done", "sending"]);
    expect(world.sent).toEqual(["Hello"]);
    world.handlers?.reconnecting(false);
    await vi.advanceTimersByTimeAsync(0);
    expect(states(talk)).toEqual(["done", "done"]);
    expect(world.sent).toEqual(["Hello", "Are you there?"]);
  });

  const troubles: Record<string, (handlers: RoomHandlers) => void> = {
    "the connection swallowed it and came back": (handlers) => {
      handlers.reconnecting(true);
      handlers.reconnecting(false);
    },
    "the connection swallowed it and was lost": (handlers) => handlers.disconnected("lost"),
    "another agent took over in the same moment": (handlers) =>
      handlers.agent("agent-2", "initializing"),
    "the agent died over it": (handlers) => handlers.agent(undefined, undefined),
  };
  it.each(Object.keys(troubles))("is sent again, under the same id, when %s", async (trouble) => {
    const { talk, world } = await begin({ question: "Hello" });
    world.handlers?.agent("agent-1", "listening");
    await vi.advanceTimersByTimeAsync(0);
    world.isHeard = false;
    talk.say("Are you there?");
    talk.say("Please");
    await vi.advanceTimersByTimeAsync(1000);
    expect(states(talk)).toEqual(["done", "sending", "sending"]);

    world.isHeard = true;
    if (world.handlers) troubles[trouble]?.(world.handlers);
    await vi.advanceTimersByTimeAsync(0);
    world.handlers?.agent("agent-2", "listening");
    await vi.advanceTimersByTimeAsync(0);
    expect(states(talk)).toEqual(["done", "done", "done"]);
    const again = ["Are you there?", "Please"];
    expect(world.sent).toEqual(["Hello", ...again, ...again]);
    expect(new Set(world.sentIds).size).toBe(3);
  });

  it("goes along to the next page while nobody has heard it, under the same id, and is there no more when it was heard", async () => {
    const first = await begin({ question: "Hello" });
    first.talk.say("Are you there?");
    const { talk, world } = await begin();
    await vi.advanceTimersByTimeAsync(0);
    expect(texts(talk)).toEqual(["Hello", "Are you there?"]);
    // The platform has the first: the page before this one was not told so any more.
    expect(states(talk)).toEqual(["done", "sending"]);
    world.handlers?.agent("agent-1", "listening");
    await vi.advanceTimersByTimeAsync(0);
    expect(world.sentIds).toEqual(ids(first.talk).slice(1));
    const third = await begin();
    expect(texts(third.talk)).toEqual(["Hello"]);
    expect(states(third.talk)).toEqual(["done"]);
  });

  it("goes to no other visitor's talk", async () => {
    await begin({ identity: { userId: "ada", metadata: {} }, question: "A secret" });
    const { talk } = await begin({ identity: { userId: "bob", metadata: {} } });
    expect(texts(talk)).toEqual([]);
  });

  it("is done with when it was sent to an agent that never says what it heard", async () => {
    const { talk, world } = await begin({ question: "Hello" });
    Object.assign(world, { isHeard: false, isConfirming: false });
    world.handlers?.agent("agent-1", "listening");
    await vi.advanceTimersByTimeAsync(0);
    expect(states(talk)).toEqual(["done"]);
    expect(talk.isThinking.value).toBe(false);
    lose(world);
    world.isReachable = true;
    await vi.advanceTimersByTimeAsync(1000);
    world.handlers?.agent("agent-1", "listening");
    await vi.advanceTimersByTimeAsync(0);
    expect(world.sent).toEqual(["Hello"]);
  });

  it("is cut where the platform would cut it, and the visitor is told, until the next message", async () => {
    const { talk, world } = await begin();
    talk.say("x".repeat(MAX_TURN_CHARACTERS + 1));
    await vi.advanceTimersByTimeAsync(0);
    world.handlers?.agent("agent-1", "listening");
    await vi.advanceTimersByTimeAsync(0);
    expect(world.sent.map(({ length }) => length)).toEqual([MAX_TURN_CHARACTERS]);
    expect(talk.notice.value).toMatchObject({
      kind: "length",
      text: fill(STRINGS.tooLong, { characters: 20_000 }),
    });
    talk.say("short");
    expect(talk.notice.value).toBeUndefined();
  });

  it("and no agent heard is said not to be sent when the conversation ends", async () => {
    const { talk, world } = await begin({ question: "Hello" });
    world.isHeard = false;
    world.handlers?.agent("agent-1", "listening");
    await vi.advanceTimersByTimeAsync(0);
    talk.end();
    expect(states(talk)).toEqual(["failed"]);
  });
});

describe("a talk in two windows", () => {
  it("goes on in the one that was written in last: the other says so, and ends nothing", async () => {
    const first = await begin({ question: "Hello" });
    const second = await begin();
    expect(second.talk.conversation.isOpen.value).toBe(true);
    // The platform ends the first one's room before it answers the second one.
    second.world.onStart = () => first.world.handlers?.disconnected("closed");
    second.talk.say("And here");
    await vi.advanceTimersByTimeAsync(0);
    expect(second.starts).toMatchObject([{ conversationId: "conversation-1" }]);
    expect(first.talk.phase.value).toBe("idle");
    expect(first.talk.notice.value).toMatchObject({ kind: "elsewhere" });
    expect(first.events).not.toContain("conversation_ended");
    const third = await begin();
    expect(third.talk.conversation.isOpen.value).toBe(true);
  });

  it.each(["continues", "writes"])(
    "has in the first one, too, what was said in the other, once the visitor %s there",
    async (how) => {
      const first = await begin({ question: "Hello" });
      first.world.handlers?.agent("agent-1", "listening");
      await vi.advanceTimersByTimeAsync(0);
      const second = await begin();
      second.world.onStart = () => first.world.handlers?.disconnected("closed");
      second.talk.say("And here");
      await vi.advanceTimersByTimeAsync(0);
      second.world.handlers?.show(
        JSON.stringify({ id: "1", kind: "card", type: "info", data: { title: "T" } }),
      );

      first.world.history = ["Hello", "And here", "Indeed"];
      if (how === "writes") first.talk.say("Back again");
      else first.talk.notice.value?.action?.run();
      await vi.advanceTimersByTimeAsync(0);
      const own = how === "writes" ? ["Back again"] : [];
      expect(texts(first.talk)).toEqual(["Hello", "And here", "Indeed", ...own]);
      expect(states(first.talk)).toContain("card");
    },
  );

  it("ends in one of them without taking away what the other one began since", async () => {
    const first = await begin({ question: "Hello" });
    const second = await begin();
    second.talk.newConversation();
    second.talk.say("Something else");
    await vi.advanceTimersByTimeAsync(0);
    expect(second.starts).toMatchObject([{ conversationId: undefined }]);
    first.talk.end();
    const third = await begin();
    expect(third.talk.conversation.isOpen.value).toBe(true);
  });

  it("keeps its history when the visitor writes before it has come", async () => {
    await begin({ question: "Hello" });
    const { talk, world } = await begin({ historyMs: 100, isBegun: false });
    const begun = talk.begin(undefined);
    talk.say("Still there?");
    await vi.advanceTimersByTimeAsync(0);
    expect(talk.phase.value).toBe("connected");
    world.handlers?.agent("agent-1", "listening");
    await vi.advanceTimersByTimeAsync(100);
    await begun;
    expect(texts(talk)).toEqual(["Hello", "Still there?"]);
  });
});

describe("logging out", () => {
  it("forgets everybody who talked in this browser, though the page does not name them any more", async () => {
    const ada: Person = { userId: "ada", metadata: {} };
    await begin({ identity: ada, question: "My secret is 42" });
    const { talk } = await begin();
    talk.logout();
    expect(Object.keys(localStorage).filter((key) => key.includes("session"))).toEqual([]);
    talk.identify(ada);
    expect(talk.conversation.isOpen.value).toBe(false);
  });

  it("leaves another widget's visitors alone", async () => {
    localStorage.setItem("parley-session-widget2", "{}");
    const { talk } = await begin({ question: "Hello" });
    talk.logout();
    expect(Object.keys(localStorage)).toEqual(["parley-session-widget2"]);
  });

  it("takes the number of unread messages along", async () => {
    const { talk, world, unread } = await begin({ question: "Hello" });
    talk.unread.setVisible(false);
    world.handlers?.caption({ segment: "1", role: "agent", text: "Hi", isFinal: true });
    expect(unread).toEqual([1]);
    talk.logout();
    expect(unread).toEqual([1, 0]);
  });
});

describe("a widget that begins to talk when it is opened", () => {
  it("does so when the visitor opened it, not when it comes into view by itself", async () => {
    const { talk, starts } = await begin({ startsOnOpen: true });
    await vi.advanceTimersByTimeAsync(0);
    expect(starts).toHaveLength(0);
    talk.startByItself();
    talk.startByItself();
    await vi.advanceTimersByTimeAsync(0);
    expect(starts).toHaveLength(1);
  });

  it("does not begin anew because it is opened again after the end", async () => {
    const { talk, starts } = await begin({ startsOnOpen: true, question: "Hello" });
    talk.end();
    talk.startByItself();
    await vi.advanceTimersByTimeAsync(0);
    expect(starts).toHaveLength(1);
    expect(talk.phase.value).toBe("ended");
  });
});

describe("voice", () => {
  it("that is stopped while it opens stays off, and its microphone leaves the room", async () => {
    const { talk, world, calls } = await begin();
    world.publishMs = 200;
    void talk.startVoice();
    await vi.advanceTimersByTimeAsync(100);
    expect(talk.call.phase.value).toBe("opening");
    talk.call.stop();
    await vi.advanceTimersByTimeAsync(200);
    expect(talk.call.phase.value).toBe("off");
    expect(world.isListening).toBe(false);
    expect(world.published.size).toBe(0);
    expect(calls).not.toContain(true);
    expect(talk.transcript.entries.value).toEqual([]);
  });

  it("that is stopped and started again while it opens is the younger microphone's", async () => {
    const { talk, world, calls } = await begin();
    world.publishMs = 200;
    world.isPublishRefused = true;
    void talk.startVoice();
    await vi.advanceTimersByTimeAsync(100);
    world.isPublishRefused = false;
    talk.call.stop();
    void talk.startVoice();
    await vi.advanceTimersByTimeAsync(0);
    expect(world.devices.live).toEqual(world.devices.tracks.slice(1));
    await vi.advanceTimersByTimeAsync(200);
    expect(talk.call.phase.value).toBe("on");
    expect([...world.published.keys()]).toEqual(world.devices.live);
    expect(calls.at(-1)).toBe(true);
  });
});

describe("the form before the conversation", () => {
  const ada: Person = { userId: "ada", metadata: {} };
  const grace: Person = { userId: "grace", metadata: {} };

  it("of one person is asked anew of the next, and goes along with nobody else's conversation", async () => {
    const { talk, starts } = await begin({ preForm: preForm(), identity: ada });
    talk.submitForm({ name: "Ada" });
    talk.say("Hello");
    await vi.advanceTimersByTimeAsync(0);
    talk.identify(grace);
    expect(talk.gate.needsForm.value).toBe(true);
    talk.submitForm({ name: "Grace" });
    talk.say("Hello");
    await vi.advanceTimersByTimeAsync(0);
    expect(starts.map(({ userId, metadata }) => [userId, metadata])).toEqual([
      ["ada", { name: "Ada" }],
      ["grace", { name: "Grace" }],
    ]);
  });

  it.each(["before the panel opens", "after it"])(
    "of one person is not the next one's on another page either, named %s",
    async (moment) => {
      const first = await begin({ preForm: preForm(), identity: ada });
      first.talk.submitForm({ name: "Ada" });
      const isEarly = moment.startsWith("before");
      const form = preForm();
      const { talk } = await begin({ preForm: form, identity: isEarly ? grace : undefined });
      if (!isEarly) talk.identify(grace);
      expect(talk.gate.needsForm.value).toBe(true);
      expect(form.prefilled).toEqual({});
    },
  );

  it("is not asked again of the same person, nor of a guest who then gives a name", async () => {
    const first = await begin({ preForm: preForm() });
    first.talk.submitForm({ name: "Ada" });
    first.talk.identify(ada);
    expect(first.talk.gate.needsForm.value).toBe(false);
    const again = await begin({ preForm: preForm(), identity: ada });
    expect(again.talk.gate.needsForm.value).toBe(false);
    const next = await begin({ preForm: preForm(), identity: grace });
    expect(next.talk.gate.needsForm.value).toBe(true);
  });
});

describe("what the platform refuses of a start", () => {
  it("is asked for again, filled in as it was; the message goes along with the new answers", async () => {
    const logged = vi.spyOn(console, "error").mockReturnValue(undefined);
    const form = preForm();
    const { talk, world, starts } = await begin({ preForm: form });
    talk.submitForm({ name: "Ada" });
    world.startStatus = 422;
    talk.say("Hello");
    await vi.advanceTimersByTimeAsync(0);
    expect(talk.gate.needsForm.value).toBe(true);
    expect(form.prefilled).toEqual({ name: "Ada" });
    expect(talk.notice.value).toMatchObject({ text: STRINGS.formRefused, action: undefined });
    expect(logged).toHaveBeenCalledOnce();
    expect(preForm().isMissing.value).toBe(true);

    world.startStatus = 200;
    talk.submitForm({ name: "Grace" });
    await vi.advanceTimersByTimeAsync(0);
    world.handlers?.agent("agent-1", "listening");
    await vi.advanceTimersByTimeAsync(0);
    expect(starts.map(({ metadata }) => metadata)).toEqual([{ name: "Ada" }, { name: "Grace" }]);
    expect(world.sent).toEqual(["Hello"]);
  });

  it("without a form can only be said, also to the site's developers", async () => {
    const logged = vi.spyOn(console, "error").mockReturnValue(undefined);
    const { talk, world } = await begin();
    world.startStatus = 422;
    talk.say("Hello");
    await vi.advanceTimersByTimeAsync(0);
    expect(talk.notice.value).toMatchObject({ text: STRINGS.startFailed, action: undefined });
    expect(logged).toHaveBeenCalledOnce();
  });

  it("is not sent at all where metadata and answers together are too much: the answers go alone", async () => {
    const logged = vi.spyOn(console, "error").mockReturnValue(undefined);
    const identity = { userId: "ada", metadata: { note: "x".repeat(16 * 1024 - 11) } };
    const { talk, starts } = await begin({ preForm: preForm(), identity });
    talk.submitForm({ name: "Ada" });
    talk.say("Hello");
    await vi.advanceTimersByTimeAsync(0);
    expect(starts.map(({ metadata }) => metadata)).toEqual([{ name: "Ada" }]);
    expect(logged).toHaveBeenCalledOnce();
  });
});

describe("feedback", () => {
  it("in which nothing was filled in is none: the conversation ends without", async () => {
    const { talk, world } = await begin({ question: "Hello" });
    talk.end();
    expect(talk.feedback.isOpen.value).toBe(true);
    await talk.feedback.send({});
    expect(talk.feedback.isOpen.value).toBe(false);
    expect(world.feedback).toEqual([]);
  });

  it.each([400, 404, 413])("is let be when sending it again cannot help: %i", async (status) => {
    vi.spyOn(console, "error").mockReturnValue(undefined);
    const { talk, world } = await begin({ question: "Hello" });
    talk.end();
    world.feedbackStatus = status;
    await talk.feedback.send({ name: "Ada" });
    expect(talk.feedback.isOpen.value).toBe(false);
  });

  it.each([429, 500])("may be sent again when that can help: %i", async (status) => {
    const { talk, world } = await begin({ question: "Hello" });
    talk.end();
    world.feedbackStatus = status;
    await expect(talk.feedback.send({ name: "Ada" })).rejects.toThrow("Refused");
    expect(talk.feedback.isOpen.value).toBe(true);
  });
});

describe("what the agent showed", () => {
  const payload = (id: string): string =>
    JSON.stringify({ id, kind: "card", type: "collect_otp", data: {} });

  it("is there again after a reload, with what was answered, and without what was typed into it", async () => {
    const { talk, world } = await begin({ question: "Hello" });
    world.handlers?.show(payload("1"));
    world.handlers?.show(payload("2"));
    const [, first] = talk.transcript.entries.value;
    if (first?.kind === "card") void talk.answer(first, { values: { otp: "123456" } });
    await vi.advanceTimersByTimeAsync(0);

    const { talk: again } = await begin();
    expect(states(again)).toEqual(["done", "card", "card"]);
    const cards = again.transcript.entries.value.filter((entry) => entry.kind === "card");
    expect(cards.map(({ state }) => state.value)).toEqual(["answered", "open"]);
    expect(JSON.stringify({ ...localStorage })).not.toContain("123456");
  });

  it("is the conversation's own: a new one begins without", async () => {
    const { talk, world } = await begin({ question: "Hello" });
    world.handlers?.show(payload("1"));
    talk.end();
    talk.say("Something else");
    await vi.advanceTimersByTimeAsync(0);
    world.handlers?.agent("agent-1", "listening");
    await vi.advanceTimersByTimeAsync(0);
    const { talk: again } = await begin();
    expect(states(again)).toEqual(["done"]);
  });

  it("does not take the talk back from a window where it went on", async () => {
    const first = await begin({ question: "Hello" });
    const second = await begin();
    second.world.onStart = () => {
      first.world.handlers?.show(payload("1"));
      first.world.handlers?.disconnected("closed");
    };
    second.talk.say("And here");
    await vi.advanceTimersByTimeAsync(0);
    expect(first.talk.notice.value).toMatchObject({ kind: "elsewhere" });
  });
});

describe("a chosen device", () => {
  it("is used, and shown as chosen, as long as the panel is open: the next room and microphone too", async () => {
    const { talk, world } = await begin();
    await talk.startVoice();
    await talk.call.useMicrophone("headset");
    await talk.call.useSpeaker("loud");
    expect([talk.call.microphoneId, talk.call.speakerId.value]).toEqual(["headset", "loud"]);
    lose(world);
    world.isReachable = true;
    await vi.advanceTimersByTimeAsync(0);
    talk.call.stop();
    await talk.startVoice();
    expect(talk.call.microphoneId).toBe("headset");
    expect(world.devices.asked).toEqual(["null", '{"exact":"headset"}', '"headset"']);
    expect(world.speakers).toEqual(["loud", "loud"]);
  });

  it("that is refused is not taken for chosen", async () => {
    const { talk, world } = await begin();
    await talk.startVoice();
    world.isDeviceRefused = true;
    await expect(talk.call.useMicrophone("gone")).rejects.toThrow();
    await expect(talk.call.useSpeaker("loud")).rejects.toThrow();
    expect([talk.call.microphoneId, talk.call.speakerId.value]).toEqual(["default", undefined]);
  });
});

describe("an answer to a card", () => {
  it("that the agent does not wait for is said to have failed, at once", async () => {
    const { talk, world } = await begin({ question: "Hello" });
    const entry = talk.transcript.show(CARD);
    world.isAnswerAwaited = false;
    if (entry !== undefined) void talk.answer(entry, { action: "yes" });
    await vi.advanceTimersByTimeAsync(0);
    expect(entry?.state.value).toBe("failed");
  });

  it("begins no new conversation when the visitor ended this one meanwhile", async () => {
    const { talk, world, starts } = await begin({ question: "Hello" });
    const entry = talk.transcript.show(CARD);
    lose(world);
    if (entry !== undefined) void talk.answer(entry, { action: "yes" });
    talk.end();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(starts).toHaveLength(1);
  });
});
