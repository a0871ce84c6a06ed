import {
  DataPacket,
  DataPacket_Kind,
  DisconnectReason,
  LeaveRequest,
  LeaveRequest_Action,
  MediaSectionsRequirement,
  ParticipantInfo,
  ParticipantInfo_Kind,
  ParticipantInfo_State,
  ParticipantPermission,
  SessionDescription,
  SignalResponse,
  SignalTarget,
  SimulcastCodecInfo,
  SubscriptionResponse,
  TrackInfo,
  TrackPublishedResponse,
  TrackSource,
  TrackSubscribed,
  TrackType,
  TrackUnpublishedResponse,
  TrickleRequest,
  VideoLayer,
  VideoQuality,
  type AddTrackRequest,
} from "@livekit/protocol";
import type { Log } from "./guarded.js";
import { fitsMetadata, fitsName } from "./bounds.js";
import { SubscriberPeer, type DataKind, type LocalDescription } from "./peer.js";
import { PublisherPeer } from "./publisher-peer.js";
import { CODECS, type MediaKind, type MediaSection } from "./sdp.js";
import { newSid } from "./sid.js";
import { SinglePeer, type Places } from "./single-peer.js";
import { permissionOf, type Claims } from "./tokens.js";
import { PublishedTrack, Subscription } from "./track.js";

/** A message for a client, without the wrapper around it. */
export type SignalMessage = SignalResponse["message"];

/** The WebSocket by which a participant joined. */
export interface SignalLink {
  send(bytes: Uint8Array): void;
  close(): void;
}

/** What a participant tells its room. */
export interface ParticipantEvents {
  active(participant: Participant): void;
  failed(participant: Participant): void;
  data(sender: Participant, kind: DataKind, packet: DataPacket): void;
  trackPublished(publisher: Participant, track: PublishedTrack): void;
  trackUnpublished(publisher: Participant, track: PublishedTrack): void;
}

export interface JoinOptions {
  readonly autoSubscribe: boolean;
  /** The client's own protocol number, which others need to choose how to call it. */
  readonly clientProtocol: number;
  /** Whether one connection carries both directions; then perhaps with the client's first offer. */
  readonly single: boolean;
  readonly offer?: SessionDescription | undefined;
}

/** A change of a participant's own description; what is absent stays. */
export interface ProfileChange {
  readonly name?: string;
  readonly metadata?: string;
  /** Merged into the attributes; an empty value removes one. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** Someone in a room: two WebRTC connections, one WebSocket, and what it publishes and hears. */
export class Participant {
  readonly sid = newSid("PA_");
  readonly claims: Claims;
  readonly options: JoinOptions;
  readonly tracks = new Map<string, PublishedTrack>();
  readonly subscriptions = new Map<string, Subscription>();
  state = ParticipantInfo_State.JOINING;
  /** Its WebSocket broke: its place is held, whatever becomes of its connections. */
  isLost = false;
  disconnectReason = DisconnectReason.UNKNOWN_REASON;
  name: string;
  metadata: string;
  attributes: Record<string, string>;
  permission: ParticipantPermission;
  readonly #link: SignalLink;
  readonly #events: ParticipantEvents;
  readonly #log: Log;
  readonly #publisher: PublisherPeer;
  readonly #subscriber: SubscriberPeer | SinglePeer;
  readonly #announced = new Map<string, TrackInfo>();
  readonly #joinedAt = Date.now();
  #sections: readonly MediaSection[] = [];
  #version = 0;

  constructor(
    claims: Claims,
    options: JoinOptions,
    link: SignalLink,
    events: ParticipantEvents,
    log: Log,
  ) {
    this.claims = claims;
    this.options = options;
    this.name = claims.name;
    this.metadata = claims.metadata;
    this.attributes = { ...claims.attributes };
    this.permission = permissionOf(claims.video);
    this.#link = link;
    this.#events = events;
    this.#log = log;
    const shared = {
      description: (description: LocalDescription) => this.#sendDescription(description),
      candidate: (target: SignalTarget, candidateInit: string) =>
        this.send({ case: "trickle", value: new TrickleRequest({ target, candidateInit }) }),
      failed: () => {
        if (!this.isLost) events.failed(this);
      },
    };
    const incoming = {
      ...shared,
      data: (kind: DataKind, bytes: Uint8Array) => this.#receiveData(kind, bytes),
      sections: (sections: readonly MediaSection[]) => {
        this.#sections = sections;
        this.#matchTracks();
      },
      rtp: (mid: string, packet: Buffer) => this.#trackAt(mid)?.forward(packet),
    };
    const ready = (): void => this.#becomeActive();
    if (options.single) {
      const needsOffer = ({ audio, video }: Places): void => {
        const value = new MediaSectionsRequirement({ numAudios: audio, numVideos: video });
        this.send({ case: "mediaSectionsRequirement", value });
      };
      const peer = new SinglePeer({ ...incoming, ready, needsOffer }, log);
      this.#publisher = peer;
      this.#subscriber = peer;
    } else {
      this.#publisher = new PublisherPeer(incoming, log);
      this.#subscriber = new SubscriberPeer({ ...shared, ready }, log);
    }
  }

  get identity(): string {
    return this.claims.identity;
  }

  get isAgent(): boolean {
    return this.claims.kind === ParticipantInfo_Kind.AGENT;
  }

  get isActive(): boolean {
    return this.state === ParticipantInfo_State.ACTIVE;
  }

  get isGone(): boolean {
    return this.state === ParticipantInfo_State.DISCONNECTED;
  }

  /** How others see it now. Each call that follows a change carries a higher version. */
  info(): ParticipantInfo {
    return new ParticipantInfo({
      sid: this.sid,
      identity: this.identity,
      state: this.state,
      tracks: [...this.tracks.values()].map((track) => track.info),
      metadata: this.metadata,
      joinedAt: BigInt(Math.floor(this.#joinedAt / 1000)),
      joinedAtMs: BigInt(this.#joinedAt),
      name: this.name,
      version: this.#version,
      permission: this.permission,
      isPublisher: this.tracks.size > 0,
      kind: this.claims.kind,
      attributes: this.attributes,
      disconnectReason: this.disconnectReason,
      clientProtocol: this.options.clientProtocol,
    });
  }

  send(message: SignalMessage): void {
    this.sendEncoded(new SignalResponse({ message }).toBinary());
  }

  sendEncoded(bytes: Uint8Array): void {
    if (!this.isGone) this.#link.send(bytes);
  }

  /** The client may be told of others from here on, and others of it. */
  begin(): void {
    this.state = ParticipantInfo_State.JOINED;
    this.touch();
    this.#subscriber.negotiate();
    if (this.options.offer !== undefined) this.applyOffer(this.options.offer);
  }

  touch(): void {
    this.#version += 1;
  }

  /** Ends both connections and the WebSocket. The room has already forgotten it. */
  end(reason: DisconnectReason, action: LeaveRequest_Action, notify: boolean): void {
    if (this.isGone) return;
    if (notify) {
      this.send({
        case: "leave",
        value: new LeaveRequest({
          reason,
          action,
          canReconnect: action !== LeaveRequest_Action.DISCONNECT,
        }),
      });
    }
    this.state = ParticipantInfo_State.DISCONNECTED;
    this.disconnectReason = reason;
    this.touch();
    this.#publisher.close();
    this.#subscriber.close();
    for (const subscription of this.subscriptions.values()) subscription.end();
    for (const track of this.tracks.values()) {
      for (const subscription of track.subscriptions) subscription.end();
    }
    this.#link.close();
  }

  applyOffer(description: SessionDescription): void {
    this.#publisher.applyOffer(description.sdp, description.id);
  }

  applyAnswer(description: SessionDescription): void {
    this.#subscriber.applyAnswer(description.sdp, description.id);
  }

  addCandidate(trickle: TrickleRequest): void {
    const peer = trickle.target === SignalTarget.PUBLISHER ? this.#publisher : this.#subscriber;
    peer.addCandidate(trickle.candidateInit);
  }

  /** Returns false when the client is too far behind to go on. */
  sendData(kind: DataKind, bytes: Uint8Array): boolean {
    return this.#subscriber.sendData(kind, bytes);
  }

  /**
   * The client announces a track. Its media follows in an offer. Returns the reason when it may
   * not publish it; nothing is published then.
   */
  announceTrack(request: AddTrackRequest): "ok" | "not allowed" | "unsupported" {
    if (!this.#mayPublish(request.source)) return "not allowed";
    if (kindOf(request.type) === undefined) return "unsupported";
    const info = this.#announced.get(request.cid) ?? describe(request);
    this.#announced.set(request.cid, info);
    this.send({
      case: "trackPublished",
      value: new TrackPublishedResponse({ cid: request.cid, track: info }),
    });
    this.#matchTracks();
    return "ok";
  }

  /** A track of this participant, announced or already published. */
  trackInfo(trackSid: string): TrackInfo | undefined {
    const announced = [...this.#announced.values()].find((info) => info.sid === trackSid);
    return this.tracks.get(trackSid)?.info ?? announced;
  }

  subscribe(track: PublishedTrack): void {
    if (this.isGone || track.publisher === this || this.subscriptions.has(track.info.sid)) return;
    if (!this.permission.canSubscribe) return;
    const publisher = track.publisher;
    const outgoing = this.#subscriber.addTrack({
      kind: track.kind,
      participantSid: publisher.sid,
      trackSid: track.info.sid,
      opened: () => {
        const value = new TrackSubscribed({ trackSid: track.info.sid });
        publisher.send({ case: "trackSubscribed", value });
        track.requestKeyframe();
      },
      keyframe: () => track.requestKeyframe(),
    });
    Subscription.begin(track, this, outgoing);
  }

  /** Asks the client for a whole picture of a video that it publishes. */
  requestKeyframe(mid: string): void {
    if (!this.isGone) this.#publisher.requestKeyframe(mid);
  }

  refuseSubscription(trackSid: string): void {
    this.send({ case: "subscriptionResponse", value: new SubscriptionResponse({ trackSid }) });
  }

  /** Returns false, changing nothing, when the result would be larger than a server keeps. */
  changeProfile(change: ProfileChange): boolean {
    const attributes = { ...this.attributes };
    for (const [key, value] of Object.entries(change.attributes ?? {})) {
      if (value === "") delete attributes[key];
      else attributes[key] = value;
    }
    const metadata = change.metadata ?? this.metadata;
    const name = change.name ?? this.name;
    if (!fitsMetadata(metadata, attributes) || !fitsName(name)) return false;
    this.attributes = attributes;
    this.metadata = metadata;
    this.name = name;
    this.touch();
    return true;
  }

  /** Takes away at once what the new permissions no longer allow. */
  changePermission(permission: ParticipantPermission): void {
    this.permission = permission;
    this.touch();
    for (const track of this.tracks.values()) {
      if (!this.#mayPublish(track.info.source)) this.#unpublish(track, true);
    }
    if (permission.canSubscribe) return;
    for (const subscription of this.subscriptions.values()) subscription.end();
  }

  #becomeActive(): void {
    if (this.state !== ParticipantInfo_State.JOINED) return;
    this.state = ParticipantInfo_State.ACTIVE;
    this.touch();
    this.#events.active(this);
  }

  #sendDescription(description: LocalDescription): void {
    const { type, sdp, id, midToTrackId } = description;
    const value = new SessionDescription({ type, sdp, id, midToTrackId });
    this.send(type === "offer" ? { case: "offer", value } : { case: "answer", value });
  }

  #receiveData(kind: DataKind, bytes: Uint8Array): void {
    if (!this.permission.canPublishData) return;
    const packet = DataPacket.fromBinary(bytes);
    // Only the server says who speaks.
    if (packet.value.case === "speaker" || packet.value.case === undefined) return;
    packet.kind = kind === "_reliable" ? DataPacket_Kind.RELIABLE : DataPacket_Kind.LOSSY;
    if (!this.#speaksForAnother(packet)) packet.participantIdentity = this.identity;
    packet.participantSid = this.sid;
    if (packet.value.case === "user") {
      const user = packet.value.value;
      user.participantIdentity = this.identity;
      user.participantSid = this.sid;
      if (packet.destinationIdentities.length === 0) {
        packet.destinationIdentities = user.destinationIdentities;
      }
    }
    this.#events.data(this, kind, packet);
  }

  /** An agent's transcription of what somebody else said keeps that one's name, and is marked as generated. */
  #speaksForAnother(packet: DataPacket): boolean {
    const isOther =
      packet.participantIdentity !== "" && packet.participantIdentity !== this.identity;
    if (!this.isAgent || !isOther || packet.value.case !== "streamHeader") return false;
    const { contentHeader } = packet.value.value;
    if (contentHeader.case !== "textHeader") return false;
    contentHeader.value.generated = true;
    return true;
  }

  #trackAt(mid: string): PublishedTrack | undefined {
    for (const track of this.tracks.values()) if (track.mid === mid) return track;
    return undefined;
  }

  #mayPublish(source: TrackSource): boolean {
    const sources = this.permission.canPublishSources;
    return this.permission.canPublish && (sources.length === 0 || sources.includes(source));
  }

  /** Joins what the client announced to what its latest offer sends, and drops what it stopped. */
  #matchTracks(): void {
    const sending = this.#sections.filter((section) => section.sending);
    for (const track of this.tracks.values()) {
      const section = sending.find(({ mid }) => mid === track.mid);
      if (section === undefined || this.#announced.has(section.trackId))
        this.#unpublish(track, false);
    }
    for (const section of sending) {
      const { kind } = section;
      if (kind === undefined || this.#trackAt(section.mid) !== undefined) continue;
      // Some browsers name the track otherwise in their offers: then the oldest one waiting is meant.
      const [oldest] = [...this.#announced].find(([, { type }]) => kindOf(type) === kind) ?? [];
      const cid = this.#announced.has(section.trackId) ? section.trackId : oldest;
      const info = cid === undefined ? undefined : this.#announced.get(cid);
      if (cid === undefined || info === undefined) continue;
      this.#announced.delete(cid);
      info.mid = section.mid;
      for (const codec of info.codecs) codec.mid = section.mid;
      const track = new PublishedTrack(info, this, kind, section.mid);
      this.tracks.set(info.sid, track);
      this.touch();
      this.#events.trackPublished(this, track);
    }
  }

  #unpublish(track: PublishedTrack, byServer: boolean): void {
    this.tracks.delete(track.info.sid);
    for (const subscription of track.subscriptions) subscription.end();
    this.touch();
    if (byServer) {
      this.send({
        case: "trackUnpublished",
        value: new TrackUnpublishedResponse({ trackSid: track.info.sid }),
      });
    }
    this.#events.trackUnpublished(this, track);
    this.#log.debug({ track: track.info.sid }, "embedded LiveKit: track unpublished");
  }
}

/** How a track that a client announces is shown to all: video in one layer, whatever it would send. */
function describe(request: AddTrackRequest): TrackInfo {
  const { cid, type, width, height } = request;
  const info = new TrackInfo({
    sid: newSid("TR_"),
    type,
    name: request.name,
    muted: request.muted,
    source: request.source,
    disableDtx: request.disableDtx,
    stereo: request.stereo,
    disableRed: true,
    encryption: request.encryption,
    stream: request.stream,
    audioFeatures: request.audioFeatures,
    mimeType: CODECS.audio.mime,
  });
  if (type !== TrackType.VIDEO) return info;
  info.mimeType = CODECS.video.mime;
  info.width = width;
  info.height = height;
  info.layers = [new VideoLayer({ quality: VideoQuality.HIGH, width, height })];
  info.codecs = [new SimulcastCodecInfo({ mimeType: info.mimeType, cid, layers: info.layers })];
  return info;
}

function kindOf(type: TrackType): MediaKind | undefined {
  if (type === TrackType.AUDIO) return "audio";
  return type === TrackType.VIDEO ? "video" : undefined;
}
