import { RoomEvent, TrackSource as RtcSource, type RemoteTrack } from "@livekit/rtc-node";
import { TrackSource } from "livekit-server-sdk";
import { describe, expect, it } from "vitest";
import {
  eventually,
  heardFrequency,
  newRoomName,
  next,
  nextAudioTrack,
  nextVideoTrack,
  pause,
  publishPicture,
  publishTone,
  seenShade,
  useLiveKit,
} from "./support.js";

const livekit = useLiveKit();

/** What a codec makes of a shade. */
const CLOSE = 10;
const SOURCES = [
  RtcSource.SOURCE_MICROPHONE,
  RtcSource.SOURCE_CAMERA,
  RtcSource.SOURCE_SCREENSHARE,
];

describe("video", () => {
  it.each([
    ["camera", RtcSource.SOURCE_CAMERA, TrackSource.CAMERA],
    ["screen", RtcSource.SOURCE_SCREENSHARE, TrackSource.SCREEN_SHARE],
  ])("of a %s is seen by others as it looks", async (_name, source, known) => {
    const room = newRoomName();
    const visitor = await livekit.join(room, "visitor");
    const agent = await livekit.join(room, "agent");
    const seen = nextVideoTrack(agent.client);
    const picture = await publishPicture(visitor.me, 200, source);
    expect(Math.abs((await seenShade(await seen)) - 200)).toBeLessThan(CLOSE);
    const { tracks } = await livekit.rooms.getParticipant(room, "visitor");
    expect(tracks.map((track) => track.source)).toEqual([known]);
    await picture.stop();
  });

  it("is seen, beside the sound, by who comes when it has long begun", async () => {
    const room = newRoomName();
    const visitor = await livekit.join(room, "visitor");
    const tone = await publishTone(visitor.me, 700);
    const camera = await publishPicture(visitor.me, 60);
    const screen = await publishPicture(visitor.me, 220, RtcSource.SOURCE_SCREENSHARE);
    const first = await livekit.join(room, "first");
    await pause(3_000);
    const late = await livekit.join(room, "late");
    for (const { client } of [first, late]) {
      const track = (known: RtcSource): RemoteTrack | undefined =>
        [...(client.remoteParticipants.get("visitor")?.trackPublications.values() ?? [])].find(
          ({ source }) => source === known,
        )?.track;
      await eventually(() => SOURCES.every((source) => track(source) !== undefined));
      const [sound, near, far] = SOURCES.map(track);
      if (!sound || !near || !far) throw new Error("a track has gone");
      expect(await heardFrequency(sound)).toBeCloseTo(700, -1);
      expect(Math.abs((await seenShade(near)) - 60)).toBeLessThan(CLOSE);
      expect(Math.abs((await seenShade(far)) - 220)).toBeLessThan(CLOSE);
    }
    await tone.stop();
    await camera.stop();
    await screen.stop();
  });

  it("stops for others when its publisher takes it away, and comes again", async () => {
    const room = newRoomName();
    const visitor = await livekit.join(room, "visitor");
    const agent = await livekit.join(room, "agent");
    const picture = await publishPicture(visitor.me, 60);
    const gone = next(agent.client, RoomEvent.TrackUnpublished);
    await visitor.me.unpublishTrack(picture.publication.sid ?? "");
    await picture.stop();
    await gone;
    const seen = nextVideoTrack(agent.client);
    const again = await publishPicture(visitor.me, 220);
    expect(Math.abs((await seenShade(await seen)) - 220)).toBeLessThan(CLOSE);
    await again.stop();
  });

  it("is refused where the token does not name its source, and who would publish it is told", async () => {
    const room = newRoomName();
    const visitor = await livekit.join(room, "visitor", {
      canPublishSources: [TrackSource.MICROPHONE, TrackSource.SCREEN_SHARE],
    });
    const agent = await livekit.join(room, "agent");
    await expect(publishPicture(visitor.me, 60)).rejects.toThrow();
    const [heard, seen] = [nextAudioTrack(agent.client), nextVideoTrack(agent.client)];
    const tone = await publishTone(visitor.me, 700);
    const screen = await publishPicture(visitor.me, 220, RtcSource.SOURCE_SCREENSHARE);
    expect(await heardFrequency(await heard)).toBeCloseTo(700, -1);
    expect(Math.abs((await seenShade(await seen)) - 220)).toBeLessThan(CLOSE);
    await eventually(async () => {
      const { tracks } = await livekit.rooms.getParticipant(room, "visitor");
      return tracks.length === 2;
    });
    await tone.stop();
    await screen.stop();
  });
});
