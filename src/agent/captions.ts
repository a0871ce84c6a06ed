import { randomUUID } from "node:crypto";
import type { LocalParticipant } from "@livekit/rtc-node";
import {
  CAPTION_TOPIC,
  FINAL_ATTRIBUTE,
  SEGMENT_ATTRIBUTE,
  TRACK_ATTRIBUTE,
} from "../protocol/room-words.js";

/** The agent's words, on their way out. */
interface Segment {
  write(piece: string): Promise<void>;
  close(): Promise<void>;
}

/** Sends words as LiveKit's own agents do, so that its ready-made interfaces understand them. */
export class Captions {
  constructor(private readonly me: LocalParticipant) {}

  /**
   * One stream is one segment of the agent's words, complete when it ends.
   *
   * @param id the segment's: what is said anew under it takes the place of what was broken off.
   * @param trackSid if they are spoken too.
   */
  async open(id: string, trackSid?: string): Promise<Segment> {
    const writer = await this.me.streamText({
      topic: CAPTION_TOPIC,
      senderIdentity: this.me.identity,
      attributes: attributes(id, "false", trackSid),
    });
    return { write: (piece) => writer.write(piece), close: () => writer.close() };
  }

  /** What the visitor said by voice, under the visitor's name. */
  async visitor(identity: string, text: string, trackSid: string | undefined): Promise<void> {
    const writer = await this.me.streamText({
      topic: CAPTION_TOPIC,
      senderIdentity: identity,
      attributes: attributes(randomUUID(), "true", trackSid),
    });
    await writer.write(text);
    await writer.close();
  }
}

function attributes(
  id: string,
  final: "true" | "false",
  trackSid?: string,
): Record<string, string> {
  return {
    [SEGMENT_ATTRIBUTE]: `SG_${id}`,
    [FINAL_ATTRIBUTE]: final,
    ...(trackSid === undefined ? {} : { [TRACK_ATTRIBUTE]: trackSid }),
  };
}
