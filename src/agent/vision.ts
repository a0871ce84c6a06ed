import { llm } from "@livekit/agents";
import {
  RoomEvent,
  TrackSource,
  VideoBufferType,
  VideoStream,
  type RemoteParticipant,
  type RemoteTrack,
  type RemoteTrackPublication,
  type Room,
  type VideoFrameEvent,
} from "@livekit/rtc-node";
import sharp from "sharp";
import type { AgentConfig } from "../protocol/agent-config.js";

/** Enough to read a screen by, and small for a request. */
const LONGEST_SIDE = 1_280;
const JPEG_QUALITY = 75;

type Frame = Pick<VideoFrameEvent, "rotation"> & {
  readonly frame: Pick<VideoFrameEvent["frame"], "convert">;
};

/** The frames of a track, as they come. */
export interface FrameStream {
  getReader(): FrameReader;
}

/** Whoever reads a stream is the only one who may end it. */
interface FrameReader {
  read(): Promise<{ readonly done: boolean; readonly value?: Frame | undefined }>;
  cancel(): Promise<void>;
}

interface Shown {
  readonly publication: RemoteTrackPublication;
  readonly frames: FrameReader;
  newest?: Frame;
}

export interface VisionOptions {
  readonly room: Room;
  /** The visitor's. */
  readonly identity: string;
  readonly vision: AgentConfig["vision"];
  /** LiveKit's own unless told. */
  readonly open?: (track: RemoteTrack) => FrameStream;
}

/**
 * What the visitor shows, where the version may see it (contract section 7): of camera and screen the one that was
 * turned on last, and of that the newest frame alone. Earlier ones are gone, and none is stored.
 */
export class Vision {
  /** By track, in the order in which they were turned on. */
  private readonly shown = new Map<string, Shown>();
  private readonly sources: ReadonlySet<TrackSource | undefined>;

  constructor(private readonly options: VisionOptions) {
    const { video_input: camera, screen_share: screen } = options.vision ?? {};
    this.sources = new Set([
      ...(camera ? [TrackSource.SOURCE_CAMERA] : []),
      ...(screen ? [TrackSource.SOURCE_SCREENSHARE] : []),
    ]);
    if (this.sources.size === 0) return;
    const { room, identity } = options;
    room.on(RoomEvent.TrackPublished, this.subscribe);
    room.on(RoomEvent.TrackSubscribed, this.watch);
    room.on(RoomEvent.TrackUnsubscribed, this.forget);
    const visitor = room.remoteParticipants.get(identity);
    for (const publication of visitor?.trackPublications.values() ?? [])
      if (visitor) this.subscribe(publication, visitor);
  }

  /** @returns what the visitor shows at this moment, as JPEG; undefined: nothing. */
  async picture(): Promise<llm.ImageContent | undefined> {
    const newest = [...this.shown.values()].findLast(
      ({ publication }) => !publication.muted,
    )?.newest;
    if (!newest) return undefined;
    const { data, width, height } = newest.frame.convert(VideoBufferType.RGBA);
    const jpeg = await sharp(data, { raw: { width, height, channels: 4 } })
      // Quarters of a turn: a telephone is held upright.
      .rotate(newest.rotation * 90)
      .resize(LONGEST_SIDE, LONGEST_SIDE, { fit: "inside", withoutEnlargement: true })
      .jpeg({ quality: JPEG_QUALITY })
      .toBuffer();
    return llm.createImageContent({
      image: `data:image/jpeg;base64,${jpeg.toString("base64")}`,
      inferenceDetail: "auto",
    });
  }

  close(): void {
    const { room } = this.options;
    room.off(RoomEvent.TrackPublished, this.subscribe);
    room.off(RoomEvent.TrackSubscribed, this.watch);
    room.off(RoomEvent.TrackUnsubscribed, this.forget);
    for (const { frames } of this.shown.values()) void frames.cancel().catch(() => undefined);
    this.shown.clear();
  }

  private readonly subscribe = (
    publication: RemoteTrackPublication,
    who: RemoteParticipant,
  ): void => {
    if (who.identity === this.options.identity && this.sources.has(publication.source))
      publication.setSubscribed(true);
  };

  private readonly watch = (
    track: RemoteTrack,
    publication: RemoteTrackPublication,
    who: RemoteParticipant,
  ): void => {
    if (who.identity !== this.options.identity || !this.sources.has(publication.source)) return;
    const { open = (one: RemoteTrack): FrameStream => new VideoStream(one) } = this.options;
    const shown: Shown = { publication, frames: open(track).getReader() };
    this.shown.set(track.sid ?? "", shown);
    void keepNewest(shown).catch(() => undefined);
  };

  private readonly forget = (track: RemoteTrack): void => {
    this.shown.delete(track.sid ?? "");
  };
}

async function keepNewest(shown: Shown): Promise<void> {
  for (;;) {
    const { done, value } = await shown.frames.read();
    if (done || !value) return;
    shown.newest = value;
  }
}
