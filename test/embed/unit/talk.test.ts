import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { readForm } from "../../../src/embed/panel/form.js";
import { PreForm } from "../../../src/embed/panel/pre-form.js";
import type {
  Microphone,
  RoomHandlers,
  RoomLink,
  RoomModule,
} from "../../../src/embed/panel/room-link.js";
import type { StartRequest } from "../../../src/embed/panel/runtime-api.js";
import { SessionStore } from "../../../src/embed/panel/session-store.js";
import { MICROPHONE_PROBLEMS, STRINGS } from "../../../src/embed/panel/strings.js";
import { Talk, type TalkOptions } from "../../../src/embed/panel/talk.js";

/** What the talk waits before it joins anew after a lost connection. */
const RECOVERY_DELAYS_MS = [0, 1000, 2000, 4000, 8000, 15_000];
const FORM = readForm({ id: "pre", fields: [{ id: "name", type: "text", required: true }] });

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("window", { isSecureContext: true });
  vi.stubGlobal("document", {});
  vi.stubGlobal("navigator", { onLine: true, mediaDevices: {} });
  vi.stubGlobal("localStorage", memory());
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("a talk whose room cannot be joined", () => {
  it("is begun once, and says so: the next try is the visitor's", async () => {
    const { talk, starts, world } = await begin();
    world.isReachable = false;
    talk.say("Hello");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(starts).toHaveLength(1);
    expect(talk.phase.value).toBe("idle");
    expect(talk.notice.value).toMatchObject({ kind: "start", text: STRINGS.startFailed });
    expect(states(talk)).toEqual(["failed"]);

    world.isReachable = true;
    talk.notice.value?.action?.run();
    await vi.advanceTimersByTimeAsync(0);
    expect(starts).toHaveLength(2);
    expect(talk.phase.value).toBe("connected");
  });

  it("when it was lost, is joined anew once a step of the back-off, then says that it is over", async () => {
    const { talk, starts, world } = await begin({ question: "Hello" });
    lose(world);
    for (const [step, delay] of RECOVERY_DELAYS_MS.entries()) {
      expect(talk.phase.value).toBe("reconnecting");
      await vi.advanceTimersByTimeAsync(delay);
      expect(starts).toHaveLength(2 + step);
    }
    await vi.advanceTimersByTimeAsync(60_000);
    expect(starts).toHaveLength(1 + RECOVERY_DELAYS_MS.length);
    expect(talk.phase.value).toBe("idle");
    expect(talk.notice.value).toMatchObject({ kind: "connection", text: STRINGS.lost });
  });

  it("says so when the visitor tries meanwhile: what waited for its next step is over then", async () => {
    const { talk, starts, world } = await begin({ question: "Hello" });
    lose(world);
    await vi.advanceTimersByTimeAsync(0);
    talk.say("Are you there?");
    await vi.advanceTimersByTimeAsync(0);
    expect(starts).toHaveLength(3);
    expect(talk.notice.value?.kind).toBe("start");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(starts).toHaveLength(3);
    expect(talk.phase.value).toBe("idle");
    expect(talk.notice.value?.kind).toBe("start");
  });

  it("is recovered as patiently when an earlier recovery still sleeps", async () => {
    const { talk, starts, world } = await begin({ question: "Hello" });
    lose(world);
    await vi.advanceTimersByTimeAsync(0);
    world.isReachable = true;
    talk.say("Are you there?");
    await vi.advanceTimersByTimeAsync(0);
    expect(talk.phase.value).toBe("connected");

    // The earlier one wakes a second after the loss, in the middle of the later one.
    lose(world);
    await vi.advanceTimersByTimeAsync(1000 + 2000);
    expect(starts).toHaveLength(3 + 3);
    expect(talk.phase.value).toBe("reconnecting");
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

  it("leaves no call behind", async () => {
    const { talk, world, calls } = await begin();
    await talk.startVoice();
    expect(talk.voice.value).toBe("on");
    lose(world);
    await vi.advanceTimersByTimeAsync(0);
    talk.say("Can you hear me?");
    await vi.advanceTimersByTimeAsync(0);
    expect(talk.voice.value).toBe("off");
    expect(world.microphones).toEqual(["closed"]);
    expect(calls.at(-1)).toBe(false);
  });
});

describe("voice", () => {
  it("that is stopped while it opens stays off, and its microphone leaves the room", async () => {
    const { talk, world, calls } = await begin();
    world.publishMs = 200;
    void talk.startVoice();
    await vi.advanceTimersByTimeAsync(100);
    expect(talk.voice.value).toBe("opening");
    talk.stopVoice();
    await vi.advanceTimersByTimeAsync(200);
    expect(talk.voice.value).toBe("off");
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
    talk.stopVoice();
    void talk.startVoice();
    await vi.advanceTimersByTimeAsync(0);
    expect(world.microphones).toEqual(["closed", "open"]);
    await vi.advanceTimersByTimeAsync(200);
    expect(talk.voice.value).toBe("on");
    expect(world.microphones).toEqual(["closed", "open"]);
    expect(calls.at(-1)).toBe(true);
  });

  it("that cannot be unmuted stays muted, and says why", async () => {
    const { talk, world } = await begin();
    await talk.startVoice();
    await talk.toggleMute();
    expect(talk.isMuted.value).toBe(true);
    world.isUnmuteRefused = true;
    await talk.toggleMute();
    expect(talk.isMuted.value).toBe(true);
    expect(talk.notice.value).toMatchObject({
      kind: "microphone",
      text: MICROPHONE_PROBLEMS.busy,
    });
    world.isUnmuteRefused = false;
    await talk.toggleMute();
    expect(talk.isMuted.value).toBe(false);
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
    expect(talk.needsForm.value).toBe(true);
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
      expect(talk.needsForm.value).toBe(true);
      expect(form.prefilled).toEqual({});
    },
  );

  it("is not asked again of the same person, nor of a guest who then gives a name", async () => {
    const first = await begin({ preForm: preForm() });
    first.talk.submitForm({ name: "Ada" });
    first.talk.identify(ada);
    expect(first.talk.needsForm.value).toBe(false);
    const again = await begin({ preForm: preForm(), identity: ada });
    expect(again.talk.needsForm.value).toBe(false);
    const next = await begin({ preForm: preForm(), identity: grace });
    expect(next.talk.needsForm.value).toBe(true);
  });
});

type Person = NonNullable<Parameters<Talk["begin"]>[0]>;

interface World {
  isReachable: boolean;
  joinMs: number;
  publishMs: number;
  isPublishRefused: boolean;
  isUnmuteRefused: boolean;
  isListening: boolean;
  readonly published: Set<Microphone>;
  readonly microphones: ("open" | "closed")[];
  /** Of the room that was joined, or tried, last. */
  handlers: RoomHandlers | undefined;
}

/** A talk in a panel that came into view, and everything outside of it that it meets. */
async function begin({
  identity,
  question,
  preForm: form = new PreForm("widget", undefined, true),
}: { identity?: Person | undefined; question?: string; preForm?: PreForm } = {}): Promise<{
  talk: Talk;
  world: World;
  starts: StartRequest[];
  calls: boolean[];
}> {
  const starts: StartRequest[] = [];
  const calls: boolean[] = [];
  const world: World = {
    isReachable: true,
    joinMs: 0,
    publishMs: 0,
    isPublishRefused: false,
    isUnmuteRefused: false,
    isListening: false,
    published: new Set(),
    microphones: [],
    handlers: undefined,
  };
  const talk = new Talk({
    api: stub<TalkOptions["api"]>({
      start: async (request) => {
        starts.push(request);
        return {
          conversationId: request.conversationId ?? `conversation-${starts.length}`,
          visitorToken: undefined,
          url: "ws://livekit.example",
          token: "token",
          isAgentAvailable: true,
        };
      },
    }),
    parent: stub<TalkOptions["parent"]>({
      ticket: async () => undefined,
      tell: (message) => {
        if (message.type === "live") calls.push(message.inCall);
      },
    }),
    sessions: new SessionStore("widget"),
    preForm: form,
    loadRoom: async () => roomOf(world),
    feedbackForm: undefined,
    defaultMode: "text",
    startsOnOpen: false,
  });
  await talk.begin(identity);
  if (question !== undefined) {
    talk.say(question);
    await vi.advanceTimersByTimeAsync(0);
    expect(talk.phase.value).toBe("connected");
  }
  return { talk, world, starts, calls };
}

function roomOf(world: World): RoomModule {
  const link = stub<RoomLink>({
    sendText: async () => undefined,
    publish: async (microphone) => {
      const { publishMs, isPublishRefused } = world;
      if (publishMs > 0) await sleep(publishMs);
      if (isPublishRefused) throw new Error("could not publish");
      world.published.add(microphone);
    },
    unpublish: async (microphone) => {
      world.published.delete(microphone);
    },
    setListening: (isListening) => {
      world.isListening = isListening;
    },
    leave: async () => undefined,
  });
  return {
    connectRoom: async (_url, _token, handlers) => {
      world.handlers = handlers;
      if (world.joinMs > 0) await sleep(world.joinMs);
      if (world.isReachable) return link;
      // LiveKit's client says so before it refuses.
      handlers.disconnected("lost");
      throw new Error("could not establish signal connection");
    },
    openMicrophone: async () => {
      const index = world.microphones.push("open") - 1;
      return stub<Microphone>({
        setMuted: async (isMuted) => {
          if (!isMuted && world.isUnmuteRefused) throw new DOMException("", "NotReadableError");
        },
        onLost: () => undefined,
        close: () => {
          world.microphones[index] = "closed";
        },
      });
    },
    listDevices: async () => ({ inputs: [], outputs: [] }),
  };
}

function lose(world: World): void {
  world.isReachable = false;
  world.handlers?.disconnected("lost");
}

function states(talk: Talk): string[] {
  return talk.transcript.entries.value.map((entry) =>
    entry.kind === "message" ? entry.state.value : entry.kind,
  );
}

function preForm(): PreForm {
  return new PreForm("widget", FORM, true);
}

function memory(): Pick<Storage, "getItem" | "setItem" | "removeItem"> {
  const kept = new Map<string, string>();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  };
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

/** What a test needs of a thing: the classes behind have private parts that no object of ours could have. */
function stub<T>(part: Partial<T>): T {
  return part as T;
}
