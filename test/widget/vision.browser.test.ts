import { afterEach, beforeEach, expect, it } from "vitest";
import { describeInBrowser, eventually, useBrowser, Visitor } from "./support.js";

const world = useBrowser();
let visitor: Visitor;

interface Hands {
  tracks: MediaStreamTrack[];
  hasOther: boolean;
  end: (kind: "audio" | "video") => void;
}

describeInBrowser("what the visitor shows", () => {
  beforeEach(async () => {
    visitor = await Visitor.arrive(world.browser);
    await visitor.context.grantPermissions(["microphone", "camera"]);
    await visitor.page.addInitScript(takeHands);
  });
  afterEach(async () => {
    await visitor.leave();
  });

  it("is nothing where the version may be shown nothing: no button, and no policy for it", async () => {
    await open({});
    expect(await allowed()).toBe("microphone; autoplay");
    await visitor.panel.getByLabel("More options").click();
    await visitor.panel.locator(".menu").waitFor();
    expect(await visitor.panel.getByText("Turn camera on").count()).toBe(0);
    expect(await visitor.panel.getByText("Share screen").count()).toBe(0);
  });

  it("is the one thing that the version may be shown", async () => {
    await open({ screen_share: true });
    expect(await allowed()).toBe("microphone; autoplay; display-capture");
    await visitor.panel.getByLabel("More options").click();
    await visitor.panel.getByText("Share screen").waitFor();
    expect(await visitor.panel.getByText("Turn camera on").count()).toBe(0);
  });

  it("is their camera, in text and in a call, as they see it, until they turn it off or it goes away", async () => {
    await open({ video_input: true, screen_share: true });
    expect(await allowed()).toBe("microphone; autoplay; camera; display-capture");
    // The frame was loaded once more, which is no step back for the visitor.
    expect(await visitor.page.evaluate(() => history.length)).toBe(2);
    await visitor.menu("Turn camera on");
    await expectStory({ video: 1, isInCall: true });
    const preview = visitor.panel.getByLabel("What the agent sees of your camera");
    await eventually(async () => {
      const width = await preview.evaluate((video) => (video as HTMLVideoElement).videoWidth);
      expect(width).toBeGreaterThan(100);
    });
    expect(await preview.getAttribute("class")).toContain("mirrored");
    await visitor.panel.getByRole("button", { name: "Turn camera off" }).click();
    await expectStory({ isInCall: false });

    await visitor.panel.getByLabel("Talk by voice").click();
    await visitor.panel.getByRole("button", { name: "Turn camera on" }).click();
    await expectStory({ audio: 1, video: 1, isInCall: true });
    // Pulled out, and another is there; then it is the only one.
    await inFrame((hands) => hands.end("video"));
    await eventually(async () => expect(await inFrame(({ tracks }) => tracks.length)).toBe(4));
    await expectStory({ audio: 1, video: 1, isInCall: true });
    await inFrame((hands) => {
      hands.hasOther = false;
      hands.end("video");
    });
    await visitor.panel.getByText("The camera is off").waitFor();
    await expectStory({ audio: 1, isInCall: true });
    await visitor.menu("End conversation");
    await expectStory({ isInCall: false });
  });

  it("is their screen, until the browser's own button ends it, or the talk does", async () => {
    await open({ screen_share: true });
    await visitor.menu("Share screen");
    await expectStory({ video: 1, isInCall: true });
    await visitor.panel.getByLabel("What the agent sees of your screen").waitFor();
    await inFrame((hands) => hands.end("video"));
    await visitor.panel.getByRole("log").getByText("Your screen is no longer shared").waitFor();
    await expectStory({ isInCall: false });
    await visitor.menu("Share screen");
    await expectStory({ video: 1, isInCall: true });
    await visitor.menu("End conversation");
    await expectStory({ isInCall: false });
  });
});

async function open(vision: object): Promise<void> {
  const agent = { starting_message: { type: "user_initiates" }, vision };
  const id = await world.platform.widget({ agent });
  const body = world.platform.scriptTag(id);
  await visitor.open(world.site.origin() + world.site.page({ body }));
}

async function allowed(): Promise<string | null> {
  return visitor.page.locator("parley-widget iframe").getAttribute("allow");
}

/** Dock, launcher and the browser's tracks agree. */
async function expectStory({
  audio = 0,
  video = 0,
  isInCall,
}: {
  audio?: number;
  video?: number;
  isInCall: boolean;
}): Promise<void> {
  await eventually(async () => {
    const launcher = await visitor.launcher.getAttribute("aria-label");
    expect(launcher?.includes("in a call")).toBe(isInCall);
    const kinds = await inFrame(({ tracks }) =>
      tracks.filter(({ readyState }) => readyState === "live").map(({ kind }) => kind),
    );
    expect(kinds.filter((kind) => kind === "audio")).toHaveLength(audio);
    expect(kinds.filter((kind) => kind === "video")).toHaveLength(video);
    expect(await visitor.panel.locator(".preview").count()).toBe(video);
    expect(await visitor.panel.locator(".voice").count()).toBe(isInCall ? 1 : 0);
  });
}

async function inFrame<T>(run: (hands: Hands) => T): Promise<T> {
  const frame = visitor.page.frames().find((one) => one.url().includes("/panel"));
  if (frame === undefined) throw new Error("There is no panel.");
  const hands = await frame.evaluateHandle(() => Reflect.get(window, "hands") as Hands);
  return hands.evaluate(run) as Promise<T>;
}

/** Runs in every frame, before anything else does. A browser without a head has no screen to share. */
function takeHands(): void {
  const { mediaDevices } = navigator;
  if (mediaDevices === undefined) return;
  const hands: Hands = {
    tracks: [],
    hasOther: true,
    end: (kind) => {
      const track = hands.tracks.findLast((one) => one.kind === kind);
      track?.stop();
      track?.dispatchEvent(new Event("ended"));
    },
  };
  const keep = (stream: MediaStream): MediaStream => {
    hands.tracks.push(...stream.getTracks());
    return stream;
  };
  const request = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = async (constraints) => {
    if (!hands.hasOther) throw new DOMException("none", "NotFoundError");
    return keep(await request(constraints));
  };
  mediaDevices.getDisplayMedia = async () => {
    const canvas = document.createElement("canvas");
    canvas.getContext("2d")?.fillRect(0, 0, 10, 10);
    return keep(canvas.captureStream(5));
  };
  Reflect.set(window, "hands", hands);
}
