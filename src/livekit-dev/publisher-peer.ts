import { SignalTarget } from "@livekit/protocol";
import type { DataChannel, Track } from "node-datachannel";
import { guarded, type Log } from "./guarded.js";
import { Peer, type DataKind, type PeerEvents } from "./peer.js";
import { pictureLoss, readControl, receiverReport, type ControlPacket } from "./rtcp.js";
import { extensionText, isRtp, payloadTypeOf, sequenceOf, ssrcOf } from "./rtp.js";
import { mediaSections, wholeAnswer, wireOffer, type MediaSection } from "./sdp.js";
import type { OutgoingSection } from "./sdp.js";

/** No client has so many streams; what comes after them belongs to nothing. */
const MAX_STREAMS = 1_000;

export interface PublisherEvents extends PeerEvents {
  data(kind: DataKind, bytes: Uint8Array): void;
  /** What the client sends has changed; `sections` are all sections of its latest offer. */
  sections(sections: readonly MediaSection[]): void;
  rtp(mid: string, packet: Buffer): void;
}

/** The connection on which a client sends: it makes the offers. */
export class PublisherPeer extends Peer {
  readonly #events: PublisherEvents;
  readonly #offers: { id: number; sections: readonly MediaSection[] }[] = [];
  /** The sections of the latest offer, and those that the streams belong to. */
  #sections = new Map<string, MediaSection>();
  readonly #midBySsrc = new Map<number, string>();
  /** The stream that came last on each section, and how far it is. */
  readonly #latest = new Map<string, { ssrc: number; sequence: number }>();
  #wire: Track | undefined;

  constructor(events: PublisherEvents, log: Log) {
    super(SignalTarget.PUBLISHER, events, log);
    this.#events = events;
    this.connection.onLocalDescription((sdp, type) => {
      const offer = this.#offers.shift();
      if (this.closed || offer === undefined || type !== "answer") return;
      const outgoing = this.outgoing();
      const midToTrackId = Object.fromEntries(
        [...outgoing].map(([mid, { trackId }]) => [mid, trackId]),
      );
      const answer = wholeAnswer(sdp, offer.sections, outgoing);

      events.description({ type: "answer", sdp: answer, id: offer.id, midToTrackId });
      this.answered();
    });
    this.connection.onDataChannel((channel) => {
      guarded(log, "opening a data channel", () => this.receiveData(channel));
    });
    this.connection.onTrack((track) => {
      guarded(log, "opening the media", () => this.#receiveMedia(track));
    });
  }

  applyOffer(sdp: string, id: number): void {
    if (this.closed) return;
    const sections = mediaSections(sdp);
    this.setRemote(wireOffer(sdp), "offer");
    this.#sections = new Map(sections.map((section) => [section.mid, section]));
    for (const { mid, ssrcs } of sections) for (const ssrc of ssrcs) this.#belongs(ssrc, mid);
    this.offered(sections);
    this.#offers.push({ id, sections });
    this.connection.setLocalDescription("answer");
    this.#events.sections(sections);
  }

  /** Asks the client for a whole picture of the video that it sends on a section. */
  requestKeyframe(mid: string): void {
    const latest = this.#latest.get(mid);
    // Until the first packet has come there is nothing to ask for: it begins a whole picture.
    if (latest !== undefined) this.sendMedia(pictureLoss(latest.ssrc));
  }

  protected override firstMid(): string {
    const [first = ""] = this.#sections.keys();
    return first;
  }

  /** An offer has come, and is about to be answered. */
  protected offered(_sections: readonly MediaSection[]): void {}

  /** What is sent on this connection too, by section. */
  protected outgoing(): ReadonlyMap<string, OutgoingSection> {
    return new Map();
  }

  protected answered(): void {}

  /** Media can flow, in both directions. */
  protected opened(): void {}

  protected get isOpen(): boolean {
    return !this.closed && this.#wire?.isOpen() === true;
  }

  protected sendMedia(packet: Buffer): void {
    if (this.isOpen) this.#wire?.sendMessageBinary(packet);
  }

  protected receiveData(channel: DataChannel): void {
    this.holdChannel(channel);
    const label = channel.getLabel();
    if (label !== "_reliable" && label !== "_lossy") return;
    channel.onMessage((message) => {
      if (this.closed || typeof message === "string") return;
      guarded(this.log, "a data message", () => this.#events.data(label, new Uint8Array(message)));
    });
  }

  protected receiveControl({ senderReports }: ControlPacket): void {
    for (const report of senderReports) {
      const latest = this.#latest.get(this.#midBySsrc.get(report.ssrc) ?? "");
      if (latest?.ssrc === report.ssrc) this.sendMedia(receiverReport(report, latest.sequence));
    }
  }

  #receiveMedia(track: Track): void {
    this.holdTrack(track);
    this.#wire = track;
    track.onOpen(() => this.opened());
    track.onMessage((packet) => {
      if (this.closed) return;
      guarded(this.log, "a media packet", () => {
        if (isRtp(packet)) this.#receiveRtp(packet);
        else this.receiveControl(readControl(packet));
      });
    });
  }

  #receiveRtp(packet: Buffer): void {
    const ssrc = ssrcOf(packet);
    const section = this.#sections.get(this.#midBySsrc.get(ssrc) ?? this.#namedMid(packet) ?? "");
    if (section === undefined || payloadTypeOf(packet) !== section.payloadType) return;
    this.#belongs(ssrc, section.mid);
    this.#latest.set(section.mid, { ssrc, sequence: sequenceOf(packet) });
    this.#events.rtp(section.mid, packet);
  }

  /** The section that a packet itself names: a stream's first ones do. */
  #namedMid(packet: Buffer): string | undefined {
    for (const { midExtension } of this.#sections.values()) {
      // It has the same number in all sections that share a connection.
      if (midExtension !== undefined) return extensionText(packet, midExtension);
    }
    return undefined;
  }

  #belongs(ssrc: number, mid: string): void {
    if (this.#midBySsrc.has(ssrc) || this.#midBySsrc.size < MAX_STREAMS) {
      this.#midBySsrc.set(ssrc, mid);
    }
  }
}
