import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { describeInBrowser, eventually, useBrowser, Visitor } from "./support.js";

const world = useBrowser();
let visitor: Visitor;

/** What stands in the panel's frame for a visitor who pulls devices out, beside the browser's own made-up ones. */
interface Hands {
  tracks: MediaStreamTrack[];
  /** Whether the browser finds any other. */
  hasOther: boolean;
  hold: boolean;
  release: () => void;
  unplug: () => void;
}

/** Which event, and whether the call goes on after it. */
const EVENTS: Record<string, { run: () => Promise<void>; goesOn: boolean }> = {
  "the microphone is pulled out and another is there": { run: () => unplug(), goesOn: true },
  "the only microphone is pulled out": { run: () => unplugLast(), goesOn: false },
  "it is pulled out while it is muted": {
    run: async () => {
      await visitor.panel.getByLabel("Mute microphone", { exact: true }).click();
      await unplug();
      await eventually(async () =>
        expect(await inFrame(({ tracks }) => tracks.at(-1)?.enabled)).toBe(false),
      );
    },
    goesOn: true,
  },
  "two are pulled out in a row": {
    run: async () => {
      await unplug();
      await eventually(async () => expect(await inFrame(({ tracks }) => tracks.length)).toBe(2));
      await unplug();
    },
    goesOn: true,
  },
  "it is pulled out and the visitor stops before the next one comes": {
    run: async () => {
      await inFrame((hands) => {
        hands.hold = true;
        hands.unplug();
      });
      await visitor.panel.getByText("Back to text").click();
      await inFrame((hands) => hands.release());
    },
    goesOn: false,
  },
  "the permission is taken back": {
    run: async () => visitor.context.clearPermissions(),
    goesOn: false,
  },
  "the conversation ends": { run: () => visitor.menu("End conversation"), goesOn: false },
};

describeInBrowser("a call whose devices change", () => {
  beforeEach(async () => {
    visitor = await Visitor.arrive(world.browser);
    await visitor.page.addInitScript(takeHands);
  });
  afterEach(async () => {
    await visitor.leave();
  });

  it.each(Object.keys(EVENTS))("tells one story when %s", async (name) => {
    const { run, goesOn = false } = EVENTS[name] ?? {};
    await call();
    await expectStory(true);
    await run?.();
    await expectStory(goesOn);
    // What a browser, or LiveKit's client, would open by itself it opens soon.
    await visitor.page.waitForTimeout(1500);
    await expectStory(goesOn);
    if (!goesOn) return;
    await visitor.panel.getByText("Back to text").click();
    await expectStory(false);
  });

  describe("which only begins", () => {
    it("stops a microphone that comes after the conversation has ended, however often it was asked for", async () => {
      await open();
      await visitor.say("Hello");
      await visitor.answer();
      await inFrame((hands) => {
        hands.hold = true;
      });
      await visitor.panel.getByLabel("Talk by voice").click();
      await visitor.panel.getByText("Back to text").click();
      await visitor.panel.getByLabel("Talk by voice").click();
      await visitor.menu("End conversation");
      await inFrame((hands) => hands.release());
      await eventually(async () => expect(await inFrame(({ tracks }) => tracks.length)).toBe(2));
      await expectStory(false);
    });
  });

  it("goes on while the panel is closed, and is off with everything when the page goes away", async () => {
    await call();
    await visitor.call("close");
    await expectStory(true);
    await panelFrame().evaluate(() => dispatchEvent(new PageTransitionEvent("pagehide")));
    await expectStory(false);
  });
});

async function open(): Promise<void> {
  const agent = { starting_message: { type: "user_initiates" } };
  const id = await world.platform.widget({ agent });
  const body = world.platform.scriptTag(id);
  await visitor.open(world.site.origin() + world.site.page({ body }));
}

async function call(): Promise<void> {
  await open();
  await visitor.panel.getByLabel("Talk by voice").click();
  await visitor.panel.getByRole("log").getByText("Voice on").waitFor();
}

/** Dock, launcher and the browser's tracks agree. */
async function expectStory(isOn: boolean): Promise<void> {
  await eventually(async () => {
    expect(await visitor.panel.locator(".voice").count()).toBe(isOn ? 1 : 0);
    const launcher = await visitor.launcher.getAttribute("aria-label");
    expect(launcher?.includes("in a call")).toBe(isOn);
    const states = await inFrame(({ tracks }) => tracks.map(({ readyState }) => readyState));
    expect(states.filter((state) => state === "live")).toHaveLength(isOn ? 1 : 0);
    if (isOn) expect(states.at(-1)).toBe("live");
  });
}

async function unplug(): Promise<void> {
  await inFrame((hands) => hands.unplug());
}

async function unplugLast(): Promise<void> {
  await inFrame((hands) => {
    hands.hasOther = false;
    hands.unplug();
  });
  await visitor.panel.getByText("No microphone was found").waitFor();
}

function panelFrame(): ReturnType<Visitor["page"]["mainFrame"]> {
  const frame = visitor.page.frames().find((one) => one.url().includes("/panel"));
  if (frame === undefined) throw new Error("There is no panel.");
  return frame;
}

async function inFrame<T>(run: (hands: Hands) => T): Promise<T> {
  const hands = await panelFrame().evaluateHandle(() => Reflect.get(window, "hands") as Hands);
  return hands.evaluate(run) as Promise<T>;
}

/** Runs in every frame, before anything else does. */
function takeHands(): void {
  const { mediaDevices } = navigator;
  if (mediaDevices === undefined) return;
  let held = Promise.resolve();
  const hands: Hands = {
    tracks: [],
    hasOther: true,
    hold: false,
    release: () => undefined,
    unplug: () => {
      const track = hands.tracks.at(-1);
      track?.stop();
      track?.dispatchEvent(new Event("ended"));
      mediaDevices.dispatchEvent(new Event("devicechange"));
    },
  };
  const request = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = async (constraints) => {
    if (!hands.hasOther) throw new DOMException("none", "NotFoundError");
    if (hands.hold) {
      hands.hold = false;
      held = new Promise((resolve) => (hands.release = resolve));
    }
    const stream = await request(constraints);
    await held;
    hands.tracks.push(...stream.getTracks());
    return stream;
  };
  Reflect.set(window, "hands", hands);
}
