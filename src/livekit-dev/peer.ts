import { SignalTarget } from "@livekit/protocol";
import { Audio, PeerConnection, Video, type DataChannel, type Track } from "node-datachannel";
import { z } from "zod";
import { guarded, type Log } from "./guarded.js";
import { readControl } from "./rtcp.js";
import { isRtp } from "./rtp.js";
import { CODECS, withoutCandidates, type MediaKind } from "./sdp.js";

export type DataKind = "_reliable" | "_lossy";

const OPUS_FORMAT = "minptime=10;useinbandfec=1";

/** Data waiting for a slow client, in bytes: lossy data is dropped early, a stuck client late. */
const LOSSY_BUFFER_BYTES = 1024 * 1024;
const RELIABLE_BUFFER_BYTES = 32 * 1024 * 1024;

/** A session description of ours, to be sent to the client. */
export interface LocalDescription {
  readonly type: "offer" | "answer";
  readonly sdp: string;
  readonly id: number;
  readonly midToTrackId: Record<string, string>;
}

export interface PeerEvents {
  description(description: LocalDescription): void;
  /** `candidate` is an RTCIceCandidateInit as JSON. */
  candidate(target: SignalTarget, candidate: string): void;
  failed(): void;
}

export interface SubscriberEvents extends PeerEvents {
  /** Connected, and both data channels are open. */
  ready(): void;
}

const candidateInit = z.object({ candidate: z.string(), sdpMid: z.string().nullish() });

/**
 * One WebRTC connection with a client. node-datachannel lets go of a connection, channel or track
 * only when each has its own "closed" callback and is closed by us: else the process cannot exit.
 */
export abstract class Peer {
  protected readonly connection: PeerConnection;
  protected readonly log: Log;
  protected closed = false;
  readonly #target: SignalTarget;
  readonly #events: PeerEvents;
  readonly #channels = new Set<DataChannel>();
  readonly #tracks = new Set<Track>();
  readonly #waiting: { candidate: string; mid: string }[] = [];
  /**
   * Our own addresses, kept back until the remote description is set. A client that begins its
   * DTLS handshake while libdatachannel is still setting it is refused as unknown.
   */
  readonly #held: string[] = [];
  #described = false;

  constructor(target: SignalTarget, events: PeerEvents, log: Log) {
    this.#target = target;
    this.#events = events;
    this.log = log;
    this.connection = new PeerConnection(SignalTarget[target], {
      iceServers: [],
      // Without it a connection that began with data only never opens tracks added later.
      forceMediaTransport: true,
      disableAutoNegotiation: true,
    });
    this.connection.onStateChange((state) => {
      if (state === "failed" && !this.closed) guarded(log, "peer failure", () => events.failed());
    });
    this.connection.onLocalCandidate((candidate) => {
      const init = JSON.stringify({ candidate, sdpMid: this.firstMid(), sdpMLineIndex: 0 });
      if (this.#described) this.#sendCandidate(init);
      else this.#held.push(init);
    });
  }

  /** The client's first section, whose transport all share: Chromium takes our addresses by no other name. */
  protected abstract firstMid(): string;

  /** Takes a client's ICE candidate; those that cannot be used here are passed over. */
  addCandidate(init: string): void {
    const { candidate, sdpMid } = candidateInit.parse(JSON.parse(init));
    // Hidden (mDNS) names cost a lookup and tell nothing: the client's own checks reveal its address.
    if (this.closed || candidate === "" || / tcp |\.local /i.test(candidate)) return;
    if (this.#described) this.connection.addRemoteCandidate(candidate, sdpMid ?? "0");
    else if (this.#waiting.length < 100) this.#waiting.push({ candidate, mid: sdpMid ?? "0" });
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    const parts = [...this.#tracks, ...this.#channels, this.connection];
    this.#tracks.clear();
    this.#channels.clear();
    for (const part of parts) guarded(this.log, "closing a peer", () => part.close());
  }

  protected setRemote(sdp: string, type: "offer" | "answer"): void {
    this.connection.setRemoteDescription(sdp, type);
    if (this.#described) return;
    this.#described = true;
    for (const { candidate, mid } of this.#waiting.splice(0)) {
      guarded(this.log, "a candidate", () => this.connection.addRemoteCandidate(candidate, mid));
    }
    for (const init of this.#held.splice(0)) this.#sendCandidate(init);
  }

  #sendCandidate(init: string): void {
    if (!this.closed) this.#events.candidate(this.#target, init);
  }

  protected holdChannel(channel: DataChannel): void {
    this.#channels.add(channel);
    channel.onClosed(() => this.#channels.delete(channel));
    channel.onError((error) => this.log.debug({ error }, "embedded LiveKit: data channel error"));
  }

  protected holdTrack(track: Track): void {
    this.#tracks.add(track);
    track.onClosed(() => this.#tracks.delete(track));
    track.onError((error) => this.log.debug({ error }, "embedded LiveKit: track error"));
  }

  protected releaseTrack(track: Track): void {
    this.#tracks.delete(track);
    track.close();
  }
}

/** Returns false when the client is so far behind that it must be given up. */
export function sendOn(channel: DataChannel, kind: DataKind, bytes: Uint8Array): boolean {
  if (!channel.isOpen()) return true;
  const waiting = channel.bufferedAmount();
  if (kind === "_lossy" && waiting > LOSSY_BUFFER_BYTES) return true;
  if (waiting > RELIABLE_BUFFER_BYTES) return false;
  channel.sendMessageBinary(bytes);
  return true;
}

/** A track that a subscriber is to get. */
export interface TrackOffer {
  readonly kind: MediaKind;
  readonly participantSid: string;
  readonly trackSid: string;
  /** Its media can flow. */
  opened(): void;
  /** The subscriber needs a whole picture. */
  keyframe(): void;
}

/** One track on its way to a subscriber. */
export interface OutgoingTrack {
  readonly ssrc: number;
  readonly payloadType: number;
  send(packet: Buffer): void;
  close(): void;
}

/** How libdatachannel names the section of the data, which every offer of ours begins with. */
const DATA_MID = "0";

/** The connection on which a client receives: we make the offers. */
export class SubscriberPeer extends Peer {
  readonly #events: SubscriberEvents;
  readonly #channels: Record<DataKind, DataChannel>;
  readonly #trackIds = new Map<string, string>();
  #offerId = 0;
  #nextMid = 1;
  #nextSsrc = 1_000;
  #negotiating = false;
  #again = false;
  #opened = 0;

  constructor(events: SubscriberEvents, log: Log) {
    super(SignalTarget.SUBSCRIBER, events, log);
    this.#events = events;
    this.connection.onLocalDescription((sdp, type) => {
      if (this.closed || type !== "offer") return;
      const midToTrackId = Object.fromEntries(this.#trackIds);
      const offer = withoutCandidates(sdp);
      events.description({ type: "offer", sdp: offer, id: this.#offerId, midToTrackId });
    });
    this.#channels = {
      _reliable: this.#openChannel("_reliable", {}),
      _lossy: this.#openChannel("_lossy", { unordered: true, maxRetransmits: 0 }),
    };
  }

  /** Sends an offer, or another one once the client has answered the one under way. */
  negotiate(): void {
    if (this.closed) return;
    if (this.#negotiating) {
      this.#again = true;
      return;
    }
    this.#negotiating = true;
    this.#offerId += 1;
    this.connection.setLocalDescription("offer");
  }

  applyAnswer(sdp: string, id: number): void {
    if (this.closed || !this.#negotiating) return;
    // Older clients leave the id at zero.
    if (id !== 0 && id !== this.#offerId) return;
    this.setRemote(sdp, "answer");
    this.#negotiating = false;
    if (!this.#again) return;
    this.#again = false;
    this.negotiate();
  }

  /** Returns false when the client is so far behind that it must be given up. */
  sendData(kind: DataKind, bytes: Uint8Array): boolean {
    const channel = this.#channels[kind];
    return this.closed || sendOn(channel, kind, bytes);
  }

  protected override firstMid(): string {
    return DATA_MID;
  }

  addTrack({ kind, participantSid, trackSid, opened, keyframe }: TrackOffer): OutgoingTrack {
    const mid = String(this.#nextMid);
    const ssrc = this.#nextSsrc;
    this.#nextMid += 1;
    this.#nextSsrc += 1;
    const media = describe(kind, mid);
    media.addSSRC(ssrc, participantSid, `${participantSid}|${trackSid}`, trackSid);
    const track = this.connection.addTrack(media);
    this.holdTrack(track);
    track.onOpen(() => guarded(this.log, "opening a track", opened));
    // Unread, they would pile up.
    track.onMessage((packet) => {
      if (this.closed || isRtp(packet)) return;
      guarded(this.log, "a report", () => {
        if (readControl(packet).keyframes.includes(ssrc)) keyframe();
      });
    });
    this.#trackIds.set(mid, trackSid);
    this.negotiate();
    return {
      ssrc,
      payloadType: CODECS[kind].payloadType,
      send: (packet) => {
        if (!this.closed && track.isOpen()) track.sendMessageBinary(packet);
      },
      close: () => {
        if (this.closed) return;
        this.#trackIds.delete(mid);
        this.releaseTrack(track);
        this.negotiate();
      },
    };
  }

  #openChannel(
    label: DataKind,
    reliability: { unordered?: boolean; maxRetransmits?: number },
  ): DataChannel {
    const channel = this.connection.createDataChannel(label, reliability);
    this.holdChannel(channel);
    channel.onMessage(() => {});
    channel.onOpen(() => {
      this.#opened += 1;
      if (this.#opened === 2 && !this.closed)
        guarded(this.log, "joining", () => this.#events.ready());
    });
    return channel;
  }
}

function describe(kind: MediaKind, mid: string): Audio | Video {
  const { payloadType } = CODECS[kind];
  if (kind === "audio") {
    const audio = new Audio(mid, "SendOnly");
    audio.addOpusCodec(payloadType, OPUS_FORMAT);
    return audio;
  }
  const video = new Video(mid, "SendOnly");
  video.addVP8Codec(payloadType);
  return video;
}
