import type { DataChannel } from "node-datachannel";
import { guarded, type Log } from "./guarded.js";
import { sendOn, type DataKind, type OutgoingTrack, type TrackOffer } from "./peer.js";
import { PublisherPeer, type PublisherEvents } from "./publisher-peer.js";
import type { ControlPacket } from "./rtcp.js";
import { CODECS, type MediaKind, type MediaSection, type OutgoingSection } from "./sdp.js";

/** How many of each kind. */
export type Places = Readonly<Record<MediaKind, number>>;

export interface SinglePeerEvents extends PublisherEvents {
  /** Connected, and both data channels are open. */
  ready(): void;
  /** The client is to make an offer with so many more sections to receive on; none: just an offer. */
  needsOffer(more: Places): void;
}

/** A track that is to be sent, with or without a section yet. */
interface Outgoing extends OutgoingSection {
  readonly offer: TrackOffer;
  mid: string | undefined;
  payloadType: number;
}

const KINDS: readonly MediaKind[] = ["audio", "video"];

/**
 * One connection for both directions, as newer clients have it: they make every offer, so what they
 * are to hear and see waits for a section of theirs that is free.
 */
export class SinglePeer extends PublisherPeer {
  readonly #single: SinglePeerEvents;
  readonly #channels = new Map<DataKind, DataChannel>();
  readonly #outgoing = new Set<Outgoing>();
  readonly #free = { audio: 0, video: 0 };
  readonly #asked = { audio: 0, video: 0 };
  /** The sections that the last answer sends on: who is to see an end must see it before something else begins there. */
  #used: ReadonlySet<string | undefined> = new Set();
  #nextSsrc = 1_000;

  constructor(events: SinglePeerEvents, log: Log) {
    super(events, log);
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

  /** Sends a track once the client has made place for it. */
  addTrack(offer: TrackOffer): OutgoingTrack {
    const outgoing: Outgoing = {
      offer,
      ssrc: this.#nextSsrc,
      streamId: `${offer.participantSid}|${offer.trackSid}`,
      trackId: offer.trackSid,
      mid: undefined,
      payloadType: CODECS[offer.kind].payloadType,
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
        if (outgoing.mid !== undefined) this.sendMedia(packet);
      },
      close: () => {
        if (!this.#outgoing.delete(outgoing) || this.closed) return;
        this.#single.needsOffer({ audio: 0, video: 0 });
      },
    };
  }

  protected override offered(sections: readonly MediaSection[]): void {
    const taken = new Set([...this.#used, ...this.#mids()]);
    for (const kind of KINDS) {
      const free = sections.filter(
        (section) =>
          section.kind === kind && section.receiving && !section.sending && !taken.has(section.mid),
      );
      for (const outgoing of this.#waiting(kind)) {
        const section = free.shift();
        if (section === undefined) break;
        outgoing.mid = section.mid;
        outgoing.payloadType = section.payloadType ?? outgoing.payloadType;
      }
      this.#free[kind] = free.length;
      this.#asked[kind] = 0;
    }
    this.#used = new Set(this.#mids());
  }

  protected override outgoing(): ReadonlyMap<string, OutgoingSection> {
    return new Map(
      [...this.#outgoing].flatMap((one) =>
        one.mid === undefined ? [] : [[one.mid, one] as const],
      ),
    );
  }

  protected override answered(): void {
    if (this.isOpen) this.opened();
    if ([...this.#outgoing].some(({ mid }) => mid === undefined)) this.#ask();
  }

  protected override opened(): void {
    for (const { mid, offer } of this.#outgoing) {
      if (mid !== undefined) guarded(this.log, "opening a track", () => offer.opened());
    }
  }

  protected override receiveData(channel: DataChannel): void {
    super.receiveData(channel);
    const label = channel.getLabel();
    if (label !== "_reliable" && label !== "_lossy") return;
    this.#channels.set(label, channel);
    if (this.#channels.size === 2) guarded(this.log, "joining", () => this.#single.ready());
  }

  protected override receiveControl(control: ControlPacket): void {
    super.receiveControl(control);
    for (const { ssrc, offer } of this.#outgoing) {
      if (control.keyframes.includes(ssrc)) offer.keyframe();
    }
  }

  #mids(): (string | undefined)[] {
    return [...this.#outgoing].map(({ mid }) => mid);
  }

  #waiting(kind: MediaKind): Outgoing[] {
    return [...this.#outgoing].filter(({ mid, offer }) => mid === undefined && offer.kind === kind);
  }

  #ask(): void {
    const more = { audio: 0, video: 0 };
    for (const kind of KINDS) {
      const missing = this.#waiting(kind).length - this.#free[kind] - this.#asked[kind];
      more[kind] = Math.max(0, missing);
      this.#asked[kind] += more[kind];
    }
    this.#single.needsOffer(more);
  }
}
