import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { DisconnectReason, RoomEvent } from "@livekit/rtc-node";
import type * as LiveKitClient from "livekit-client";
import { TrackSource, type VideoGrant } from "livekit-server-sdk";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { CHROMIUM, CHROMIUM_FLAGS, mayUseChromium } from "../support/chromium.js";
import {
  eventually,
  heardFrequency,
  listen,
  newRoomName,
  next,
  nextAudioTrack,
  nextText,
  nextVideoTrack,
  PATIENCE_MS,
  publishPicture,
  publishTone,
  seesPictures,
  useLiveKit,
} from "./support.js";

const FLAGS = [
  ...CHROMIUM_FLAGS,
  "--use-fake-ui-for-media-stream",
  "--autoplay-policy=no-user-gesture-required",
];

/** What the test page keeps between two steps. */
interface PageState {
  LivekitClient: typeof LiveKitClient;
  room: LiveKitClient.Room;
  texts: string[];
  states: string[];
}

declare const window: PageState;

const livekit = useLiveKit();
let server: Server;
let origin: string;
let browser: Browser;

describe.skipIf(!mayUseChromium)("livekit-client in Chromium", () => {
  beforeAll(async () => {
    const library = new URL(
      "../../node_modules/livekit-client/dist/livekit-client.umd.js",
      import.meta.url,
    );
    const script = await readFile(library);
    server = createServer((request, response) => {
      const isScript = request.url === "/livekit-client.js";
      response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
      response.end(isScript ? script : '<!doctype html><script src="livekit-client.js"></script>');
    });
    origin = await listen(server);
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  });

  // A page that stays goes on sending sound and pictures, and the later tests wait for it.
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
  });

  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  it("exchanges text with a node client", async () => {
    const room = newRoomName();
    const agent = await livekit.join(room, "agent");
    const page = await joinFromPage(room, "visitor");
    const question = nextText(agent.client, "lk.chat");
    await page.evaluate(() => window.room.localParticipant.sendText("hello", { topic: "lk.chat" }));
    expect(await question).toEqual({ text: "hello", identity: "visitor" });
    await agent.me.sendText("good day", { topic: "lk.transcription" });
    await page.waitForFunction(() => window.texts.length > 0);
    expect(await page.evaluate(() => window.texts)).toEqual(["agent: good day"]);
  });

  it("exchanges RPC and attributes with a node client", async () => {
    const room = newRoomName();
    const agent = await livekit.join(room, "agent");
    const page = await joinFromPage(room, "visitor");
    agent.me.registerRpcMethod("echo", async ({ payload, callerIdentity }) => {
      return `${callerIdentity} ${payload}`;
    });
    const answer = await page.evaluate(() =>
      window.room.localParticipant.performRpc({
        destinationIdentity: "agent",
        method: "echo",
        payload: "hi",
      }),
    );
    expect(answer).toBe("visitor hi");
    await agent.me.setAttributes({ "lk.agent.state": "thinking" });
    await page.waitForFunction(
      () =>
        window.room.remoteParticipants.get("agent")?.attributes["lk.agent.state"] === "thinking",
    );
    await page.evaluate(() => window.room.localParticipant.setAttributes({ mood: "good" }));
    await eventually(
      () => agent.client.remoteParticipants.get("visitor")?.attributes.mood === "good",
    );
  });

  it("is heard by a node client as it sounds, and hears it", async () => {
    const room = newRoomName();
    const agent = await livekit.join(room, "agent");
    const page = await joinFromPage(room, "visitor");
    const atAgent = nextAudioTrack(agent.client);
    await page.evaluate(async () => {
      const context = new AudioContext();
      const oscillator = new OscillatorNode(context, { frequency: 700 });
      const destination = context.createMediaStreamDestination();
      oscillator.connect(destination);
      oscillator.start();
      const [track] = destination.stream.getAudioTracks();
      if (track === undefined) throw new Error("no track");
      await window.room.localParticipant.publishTrack(track, {
        source: window.LivekitClient.Track.Source.Microphone,
      });
    });
    expect(await heardFrequency(await atAgent)).toBeCloseTo(700, -1);
    const tone = await publishTone(agent.me, 1_000);
    expect(await heardByPage(page, "agent")).toBeGreaterThan(950);
    expect(await heardByPage(page, "agent")).toBeLessThan(1_050);
    await tone.stop();
  });

  it("shows others that its microphone is muted, unmuted, and taken away", async () => {
    const room = newRoomName();
    const agent = await livekit.join(room, "agent");
    const page = await joinFromPage(room, "visitor");
    const heard = nextAudioTrack(agent.client);
    await page.evaluate(() => window.room.localParticipant.setMicrophoneEnabled(true));
    await heard;
    const muted = next(agent.client, RoomEvent.TrackMuted);
    await page.evaluate(() => window.room.localParticipant.setMicrophoneEnabled(false));
    await muted;
    const unmuted = next(agent.client, RoomEvent.TrackUnmuted);
    await page.evaluate(() => window.room.localParticipant.setMicrophoneEnabled(true));
    await unmuted;
    const gone = next(agent.client, RoomEvent.TrackUnpublished);
    await page.evaluate(async () => {
      const source = window.LivekitClient.Track.Source.Microphone;
      const publication = window.room.localParticipant.getTrackPublication(source);
      if (publication?.track !== undefined) {
        await window.room.localParticipant.unpublishTrack(publication.track);
      }
    });
    await gone;
    const again = nextAudioTrack(agent.client);
    await page.evaluate(() => window.room.localParticipant.setMicrophoneEnabled(true));
    await again;
  });

  it.each([
    ["one connection", true],
    ["two connections", false],
  ])("shows its camera to others, and sees theirs, over %s", async (_name, single) => {
    const room = newRoomName();
    const agent = await livekit.join(room, "agent");
    const page = await joinFromPage(room, "visitor", { single });
    const watcher = await joinFromPage(room, "watcher", { single });
    const seen = nextVideoTrack(agent.client);
    await page.evaluate(() => window.room.localParticipant.setMicrophoneEnabled(true));
    await page.evaluate(() => window.room.localParticipant.setCameraEnabled(true));
    const track = await seen;
    await seesPictures(track, 10);
    expect(await seenByPage(watcher, "visitor")).toBeDefined();
    const muted = next(agent.client, RoomEvent.TrackMuted);
    await page.evaluate(() => window.room.localParticipant.setCameraEnabled(false));
    await muted;
    const unmuted = next(agent.client, RoomEvent.TrackUnmuted);
    await page.evaluate(() => window.room.localParticipant.setCameraEnabled(true));
    await unmuted;
    await seesPictures(track, 10);
    const picture = await publishPicture(agent.me, 200);
    for (const viewer of [page, watcher]) {
      expect(Math.abs((await seenByPage(viewer, "agent")) - 200)).toBeLessThan(20);
    }
    await picture.stop();
  });

  it("is told when its token does not allow a camera", async () => {
    const room = newRoomName();
    const page = await joinFromPage(room, "visitor", {
      canPublishSources: [TrackSource.MICROPHONE],
    });
    const refusal = await page.evaluate(() =>
      window.room.localParticipant.setCameraEnabled(true).then(
        () => "published",
        (error: Error) => error.message,
      ),
    );
    expect(refusal).toContain("insufficient permissions");
    expect((await livekit.rooms.getParticipant(room, "visitor")).tracks).toEqual([]);
  });

  it("joins without a complaint in the console", async () => {
    const page = await openPage();
    const complaints: string[] = [];
    page.on("console", (line) => line.type() === "error" && complaints.push(line.text()));
    await join(page, newRoomName(), "visitor");
    expect(complaints).toEqual([]);
  });

  it("hears more at once than it made place for when it joined, and those who come later", async () => {
    const room = newRoomName();
    const speakers = ["a", "b", "c", "d", "e"];
    const tones = [];
    for (const name of speakers.slice(0, 3)) {
      tones.push(await publishTone((await livekit.join(room, name)).me, 500));
    }
    const page = await joinFromPage(room, "visitor");
    for (const name of speakers.slice(3)) {
      tones.push(await publishTone((await livekit.join(room, name)).me, 900));
    }
    for (const name of speakers) {
      const hertz = await heardByPage(page, name);
      expect([name, Math.abs(hertz - (name < "d" ? 500 : 900)) < 50]).toEqual([name, true]);
    }
    for (const tone of tones) await tone.stop();
  });

  it("is muted by the server API", async () => {
    const room = newRoomName();
    const agent = await livekit.join(room, "agent");
    const page = await joinFromPage(room, "visitor");
    const heard = nextAudioTrack(agent.client);
    await page.evaluate(() => window.room.localParticipant.setMicrophoneEnabled(true));
    const { sid } = await heard;
    await livekit.rooms.mutePublishedTrack(room, "visitor", sid ?? "", true);
    await page.waitForFunction(() => !window.room.localParticipant.isMicrophoneEnabled);
  });

  it("leaves when its room is deleted, and, with or without a goodbye, when its page goes away", async () => {
    const room = newRoomName();
    const agent = await livekit.join(room, "agent");
    const page = await joinFromPage(room, "visitor");
    // Who comes and goes within one batch of news is never heard of.
    await eventually(() => agent.client.remoteParticipants.has("visitor"));
    const left = next(agent.client, RoomEvent.ParticipantDisconnected);
    await page.goto("about:blank");
    expect((await left)[0].identity).toBe("visitor");
    const second = await joinFromPage(room, "visitor");
    await livekit.rooms.deleteRoom(room);
    await second.waitForFunction(() => window.states.some((state) => state.startsWith("gone")));
    expect(await second.evaluate(() => window.states)).toContain(
      `gone ${DisconnectReason.ROOM_DELETED}`,
    );
  });

  it("comes back after its connection to the server broke", async () => {
    const room = newRoomName();
    const agent = await livekit.join(room, "agent");
    const page = await joinFromPage(room, "visitor");
    await page.evaluate(() => window.room.simulateScenario("full-reconnect"));
    await page.waitForFunction(() => window.states.includes("reconnected"));
    await livekit.untilActive(room, "visitor");
    const text = nextText(agent.client, "lk.chat");
    await page.evaluate(() => window.room.localParticipant.sendText("back", { topic: "lk.chat" }));
    expect((await text).text).toBe("back");
  });

  it("comes back after its WebSocket alone broke", async () => {
    const room = newRoomName();
    const agent = await livekit.join(room, "agent");
    const page = await joinFromPage(room, "visitor");
    await page.evaluate(() => window.room.simulateScenario("signal-reconnect"));
    await page.waitForFunction(() => window.states.includes("reconnecting"));
    await page.waitForFunction(() => window.states.includes("reconnected"));
    await livekit.untilActive(room, "visitor");
    const text = nextText(agent.client, "lk.chat");
    await page.evaluate(() => window.room.localParticipant.sendText("back", { topic: "lk.chat" }));
    expect((await text).text).toBe("back");
  });

  it("learns why its token was refused", async () => {
    const page = await openPage();
    const refusal = (): Promise<string> =>
      page.evaluate(async (url) => {
        const room = new window.LivekitClient.Room();
        return room.connect(url, "not-a-token").then(
          () => "connected",
          (error: Error) => error.message,
        );
      }, livekit.url);
    // The client waits three seconds for an answer, and a busy machine may take longer: it is asked again.
    await eventually(async () => (await refusal()).includes("invalid authorization token"));
  });
});

async function openPage(): Promise<Page> {
  const context = await browser.newContext({ permissions: ["microphone", "camera"] });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  await page.goto(origin);
  return page;
}

interface JoinOptions extends Pick<VideoGrant, "canPublishSources"> {
  /** Whether one connection is to carry both directions. */
  readonly single?: boolean;
}

async function joinFromPage(
  room: string,
  identity: string,
  options: JoinOptions = {},
): Promise<Page> {
  const page = await openPage();
  await join(page, room, identity, options);
  return page;
}

async function join(
  page: Page,
  room: string,
  identity: string,
  { single = true, ...grant }: JoinOptions = {},
): Promise<void> {
  const token = await livekit.token(
    { room, roomJoin: true, canUpdateOwnMetadata: true, ...grant },
    { identity },
  );
  await page.evaluate(
    async ({ url, joinToken, singlePeerConnection }) => {
      const { Room: ClientRoom, RoomEvent: Event } = window.LivekitClient;
      window.room = new ClientRoom({ singlePeerConnection });
      window.texts = [];
      window.states = [];
      window.room.registerTextStreamHandler("lk.transcription", async (reader, from) => {
        const text = await reader.readAll();
        window.texts.push(`${from.identity}: ${text}`);
      });
      window.room.on(Event.Disconnected, (reason) => window.states.push(`gone ${reason}`));
      window.room.on(Event.Reconnecting, () => window.states.push("reconnecting"));
      window.room.on(Event.SignalReconnecting, () => window.states.push("reconnecting"));
      window.room.on(Event.Reconnected, () => window.states.push("reconnected"));
      // As patient as the test: a busy machine takes longer than the client would wait.
      const patient = { websocketTimeout: 45_000, peerConnectionTimeout: 45_000 };
      await window.room.connect(url, joinToken, patient);
    },
    { url: livekit.url, joinToken: token, singlePeerConnection: single },
  );
  await livekit.untilActive(room, identity);
}

/** The shade in the middle of what the page sees of a participant, 0 to 255, after some pictures. */
async function seenByPage(page: Page, identity: string): Promise<number> {
  return page.evaluate(async (who) => {
    const pause = () =>
      new Promise((resolve) => {
        setTimeout(resolve, 50);
      });
    const publication = () =>
      [...(window.room.remoteParticipants.get(who)?.videoTrackPublications.values() ?? [])][0];
    while (publication()?.track === undefined) await pause();
    const video = publication()?.track?.attach();
    if (!(video instanceof HTMLVideoElement)) throw new Error("no video");
    document.body.append(video);
    while (video.getVideoPlaybackQuality().totalVideoFrames < 10) await pause();
    const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
    const context = canvas.getContext("2d");
    context?.drawImage(video, 0, 0);
    return context?.getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data[0] ?? Number.NaN;
  }, identity);
}

/** The loudest frequency that the page hears from a participant, in hertz. */
async function heardByPage(page: Page, identity: string): Promise<number> {
  return page.evaluate(async (who) => {
    const publication = () =>
      [...(window.room.remoteParticipants.get(who)?.audioTrackPublications.values() ?? [])][0];
    while (publication()?.track === undefined)
      await new Promise((resolve) => {
        setTimeout(resolve, 50);
      });
    const track = publication()?.track;
    // Chromium decodes a remote track only while an element plays it.
    track?.attach();
    const context = new AudioContext();
    const analyser = new AnalyserNode(context, { fftSize: 8192 });
    const stream = new MediaStream(track === undefined ? [] : [track.mediaStreamTrack]);
    context.createMediaStreamSource(stream).connect(analyser);
    const levels = new Float32Array(analyser.frequencyBinCount);
    for (;;) {
      await new Promise((resolve) => {
        setTimeout(resolve, 300);
      });
      analyser.getFloatFrequencyData(levels);
      const loudest = levels.indexOf(Math.max(...levels));
      if ((levels[loudest] ?? -Infinity) > -50)
        return (loudest * context.sampleRate) / analyser.fftSize;
    }
  }, identity);
}
