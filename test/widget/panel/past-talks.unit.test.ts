import { describe, expect, it, vi } from "vitest";
import type { PastTalk } from "../../../src/widget/panel/runtime-api.js";
import { begin, preForm, texts, useFakeBrowser } from "./fake-talk.js";

useFakeBrowser();

const BERGEN: PastTalk = {
  id: "conversation-bergen",
  userId: "guest_earlier",
  at: Date.UTC(2026, 2, 16),
  isOver: true,
  messages: 1,
  firstWords: "Do you deliver to Bergen?",
};

type Begun = Awaited<ReturnType<typeof begin>>;

/** A visitor who talks, and looks at what they have talked about before. */
async function looking(options: Parameters<typeof begin>[0] = {}): Promise<Begun> {
  const begun = await begin({ question: "Where is my order?", ...options });
  begun.world.talks = [BERGEN];
  begun.world.histories.set(BERGEN.id, ["Do you deliver to Bergen?"]);
  begun.talk.pastTalks.isOpen.value = true;
  return begun;
}

describe("a visitor's earlier conversations", () => {
  it("cannot be asked for before there is one, or after a logout", async () => {
    const { talk } = await begin();
    expect(talk.pastTalks.mayBeThere).toBe(false);
    expect(await talk.pastTalks.list()).toEqual([]);
    talk.say("Hello");
    await vi.advanceTimersByTimeAsync(0);
    expect(talk.pastTalks.mayBeThere).toBe(true);
    talk.pastTalks.isOpen.value = true;
    talk.logout();
    expect(talk.pastTalks.mayBeThere).toBe(false);
    expect(talk.pastTalks.isOpen.value).toBe(false);
  });

  it("are those in which they have said something, without the one that is here", async () => {
    const { talk, world } = await looking();
    const here = { ...BERGEN, id: "conversation-1" };
    world.talks = [here, { ...BERGEN, id: "silent", messages: 0 }, BERGEN];
    expect(await talk.pastTalks.list()).toEqual([BERGEN]);
    // One that they have ended is one of them, though it is still to be read.
    talk.end();
    talk.feedback.close();
    expect(await talk.pastTalks.list()).toEqual([here, BERGEN]);
  });
});

describe("an earlier conversation that is opened", () => {
  it("is shown, and goes on in a room of its own with the first thing that is said: the other is left, and no feedback asked for", async () => {
    const { talk, world, starts, details, events } = await looking();
    await talk.pastTalks.open(BERGEN);
    expect(talk.pastTalks.isOpen.value).toBe(false);
    expect(texts(talk)).toEqual(["Do you deliver to Bergen?"]);
    expect(talk.phase.value).toBe("idle");
    expect(talk.feedback.isOpen.value).toBe(false);
    expect(details[events.indexOf("conversation_ended")]).toEqual({
      conversationId: "conversation-1",
    });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(starts).toHaveLength(1);

    talk.say("And to Tromsø?");
    await vi.advanceTimersByTimeAsync(0);
    world.handlers?.agent("agent-1", "listening");
    await vi.advanceTimersByTimeAsync(0);
    expect(starts[1]).toMatchObject({ conversationId: BERGEN.id, userId: BERGEN.userId });
    expect(starts[1]?.visitorToken).toBe(starts[0]?.visitorToken ?? "visitor-1");
    expect(details[events.lastIndexOf("conversation_started")]).toEqual({
      conversationId: BERGEN.id,
      resumed: true,
    });
    expect(texts(talk)).toEqual(["Do you deliver to Bergen?", "And to Tromsø?"]);
    expect(world.sent).toEqual(["And to Tromsø?"]);
  });

  it("is the one that goes on after a reload too, and the next one is of the same visitor", async () => {
    const { talk } = await looking();
    await talk.pastTalks.open(BERGEN);
    const after = await begin();
    expect(after.talk.conversation.id).toBe(BERGEN.id);
    after.talk.newConversation();
    after.talk.feedback.close();
    after.talk.say("Something else");
    await vi.advanceTimersByTimeAsync(0);
    expect(after.starts[0]).toMatchObject({ userId: BERGEN.userId, visitorToken: "visitor-1" });
    expect(after.starts[0]?.conversationId).toBeUndefined();
  });

  it("needs no form, which stood before the conversation that was to begin", async () => {
    const form = preForm();
    const { talk } = await begin({ preForm: form });
    talk.submitForm({ name: "Ada" });
    talk.say("Hello");
    await vi.advanceTimersByTimeAsync(0);
    form.forget();
    talk.end();
    talk.feedback.close();
    talk.newConversation();
    expect(talk.gate.needsForm.value).toBe(true);
    await talk.pastTalks.open(BERGEN);
    expect(talk.gate.needsForm.value).toBe(false);
  });

  it("ends a call: what was opened for it is off", async () => {
    const { talk, world } = await looking();
    await talk.startVoice();
    await vi.advanceTimersByTimeAsync(0);
    expect(talk.call.phase.value).toBe("on");
    await talk.pastTalks.open(BERGEN);
    await vi.advanceTimersByTimeAsync(0);
    expect(talk.call.phase.value).toBe("off");
    expect(world.isListening).toBe(false);
  });

  it("changes nothing where the platform does not have it, and nothing any more once the visitor went back", async () => {
    const { talk, world } = await looking({ historyMs: 500 });
    world.messagesStatus = 500;
    const refused = expect(talk.pastTalks.open(BERGEN)).rejects.toThrow("Refused.");
    await vi.advanceTimersByTimeAsync(500);
    await refused;
    world.messagesStatus = 200;
    const opened = talk.pastTalks.open(BERGEN);
    talk.pastTalks.close();
    await vi.advanceTimersByTimeAsync(500);
    await opened;
    expect(talk.conversation.id).toBe("conversation-1");
    expect(texts(talk)).toEqual(["Where is my order?"]);
    expect(talk.phase.value).toBe("connected");
  });

  it("of two that were chosen is the last one, however late the first one comes", async () => {
    const { talk, world } = await looking({ historyMs: 500 });
    world.histories.set("conversation-oslo", ["Are you in Oslo?"]);
    const first = talk.pastTalks.open(BERGEN);
    await vi.advanceTimersByTimeAsync(200);
    const second = talk.pastTalks.open({ ...BERGEN, id: "conversation-oslo" });
    await vi.advanceTimersByTimeAsync(1000);
    await Promise.all([first, second]);
    expect(talk.conversation.id).toBe("conversation-oslo");
    expect(texts(talk)).toEqual(["Are you in Oslo?"]);
  });
});
