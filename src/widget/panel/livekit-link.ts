import {
  ConnectionState,
  createAudioAnalyser,
  DisconnectReason,
  LocalAudioTrack,
  LocalVideoTrack,
  LogLevel,
  ParticipantKind,
  RemoteAudioTrack,
  Room,
  RoomEvent,
  setLogLevel,
  Track,
  type Participant,
  type RemoteParticipant,
  type RemoteTrack,
  type TextStreamReader,
} from "livekit-client";
import { readFields } from "../../protocol/read.js";
import {
  AGENT_STATES,
  ANSWER_METHOD,
  CAPTION_TOPIC,
  CHAT_TOPIC,
  FINAL_ATTRIBUTE,
  HEARD_ATTRIBUTE,
  MESSAGE_ATTRIBUTE,
  SEGMENT_ATTRIBUTE,
  SHOW_METHOD,
  STATE_ATTRIBUTE,
  TRACK_ATTRIBUTE,
} from "../../protocol/room-words.js";
import { askFirst } from "./ask-first.js";
import { randomId } from "./random-id.js";
import type { SentTrack, RoomHandlers, RoomLink, RoomModule, SourceKind } from "./room-link.js";

/** The only module that knows LiveKit: it and its client load together, at the first intent to talk. */

setLogLevel(LogLevel.silent);

// LiveKit's client names each message so, and a website on plain http has no such function: nothing could be sent.
if (!isSecureContext) Object.assign(crypto, { randomUUID: randomId });

let server = "";
const reachServer = askFirst(() => server);

/** After the last one the talk joins a fresh room with a fresh token, which helps where the old one cannot. */
const RETRY_DELAYS_MS = [0, 300, 1000, 2000, 4000];

export const connectRoom: RoomModule["connectRoom"] = async (url, token, handlers) => {
  // A server that is away is found out before there is a room: who waits for hours would leave one behind at each try.
  server = url;
  await reachServer();
  // A track outlives its room: after a lost connection the next room takes it over.
  const room = new Room({
    // It would leave on beforeunload too, which also comes before a download or a mail, and the page stays.
    disconnectOnPageLeave: false,
    stopLocalTrackOnUnpublish: false,
    reconnectPolicy: {
      nextRetryDelayInMs: ({ retryCount }) => RETRY_DELAYS_MS[retryCount] ?? null,
    },
  });
  const leavePage = (): void => void room.disconnect();
  addEventListener("pagehide", leavePage);
  room.once(RoomEvent.Disconnected, () => removeEventListener("pagehide", leavePage));
  const link = new LiveKitLink(room, handlers);
  await room.connect(url, token);
  link.begin();
  return link;
};

type Analyser = Pick<ReturnType<typeof createAudioAnalyser>, "calculateVolume" | "cleanup">;

/** LiveKit neither stops nor opens what it is told to be the user's own, as when a device goes away. */
const IS_USERS_OWN = true;

const SOURCES = {
  microphone: Track.Source.Microphone,
  camera: Track.Source.Camera,
  screen: Track.Source.ScreenShare,
} as const satisfies Record<SourceKind, Track.Source>;

async function publish(
  room: Room,
  kind: SourceKind,
  mediaTrack: MediaStreamTrack,
  isMuted: boolean,
): Promise<SentTrack> {
  const isAudio = kind === "microphone";
  const track = isAudio
    ? new LocalAudioTrack(mediaTrack, undefined, IS_USERS_OWN)
    : new LocalVideoTrack(mediaTrack, undefined, IS_USERS_OWN);
  const setMuted = async (muted: boolean): Promise<void> =>
    void (await (muted ? track.mute() : track.unmute()));
  if (isMuted) await setMuted(true);
  await room.localParticipant.publishTrack(track, { source: SOURCES[kind] });
  const hear = (): Analyser | undefined =>
    track instanceof LocalAudioTrack ? createAudioAnalyser(track) : undefined;
  let analyser = hear();
  return {
    level: () => analyser?.calculateVolume() ?? 0,
    setMuted,
    replace: async (next, muted) => {
      await track.replaceTrack(next, IS_USERS_OWN);
      // LiveKit mutes a track whose device went away.
      await setMuted(muted);
      void analyser?.cleanup();
      analyser = hear();
    },
    unpublish: async () => {
      void analyser?.cleanup();
      await room.localParticipant.unpublishTrack(track, false);
    },
  };
}

class LiveKitLink implements RoomLink {
  readonly #room: Room;
  readonly #handlers: RoomHandlers;
  readonly #agentTracks = new Set<RemoteAudioTrack>();
  /** One for each track that plays: it holds an AudioContext until it is cleaned up. */
  readonly #analysers = new Map<RemoteAudioTrack, Analyser>();
  /** By segment: the stream that says it now. */
  readonly #speaking = new Map<string, TextStreamReader>();
  #isListening = false;
  #hasLeft = false;

  constructor(room: Room, handlers: RoomHandlers) {
    this.#room = room;
    this.#handlers = handlers;
    const look = (): void => this.#lookForAgent();
    room
      .on(RoomEvent.ParticipantConnected, look)
      .on(RoomEvent.ParticipantDisconnected, look)
      .on(RoomEvent.ParticipantAttributesChanged, look)
      .on(RoomEvent.Reconnecting, () => handlers.reconnecting(true))
      .on(RoomEvent.SignalReconnecting, () => handlers.reconnecting(true))
      .on(RoomEvent.Reconnected, () => {
        this.#lookForAgent();
        handlers.reconnecting(false);
      })
      .on(RoomEvent.Disconnected, (reason) => this.#onDisconnected(reason))
      .on(RoomEvent.AudioPlaybackStatusChanged, () => this.#tellPlayback())
      .on(RoomEvent.TrackSubscribed, (track) => this.#addTrack(track))
      .on(RoomEvent.TrackUnsubscribed, (track) => this.#removeTrack(track));
    room.registerTextStreamHandler(CAPTION_TOPIC, (reader, { identity }) => {
      void this.#readCaption(reader, identity);
    });
    room.registerTextStreamHandler(CHAT_TOPIC, (reader, { identity }) => {
      if (identity !== room.localParticipant.identity) void this.#readCaption(reader, identity);
    });
    room.registerRpcMethod(SHOW_METHOD, async ({ payload }) =>
      JSON.stringify({ shown: handlers.show(payload) }),
    );
  }

  begin(): void {
    this.#lookForAgent();
  }

  async sendMessage(text: string, id: string): Promise<boolean> {
    const options = { topic: CHAT_TOPIC, attributes: { [MESSAGE_ATTRIBUTE]: id } };
    await this.#room.localParticipant.sendText(text, options);
    return this.#agent()?.attributes[HEARD_ATTRIBUTE] !== undefined;
  }

  async sendAnswer(payload: string): Promise<boolean> {
    const agent = this.#agent();
    if (agent === undefined) throw new Error("There is no agent to answer.");
    const answer = await this.#room.localParticipant.performRpc({
      destinationIdentity: agent.identity,
      method: ANSWER_METHOD,
      payload,
    });
    return readFields(JSON.parse(answer))["accepted"] !== false;
  }

  publish(kind: SourceKind, track: MediaStreamTrack, isMuted: boolean): Promise<SentTrack> {
    return publish(this.#room, kind, track, isMuted);
  }

  setListening(listening: boolean): void {
    this.#isListening = listening;
    for (const track of this.#agentTracks) this.#play(track);
    if (listening) this.startAudio();
  }

  startAudio(): void {
    // Browsers refuse sound before a gesture: the playback event then says so.
    this.#room.startAudio().catch(() => this.#tellPlayback());
  }

  async useSpeaker(deviceId: string): Promise<void> {
    await this.#room.switchActiveDevice("audiooutput", deviceId);
  }

  agentLevel(): number {
    return Math.max(0, ...[...this.#analysers.values()].map((one) => one.calculateVolume()));
  }

  async leave(): Promise<void> {
    this.#hasLeft = true;
    this.setListening(false);
    await this.#room.disconnect(false);
  }

  /** The last that came: one whose process died keeps its place for a while. */
  #agent(): RemoteParticipant | undefined {
    let agent: RemoteParticipant | undefined;
    for (const one of this.#room.remoteParticipants.values()) {
      if (isAgent(one) && joinedMs(one) >= joinedMs(agent)) agent = one;
    }
    return agent;
  }

  #lookForAgent(): void {
    const agent = this.#agent();
    const state = AGENT_STATES.find((known) => known === agent?.attributes[STATE_ATTRIBUTE]);
    const heard = agent?.attributes[HEARD_ATTRIBUTE];
    if (heard !== undefined) this.#handlers.heard(heard);
    this.#handlers.agent(agent?.identity, state);
  }

  #onDisconnected(reason: DisconnectReason | undefined): void {
    if (this.#hasLeft) return;
    const isClosed =
      reason === DisconnectReason.ROOM_DELETED ||
      reason === DisconnectReason.ROOM_CLOSED ||
      reason === DisconnectReason.PARTICIPANT_REMOVED ||
      reason === DisconnectReason.DUPLICATE_IDENTITY;
    this.#handlers.disconnected(isClosed ? "closed" : "lost");
  }

  /** The agent sends the visitor's captions too; their track, or the name they go under, tells whose words they are. */
  async #readCaption(reader: TextStreamReader, identity: string): Promise<void> {
    const { localParticipant } = this.#room;
    const attributes = reader.info.attributes ?? {};
    const transcribed = attributes[TRACK_ATTRIBUTE];
    const isOwnTrack = [...localParticipant.trackPublications.values()].some(
      ({ trackSid }) => trackSid === transcribed,
    );
    const role = identity === localParticipant.identity || isOwnTrack ? "user" : "agent";
    const segment = attributes[SEGMENT_ATTRIBUTE] ?? reader.info.id;
    const isMarkedOpen = attributes[FINAL_ATTRIBUTE] === "false";
    let text = "";
    this.#speaking.set(segment, reader);
    // An answer that another agent gives anew goes under the same segment: the last one counts.
    const tell = (end: { isFinal: boolean; isCut?: boolean }): void => {
      if (this.#speaking.get(segment) === reader)
        this.#handlers.caption({ segment, role, text, ...end });
    };
    try {
      for await (const chunk of reader) {
        text += chunk;
        tell({ isFinal: false });
      }
    } catch {
      // The stream broke off with the connection, or with whoever spoke: what arrived stays.
      tell({ isFinal: false, isCut: true });
      return;
    }
    // An agent's stream is one whole turn; a visitor's is one guess of many, until one is marked as final.
    const closing = reader.info.attributes?.[FINAL_ATTRIBUTE];
    const isFinal = role === "agent" || closing === "true" || !isMarkedOpen;
    tell({ isFinal });
  }

  #addTrack(track: RemoteTrack): void {
    if (!(track instanceof RemoteAudioTrack)) return;
    this.#agentTracks.add(track);
    this.#play(track);
  }

  #removeTrack(track: RemoteTrack): void {
    if (!(track instanceof RemoteAudioTrack)) return;
    this.#agentTracks.delete(track);
    this.#silence(track);
  }

  #play(track: RemoteAudioTrack): void {
    if (!this.#isListening) return this.#silence(track);
    if (track.attachedElements.length > 0) return;
    track.attach();
    this.#analysers.set(track, createAudioAnalyser(track, { cloneTrack: true }));
  }

  #silence(track: RemoteAudioTrack): void {
    for (const element of track.detach()) element.remove();
    void this.#analysers.get(track)?.cleanup();
    this.#analysers.delete(track);
  }

  #tellPlayback(): void {
    const isConnected = this.#room.state === ConnectionState.Connected;
    this.#handlers.playback(!isConnected || !this.#isListening || this.#room.canPlaybackAudio);
  }
}

function joinedMs(participant: RemoteParticipant | undefined): number {
  return participant?.joinedAt?.getTime() ?? 0;
}

function isAgent(participant: Participant): boolean {
  return participant.kind === ParticipantKind.AGENT || STATE_ATTRIBUTE in participant.attributes;
}
