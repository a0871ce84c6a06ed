import { describe, expect, it, vi } from "vitest";
import { STRINGS, MICROPHONE_PROBLEMS } from "../../../src/widget/panel/strings.js";
import type { Talk } from "../../../src/widget/panel/talk.js";
import type { FakeTrack } from "./fake-devices.js";
import { begin, lose, useFakeBrowser, type World } from "./fake-talk.js";

useFakeBrowser();

type Begun = Awaited<ReturnType<typeof begin>>;

/** Dock, launcher, room and devices say the same: one microphone is open and heard in the room, or none is. */
function expectOneStory({ talk, world, calls }: Begun): void {
  const { live } = world.devices;
  const isOn = talk.call.phase.value === "on";
  expect(calls.at(-1) ?? false).toBe(isOn);
  expect(live).toHaveLength(isOn ? 1 : 0);
  expect(world.isListening).toBe(isOn);
  const isMuted = talk.call.isMuted.value;
  expect(live.map(({ enabled }) => enabled)).toEqual(isOn ? [!isMuted] : []);
  expect([...world.published]).toEqual(live.map((track) => [track, { isMuted }]));
}

async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(10);
}

async function call(): Promise<Begun> {
  const begun = await begin();
  await begun.talk.startVoice();
  await settle();
  return begun;
}

function current({ devices }: World): string | undefined {
  return devices.live[0]?.groupId;
}

/** What may happen to devices in a call, and which one the call has after it; undefined: it is over. */
const EVENTS: Record<
  string,
  { run: (begun: Begun) => Promise<void> | void; after: string | undefined; says?: string }
> = {
  "the one in use is pulled out, and another is there": {
    run: ({ world }) => world.devices.unplug("desk"),
    after: "headset",
    says: STRINGS.otherMicrophone,
  },
  "the one in use is pulled out, and there is none": {
    run: ({ world }) => {
      world.devices.unplug("headset");
      world.devices.unplug("desk");
    },
    after: undefined,
    says: MICROPHONE_PROBLEMS.missing,
  },
  "the next one is pulled out while it opens": {
    run: ({ world }) => {
      world.devices.unplug("desk");
      world.devices.unplug("headset");
      world.devices.plug("third");
    },
    after: "third",
  },
  "one after the other is pulled out": {
    run: async ({ world }) => {
      world.devices.unplug("desk");
      await settle();
      world.devices.unplug("headset");
    },
    after: undefined,
  },
  "the one in use is pulled out while it is muted": {
    run: async ({ talk, world }) => {
      talk.call.toggleMute();
      await settle();
      world.devices.unplug("desk");
    },
    after: "headset",
  },
  "it is unmuted while the next one opens": {
    run: ({ talk, world }) => {
      talk.call.toggleMute();
      world.devices.unplug("desk");
      talk.call.toggleMute();
    },
    after: "headset",
  },
  "the one in use is pulled out while the room is joined anew": {
    run: async ({ world }) => {
      lose(world);
      world.devices.unplug("desk");
      await settle();
      world.isReachable = true;
      await vi.advanceTimersByTimeAsync(2000);
    },
    after: "headset",
  },
  "the last one is pulled out while the room is joined anew": {
    run: async ({ world }) => {
      lose(world);
      world.devices.unplug("headset");
      world.devices.unplug("desk");
      await settle();
      world.isReachable = true;
      await vi.advanceTimersByTimeAsync(2000);
    },
    after: undefined,
  },
  "the system chooses another": {
    run: ({ world }) => world.devices.plug("headset"),
    after: "headset",
  },
  "the one that the visitor chose goes and comes back": {
    run: async ({ talk, world }) => {
      await talk.call.useMicrophone("headset");
      world.devices.unplug("headset");
      await settle();
      expect(current(world)).toBe("desk");
      world.devices.plug("headset");
    },
    after: "headset",
  },
  "the visitor chooses one that ends the one before as it opens": {
    run: async ({ talk, world }) => {
      const chosen = talk.call.useMicrophone("headset");
      world.devices.tracks[0]?.end();
      await chosen;
    },
    after: "headset",
  },
  "the visitor chooses one that is not there, while the one in use goes": {
    run: async ({ talk, world }) => {
      const chosen = talk.call.useMicrophone("gone");
      world.devices.unplug("desk");
      await expect(chosen).rejects.toThrow();
    },
    after: "headset",
  },
  "a device that goes as often as it comes is given up": {
    run: async ({ world }) => {
      for (let index = 0; index < 5; index++) {
        world.devices.live[0]?.end();
        await settle();
      }
    },
    after: undefined,
    says: MICROPHONE_PROBLEMS.lost,
  },
  "the permission is refused": {
    run: ({ world }) => world.devices.allow("denied"),
    after: undefined,
    says: MICROPHONE_PROBLEMS.denied,
  },
  "the permission is to be asked for again": {
    run: ({ world }) => world.devices.allow("prompt"),
    after: undefined,
    says: MICROPHONE_PROBLEMS.denied,
  },
  "every other device is taken by another program": {
    run: ({ world }) => {
      world.devices.isBusy = true;
      world.devices.unplug("desk");
    },
    after: undefined,
    says: MICROPHONE_PROBLEMS.busy,
  },
  "the visitor stops while the next one opens": {
    run: ({ talk, world }) => {
      world.devices.unplug("desk");
      talk.call.stop();
    },
    after: undefined,
  },
  "the conversation ends while the next one opens": {
    run: ({ talk, world }) => {
      world.devices.unplug("desk");
      talk.end();
    },
    after: undefined,
  },
};

describe("a call whose devices change", () => {
  it.each(Object.keys(EVENTS))("tells one story when %s", async (name) => {
    const begun = await call();
    expectOneStory(begun);
    const { run, after, says } = EVENTS[name] ?? {};
    await run?.(begun);
    await settle();
    expectOneStory(begun);
    expect(current(begun.world)).toBe(after);
    if (says !== undefined) expect(said(begun.talk)).toContain(says);
    // Nothing opens later by itself.
    await vi.advanceTimersByTimeAsync(60_000);
    expectOneStory(begun);
    if (after === undefined) expect(begun.talk.call.phase.value).toBe("off");
  });

  it("is off with everything when the next one does not come: the dock does not say for ever that it is heard", async () => {
    const begun = await call();
    begun.world.devices.held = new Promise(() => undefined);
    begun.world.devices.unplug("desk");
    await settle();
    expect(begun.talk.call.hearing).toBe("none");
    await vi.advanceTimersByTimeAsync(10_000);
    expectOneStory(begun);
    expect(begun.talk.call.phase.value).toBe("off");
    expect(said(begun.talk)).toContain(MICROPHONE_PROBLEMS.lost);
  });

  it("says that nothing is heard while the system lets nothing through", async () => {
    const { talk, world } = await call();
    world.devices.tracks[0]?.silence(true);
    expect(talk.call.hearing).toBe("muted");
    world.devices.tracks[0]?.silence(false);
    expect(talk.call.hearing).toBe("open");
  });

  it("asks nobody for a microphone again when the visitor took the permission back", async () => {
    const { world } = await call();
    const { length } = world.devices.asked;
    world.devices.allow("prompt");
    await settle();
    expect(world.devices.asked).toHaveLength(length);
  });
});

describe("a microphone that comes late", () => {
  async function opening(): Promise<Begun & { come: () => Promise<void> }> {
    const begun = await begin();
    let release = (): void => undefined;
    begun.world.devices.held = new Promise((resolve) => (release = resolve));
    void begun.talk.startVoice();
    await settle();
    const come = async (): Promise<void> => {
      begun.world.devices.held = undefined;
      release();
      await settle();
    };
    return { ...begun, come };
  }

  it("is stopped when the visitor did not wait for it", async () => {
    const begun = await opening();
    begun.talk.call.stop();
    await begun.come();
    expect(begun.world.devices.tracks).toHaveLength(1);
    expectOneStory(begun);
  });

  it("is stopped when the conversation has ended", async () => {
    const begun = await opening();
    begun.talk.end();
    await begun.come();
    expectOneStory(begun);
  });

  it("is one, however often voice was asked for", async () => {
    const begun = await opening();
    void begun.talk.startVoice();
    await begun.come();
    expect(begun.world.devices.tracks).toHaveLength(1);
    expectOneStory(begun);
  });

  it("is the second call's alone, when the first was stopped before it came", async () => {
    const begun = await opening();
    begun.talk.call.stop();
    void begun.talk.startVoice();
    await settle();
    await begun.come();
    expect(begun.world.devices.tracks).toHaveLength(2);
    expectOneStory(begun);
    expect(begun.talk.call.phase.value).toBe("on");
  });

  it("and goes again before the room is there makes room for the next", async () => {
    const begun = await begin();
    begun.world.joinMs = 1000;
    void begun.talk.startVoice();
    await settle();
    begun.world.devices.unplug("desk");
    await vi.advanceTimersByTimeAsync(2000);
    expect(current(begun.world)).toBe("headset");
    expectOneStory(begun);
  });

  it("and goes again before the room is there ends the call, when there is no other", async () => {
    const begun = await begin();
    begun.world.joinMs = 1000;
    begun.world.devices.unplug("headset");
    void begun.talk.startVoice();
    await settle();
    begun.world.devices.unplug("desk");
    await vi.advanceTimersByTimeAsync(2000);
    expect(begun.talk.call.phase.value).toBe("off");
    expectOneStory(begun);
  });
});

describe("whatever happens to devices, in any order", () => {
  const STEPS: ((begun: Begun) => void)[] = [
    ({ talk }) => void talk.startVoice(),
    ({ talk }) => talk.call.stop(),
    ({ talk }) => talk.call.toggleMute(),
    ({ talk }) => void talk.call.useMicrophone("headset").catch(() => undefined),
    ({ world }) => world.devices.unplug("desk"),
    ({ world }) => world.devices.unplug("headset"),
    ({ world }) => world.devices.plug("desk"),
    ({ world }) => world.devices.plug("headset"),
    ({ world }) => (world.devices.tracks.at(-1) satisfies FakeTrack | undefined)?.end(),
    ({ world }) => world.devices.allow("denied"),
    ({ world }) => world.devices.allow("granted"),
    ({ world }) => {
      lose(world);
      world.isReachable = true;
    },
    ({ talk }) => talk.end(),
  ];

  it.each(Array.from({ length: 200 }, (_, seed) => seed))(
    "one story is told (%i)",
    async (seed) => {
      const begun = await begin();
      const next = randomNumbers(seed);
      for (let index = 0; index < 30; index++) {
        const step = STEPS[next(STEPS.length)];
        if (begun.talk.call.phase.value === "on" || index % 2 === 1) step?.(begun);
        else void begun.talk.startVoice();
        await vi.advanceTimersByTimeAsync(next(3) === 0 ? 700 : next(2));
      }
      await vi.advanceTimersByTimeAsync(60_000);
      expectOneStory(begun);
    },
  );
});

/** The same for a seed. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed + 1;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

function said(talk: Talk): (string | undefined)[] {
  const notes = talk.transcript.entries.value.flatMap((entry) =>
    entry.kind === "note" ? [entry.text] : [],
  );
  return [...notes, talk.notice.value?.text];
}
