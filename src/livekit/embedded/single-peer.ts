import type { DataChannel, Track } from "node-datachannel";
import { guarded, type Log } from "./log.js";
import {
  OPUS_PAYLOAD_TYPE,
  PublisherPeer,
  sendOn,
  type DataKind,
  type OutgoingTrack,
  type PublisherEvents,
} from "./peer.js";
import type { MediaSection, OutgoingSection } from "./sdp.js";

export interface SinglePeerEvents extends PublisherEvents {
  /** Connected, and both data channels are open. */
  ready(): void;
  /** The client is to make an offer with so many more sections to receive audio on; zero: just an offer. */
  needsOffer(moreAudioSections: number): void;
}

/** A track that is to be sent, with or without a section yet. */
interface Outgoing extends OutgoingSection {
  mid: string | undefined;
  payloadType: number;
  readonly opened: () => void;
}

/**
 * One connection for both directions, as newer clients have it: they make every offer, so what they
 * are to hear waits for a section of theirs that is free.
 */
export class SinglePeer extends PublisherPeer {
  readonly #single: SinglePeerEvents;
  readonly #channels = new Map<DataKind, DataChannel>();
  readonly #media = new Map<string, Track>();
  readonly #outgoing = new Set<Outgoing>();
  #free = 0;
  #asked = 0;
  #nextSsrc = 1_000;

  constructor(events: SinglePeerEvents, log: Log) {
    super(events, log, "sendrecv");
    this.#single = events;
  }

  /** The client makes the first offer, too. */
  negotiate(): void {}

  /** Nobody answers who makes no offer. */
  applyAnswer(): void {}

  /** Returns false when the client is so far behind that it must be given up. */
  sendData(kind: DataKind, bytes: Uint8Array): boolean {
    const channel = this.#channels.get(kind);
    return this.closed || channel === undefined || sendOn(channel, kind, bytes);
  }

  /** Sends an audio track once the client has made place for it; `opened` is called when its media can flow. */
  addAudio(participantSid: string, trackSid: string, opened: () => void): OutgoingTrack {
    const outgoing: Outgoing = {
      ssrc: this.#nextSsrc,
      streamId: `${participantSid}|${trackSid}`,
      trackId: trackSid,
      mid: undefined,
      payloadType: OPUS_PAYLOAD_TYPE,
      opened,
    };
    this.#nextSsrc += 1;
    this.#outgoing.add(outgoing);
    this.#ask();
    return {
      ssrc: outgoing.ssrc,
      get payloadType() {
        return outgoing.payloadType;
      },
      send: (packet) => {
        const track = this.#media.get(outgoing.mid ?? "");
        if (!this.closed && track?.isOpen() === true) track.sendMessageBinary(packet);
      },
      close: () => {
        if (!this.#outgoing.delete(outgoing) || this.closed) return;
        this.#single.needsOffer(0);
      },
    };
  }

  protected override offered(sections: readonly MediaSection[]): void {
    this.#asked = 0;
    const taken = new Set([...this.#outgoing].map(({ mid }) => mid));
    const free = sections.filter(
      ({ kind, receiving, sending, mid }) =>
        kind === "audio" && receiving && !sending && !taken.has(mid),
    );
    for (const outgoing of this.#outgoing) {
      if (outgoing.mid !== undefined) continue;
      const section = free.shift();
      if (section === undefined) break;
      outgoing.mid = section.mid;
      outgoing.payloadType = section.opusPayloadType ?? OPUS_PAYLOAD_TYPE;
    }
    this.#free = free.length;
  }

  protected override outgoing(): ReadonlyMap<string, OutgoingSection> {
    return new Map(
      [...this.#outgoing].flatMap((one) =>
        one.mid === undefined ? [] : [[one.mid, one] as const],
      ),
    );
  }

  protected override answered(): void {
    for (const outgoing of this.#outgoing) this.#tellOpen(outgoing);
    if ([...this.#outgoing].some(({ mid }) => mid === undefined)) this.#ask();
  }

  protected override receiveMedia(track: Track): void {
    super.receiveMedia(track);
    this.#media.set(track.mid(), track);
    track.onOpen(() => {
      for (const outgoing of this.#outgoing) {
        if (outgoing.mid === track.mid()) this.#tellOpen(outgoing);
      }
    });
  }

  protected override receiveData(channel: DataChannel): void {
    super.receiveData(channel);
    const label = channel.getLabel();
    if (label !== "_reliable" && label !== "_lossy") return;
    this.#channels.set(label, channel);
    if (this.#channels.size === 2) guarded(this.log, "joining", () => this.#single.ready());
  }

  #tellOpen(outgoing: Outgoing): void {
    const track = this.#media.get(outgoing.mid ?? "");
    if (track?.isOpen() === true) guarded(this.log, "opening a track", outgoing.opened);
  }

  #ask(): void {
    const waiting = [...this.#outgoing].filter(({ mid }) => mid === undefined).length;
    const more = Math.max(0, waiting - this.#free - this.#asked);
    this.#asked += more;
    this.#single.needsOffer(more);
  }
}
