import { EventEmitter } from "node:events";
import {
  RoomEvent,
  TrackSource,
  VideoBufferType,
  VideoFrame,
  VideoRotation,
  type Room,
} from "@livekit/rtc-node";
import sharp from "sharp";
import { expect, test, vi } from "vitest";
import { Vision, type FrameStream, type VisionOptions } from "../../src/agent/vision.js";

type Given = NonNullable<
  Awaited<ReturnType<ReturnType<FrameStream["getReader"]>["read"]>>["value"]
>;

/** Frames that come when a test says so, in a stream as LiveKit's are: who reads it has locked it. */
class FakeStream extends ReadableStream<Given> {
  isCancelled = false;
  private readonly add: (frame: Given) => void;

  constructor() {
    let add: (frame: Given) => void = () => {};
    super({
      start: (controller) => {
        add = (frame) => controller.enqueue(frame);
      },
      cancel: () => {
        this.isCancelled = true;
      },
    });
    this.add = add;
  }

  give(width: number, height: number, rotation = VideoRotation.VIDEO_ROTATION_0): void {
    const data = new Uint8Array(width * height * 4);
    const frame = { convert: () => new VideoFrame(data, width, height, VideoBufferType.RGBA) };
    this.add({ frame, rotation });
  }
}

class FakeRoom extends EventEmitter {
  readonly remoteParticipants = new Map();
}

const BOTH = { video_input: true, screen_share: true };
const VISITOR = { identity: "visitor" };

function look(vision: VisionOptions["vision"] = BOTH) {
  const room = new FakeRoom();
  const streams: FakeStream[] = [];
  const open = (): FakeStream => {
    const stream = new FakeStream();
    streams.push(stream);
    return stream;
  };
  const eyes = new Vision({ room: room as unknown as Room, identity: "visitor", vision, open });
  const show = (sid: string, source: TrackSource, who = VISITOR) => {
    const publication = { source, muted: false, setSubscribed: vi.fn<() => void>() };
    room.emit(RoomEvent.TrackPublished, publication, who);
    const isTaken = publication.setSubscribed.mock.calls.length > 0;
    if (isTaken) room.emit(RoomEvent.TrackSubscribed, { sid }, publication, who);
    return { publication, isTaken, stream: streams.at(-1) };
  };
  return { room, eyes, show };
}

async function sizeOf(eyes: Vision): Promise<string | undefined> {
  // The frames are read as they come.
  await new Promise((resolve) => setImmediate(resolve));
  const image = (await eyes.picture())?.image;
  if (typeof image !== "string") return undefined;
  expect(image).toMatch(/^data:image\/jpeg;base64,/);
  const { width, height } = await sharp(
    Buffer.from(image.split(",")[1] ?? "", "base64"),
  ).metadata();
  return `${width}x${height}`;
}

test("nothing shown is no picture", async () => {
  const { eyes, show } = look();
  expect(await eyes.picture()).toBeUndefined();
  show("a", TrackSource.SOURCE_CAMERA);
  expect(await sizeOf(eyes)).toBeUndefined();
});

test("the newest frame is the picture, small, upright and a JPEG", async () => {
  const { eyes, show } = look();
  const { stream } = show("a", TrackSource.SOURCE_CAMERA);
  await new Promise((resolve) => setImmediate(resolve));
  stream?.give(64, 48);
  expect(await sizeOf(eyes)).toBe("64x48");
  stream?.give(2560, 1440);
  expect(await sizeOf(eyes)).toBe("1280x720");
  stream?.give(64, 48, VideoRotation.VIDEO_ROTATION_90);
  expect(await sizeOf(eyes)).toBe("48x64");
});

test("of camera and screen what was turned on last is seen, and nothing that was turned off", async () => {
  const { eyes, room, show } = look();
  const camera = show("a", TrackSource.SOURCE_CAMERA);
  const screen = show("b", TrackSource.SOURCE_SCREENSHARE);
  await new Promise((resolve) => setImmediate(resolve));
  screen.stream?.give(80, 60);
  camera.stream?.give(64, 48);
  expect(await sizeOf(eyes)).toBe("80x60");
  room.emit(RoomEvent.TrackUnsubscribed, { sid: "b" });
  expect(await sizeOf(eyes)).toBe("64x48");
  camera.publication.muted = true;
  expect(await sizeOf(eyes)).toBeUndefined();
});

test("only what the version may see is asked for, and only of the visitor", () => {
  expect(look({}).show("a", TrackSource.SOURCE_CAMERA).isTaken).toBe(false);
  const { show } = look({ video_input: true });
  expect(show("a", TrackSource.SOURCE_SCREENSHARE).isTaken).toBe(false);
  expect(show("b", TrackSource.SOURCE_MICROPHONE).isTaken).toBe(false);
  expect(show("c", TrackSource.SOURCE_CAMERA, { identity: "listener" }).isTaken).toBe(false);
  expect(show("d", TrackSource.SOURCE_CAMERA).isTaken).toBe(true);
});

test("nothing is seen after the end", async () => {
  const { eyes, show } = look();
  const { stream } = show("a", TrackSource.SOURCE_CAMERA);
  eyes.close();
  expect(stream?.isCancelled).toBe(true);
  expect(await eyes.picture()).toBeUndefined();
  expect(show("b", TrackSource.SOURCE_CAMERA).isTaken).toBe(false);
});
