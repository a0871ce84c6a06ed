import {
  Codec,
  DataPacket_Kind,
  DisconnectReason,
  JoinResponse,
  LeaveRequest_Action,
  MuteTrackRequest,
  ParticipantInfo,
  ParticipantUpdate,
  Room as RoomInfo,
  RoomEndReason,
  RoomUpdate,
  SignalResponse,
  WebhookEvent,
  type AudioTrackFeature,
  type DataPacket,
  type ServerInfo,
  type TrackInfo,
} from "@livekit/protocol";
import { fitsMetadata } from "./bounds.js";
import { guarded, type Log } from "./guarded.js";
import {
  Participant,
  type JoinOptions,
  type ParticipantEvents,
  type ProfileChange,
  type SignalLink,
  type SignalMessage,
} from "./participant.js";
import type { DataKind } from "./peer.js";
import { CODECS } from "./sdp.js";
import { newSid } from "./sid.js";
import { UpdateBatch } from "./update-batch.js";
import type { Claims } from "./tokens.js";
import type { PublishedTrack } from "./track.js";

/** How long someone may take from joining to being connected. */
const CONNECT_TIMEOUT_MS = 30_000;
/** The longest that Node can wait: a longer timer runs out at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** How often clients ping, in seconds, and how long they wait for an answer. */
const PING_INTERVAL_SECONDS = 5;
const PING_TIMEOUT_SECONDS = 15;

const FORWARDED_CODECS = Object.values(CODECS).map(({ mime }) => new Codec({ mime }));

export interface RoomSettings {
  readonly name: string;
  readonly metadata: string;
  readonly emptyTimeoutSeconds: number;
  readonly departureTimeoutSeconds: number;
  /** Zero: no limit. Agents do not count. */
  readonly maxParticipants: number;
}

/** What a room tells the server around it. */
export interface RoomEvents {
  webhook(event: WebhookEvent): void;
  agentLeft(room: Room, identity: string): void;
  closed(room: Room): void;
}

/** A room: who is in it, who hears whom, and when it ends. */
export class Room {
  readonly sid = newSid("RM_");
  readonly name: string;
  readonly participants = new Map<string, Participant>();
  metadata: string;
  readonly #settings: RoomSettings;
  readonly #serverInfo: ServerInfo;
  readonly #events: RoomEvents;
  readonly #log: Log;
  readonly #createdAt = Date.now();
  readonly #updates = new UpdateBatch((infos) => this.#tell(infos));
  readonly #connectTimers = new Map<Participant, NodeJS.Timeout>();
  #idleTimer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(settings: RoomSettings, serverInfo: ServerInfo, events: RoomEvents, log: Log) {
    this.name = settings.name;
    this.metadata = settings.metadata;
    this.#settings = settings;
    this.#serverInfo = serverInfo;
    this.#events = events;
    this.#log = log;
    this.#armIdleTimer(settings.emptyTimeoutSeconds);
    this.#webhook({ event: "room_started", room: this.info() });
  }

  info(): RoomInfo {
    const visible = [...this.participants.values()].filter((one) => !one.isAgent);
    return new RoomInfo({
      sid: this.sid,
      name: this.name,
      emptyTimeout: this.#settings.emptyTimeoutSeconds,
      departureTimeout: this.#settings.departureTimeoutSeconds,
      maxParticipants: this.#settings.maxParticipants,
      creationTime: BigInt(Math.floor(this.#createdAt / 1000)),
      creationTimeMs: BigInt(this.#createdAt),
      enabledCodecs: FORWARDED_CODECS,
      metadata: this.metadata,
      numParticipants: visible.length,
      numPublishers: visible.filter((one) => one.tracks.size > 0).length,
    });
  }

  /** False when `maxParticipants` are already in, unless this one would take its own place. */
  hasPlaceFor(claims: Claims): boolean {
    const limit = this.#settings.maxParticipants;
    if (limit === 0 || this.participants.has(claims.identity)) return true;
    return this.#occupants() < limit;
  }

  join(claims: Claims, options: JoinOptions, link: SignalLink): Participant {
    const older = this.participants.get(claims.identity);
    if (older !== undefined) this.remove(older, DisconnectReason.DUPLICATE_IDENTITY);
    const participant = new Participant(
      claims,
      options,
      link,
      this.#participantEvents(),
      this.#log,
    );
    const others = this.#visibleInfos();
    this.participants.set(claims.identity, participant);
    if (!participant.isAgent) clearTimeout(this.#idleTimer);
    participant.send({ case: "join", value: this.#joinResponse(participant, others) });
    participant.begin();
    this.#connectTimers.set(
      participant,
      setTimeout(() => {
        this.remove(participant, DisconnectReason.JOIN_FAILURE);
      }, CONNECT_TIMEOUT_MS),
    );
    this.#announce(participant, { self: false, now: false });
    return participant;
  }

  /** Takes a participant out; what they published ends with them. */
  remove(
    participant: Participant,
    reason: DisconnectReason,
    action: LeaveRequest_Action = LeaveRequest_Action.DISCONNECT,
  ): void {
    if (this.participants.get(participant.identity) !== participant) return;
    const wasActive = participant.isActive;
    this.participants.delete(participant.identity);
    clearTimeout(this.#connectTimers.get(participant));
    this.#connectTimers.delete(participant);
    guarded(this.#log, "ending a participant", () =>
      participant.end(reason, action, reason !== DisconnectReason.CLIENT_INITIATED),
    );
    this.#announce(participant, { self: false, now: false });
    for (const track of participant.tracks.values()) this.#trackWebhook("track_unpublished", track);
    this.#webhook({
      event: wasActive ? "participant_left" : "participant_connection_aborted",
      room: this.info(),
      participant: participant.info(),
    });
    if (participant.isAgent) this.#events.agentLeft(this, participant.identity);
    else if (this.#occupants() === 0) this.#armIdleTimer(this.#settings.departureTimeoutSeconds);
  }

  close(reason: DisconnectReason, endReason: RoomEndReason): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const participant of this.participants.values()) this.remove(participant, reason);
    clearTimeout(this.#idleTimer);
    this.#updates.close();
    this.#webhook({ event: "room_finished", room: this.info(), roomEndReason: endReason });
    this.#events.closed(this);
  }

  /**
   * Passes a packet on to its destinations, or to everybody else. As in the real server, whoever
   * is not yet active does not get it.
   */
  routeData(sender: Participant | undefined, kind: DataKind, packet: DataPacket): void {
    const bytes = packet.toBinary();
    const wanted = new Set(packet.destinationIdentities);
    for (const participant of this.participants.values()) {
      if (participant === sender || !participant.isActive) continue;
      if (wanted.size > 0 && !wanted.has(participant.identity)) continue;
      guarded(this.#log, "sending data", () => {
        if (participant.sendData(kind, bytes)) return;
        this.#log.warn({ participant: participant.sid }, "embedded LiveKit: client too far behind");
        this.remove(participant, DisconnectReason.STATE_MISMATCH, LeaveRequest_Action.RECONNECT);
      });
    }
  }

  /** Data from the server API, which has no sender. */
  sendServerData(packet: DataPacket): void {
    this.routeData(
      undefined,
      packet.kind === DataPacket_Kind.LOSSY ? "_lossy" : "_reliable",
      packet,
    );
  }

  /** Returns false, changing nothing, when the metadata is too large. */
  changeMetadata(metadata: string): boolean {
    if (!fitsMetadata(metadata, {})) return false;
    this.metadata = metadata;
    this.#broadcast({ case: "roomUpdate", value: new RoomUpdate({ room: this.info() }) });
    return true;
  }

  /** Returns false, changing nothing, when the result is too large. */
  changeProfile(participant: Participant, change: ProfileChange): boolean {
    if (!participant.changeProfile(change)) return false;
    this.#announce(participant, { self: true, now: true });
    return true;
  }

  changePermission(participant: Participant, permission: ParticipantInfo["permission"]): void {
    if (permission === undefined) return;
    participant.changePermission(permission);
    this.#announce(participant, { self: true, now: true });
    if (participant.isActive && participant.options.autoSubscribe) this.#subscribeAll(participant);
  }

  /** Mutes or unmutes; `byServer` tells the publisher too. Returns the track if there is one. */
  muteTrack(
    participant: Participant,
    trackSid: string,
    muted: boolean,
    byServer: boolean,
  ): TrackInfo | undefined {
    const track = participant.trackInfo(trackSid);
    if (track === undefined) return undefined;
    track.muted = muted;
    participant.touch();
    if (byServer) {
      participant.send({ case: "mute", value: new MuteTrackRequest({ sid: trackSid, muted }) });
    }
    this.#announce(participant, { self: false, now: false });
    return track;
  }

  /** What a client says of how its microphone is treated, such as noise suppression. */
  setAudioFeatures(
    participant: Participant,
    trackSid: string,
    features: readonly AudioTrackFeature[],
  ): void {
    const track = participant.trackInfo(trackSid);
    if (track === undefined) return;
    track.audioFeatures = [...features];
    participant.touch();
    this.#announce(participant, { self: false, now: false });
  }

  setSubscribed(participant: Participant, trackSids: readonly string[], subscribe: boolean): void {
    for (const sid of trackSids) {
      if (!subscribe) {
        participant.subscriptions.get(sid)?.end();
        continue;
      }
      const track = this.#track(sid);
      if (track === undefined) participant.refuseSubscription(sid);
      else participant.subscribe(track);
    }
  }

  #participantEvents(): ParticipantEvents {
    return {
      active: (participant) => this.#activated(participant),
      failed: (participant) =>
        this.remove(
          participant,
          DisconnectReason.CONNECTION_TIMEOUT,
          LeaveRequest_Action.RECONNECT,
        ),
      data: (sender, kind, packet) => this.routeData(sender, kind, packet),
      trackPublished: (publisher, track) => this.#trackPublished(publisher, track),
      trackUnpublished: (publisher, track) => {
        this.#announce(publisher, { self: false, now: true });
        this.#trackWebhook("track_unpublished", track);
      },
    };
  }

  #activated(participant: Participant): void {
    clearTimeout(this.#connectTimers.get(participant));
    this.#connectTimers.delete(participant);
    this.#announce(participant, { self: true, now: false });
    this.#webhook({
      event: "participant_joined",
      room: this.info(),
      participant: participant.info(),
    });
    if (participant.options.autoSubscribe) this.#subscribeAll(participant);
  }

  #trackPublished(publisher: Participant, track: PublishedTrack): void {
    this.#announce(publisher, { self: false, now: true });
    this.#trackWebhook("track_published", track);
    for (const participant of this.participants.values()) {
      if (participant.isActive && participant.options.autoSubscribe) participant.subscribe(track);
    }
  }

  #subscribeAll(participant: Participant): void {
    for (const other of this.participants.values()) {
      for (const track of other.tracks.values()) participant.subscribe(track);
    }
  }

  #track(sid: string): PublishedTrack | undefined {
    for (const participant of this.participants.values()) {
      const track = participant.tracks.get(sid);
      if (track !== undefined) return track;
    }
    return undefined;
  }

  /**
   * Tells the others how a participant is now: at once when it says something of itself or has
   * tracks, else with the next batch. Itself too when it may not know yet.
   */
  #announce(participant: Participant, { self, now }: { self: boolean; now: boolean }): void {
    const info = participant.info();
    if (self) {
      const value = new ParticipantUpdate({ participants: [info] });
      participant.send({ case: "update", value });
    }
    if (!participant.permission.hidden) this.#updates.add(info, now);
  }

  #tell(infos: readonly ParticipantInfo[]): void {
    for (const participant of this.participants.values()) {
      const participants = infos.filter(({ sid }) => sid !== participant.sid);
      if (participants.length === 0) continue;
      participant.send({ case: "update", value: new ParticipantUpdate({ participants }) });
    }
  }

  #broadcast(message: SignalMessage): void {
    const bytes = new SignalResponse({ message }).toBinary();
    for (const participant of this.participants.values()) participant.sendEncoded(bytes);
  }

  #visibleInfos(): ParticipantInfo[] {
    return [...this.participants.values()]
      .filter((participant) => !participant.permission.hidden)
      .map((participant) => participant.info());
  }

  #joinResponse(participant: Participant, otherParticipants: ParticipantInfo[]): JoinResponse {
    return new JoinResponse({
      room: this.info(),
      participant: participant.info(),
      otherParticipants,
      serverVersion: this.#serverInfo.version,
      serverInfo: this.#serverInfo,
      subscriberPrimary: !participant.options.single,
      pingTimeout: PING_TIMEOUT_SECONDS,
      pingInterval: PING_INTERVAL_SECONDS,
      enabledPublishCodecs: FORWARDED_CODECS,
      fastPublish: participant.permission.canPublish || participant.permission.canPublishData,
    });
  }

  #occupants(): number {
    let count = 0;
    for (const participant of this.participants.values()) if (!participant.isAgent) count += 1;
    return count;
  }

  #armIdleTimer(seconds: number): void {
    clearTimeout(this.#idleTimer);
    if (this.#closed) return;
    const ms = Math.min(seconds * 1000, MAX_TIMER_MS);
    this.#idleTimer = setTimeout(() => {
      this.close(DisconnectReason.ROOM_CLOSED, RoomEndReason.ROOM_END_IDLE_TIMEOUT);
    }, ms);
  }

  #webhook(event: Partial<WebhookEvent>): void {
    this.#events.webhook(new WebhookEvent(event));
  }

  #trackWebhook(event: string, track: PublishedTrack): void {
    const { sid, identity } = track.publisher;
    this.#webhook({
      event,
      room: new RoomInfo({ sid: this.sid, name: this.name }),
      participant: new ParticipantInfo({ sid, identity }),
      track: track.info,
    });
  }
}
