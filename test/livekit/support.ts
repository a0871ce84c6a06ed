import { randomBytes, randomUUID } from "node:crypto";
import type { EventEmitter } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo, Server } from "node:net";
import {
  AudioFrame,
  AudioSource,
  AudioStream,
  dispose,
  LocalAudioTrack,
  LocalVideoTrack,
  Room,
  RoomEvent,
  TrackKind,
  TrackPublishOptions,
  TrackSource,
  VideoBufferType,
  VideoFrame,
  VideoSource,
  VideoStream,
  type LocalParticipant,
  type LocalTrackPublication,
  type DataPacketKind,
  type DisconnectReason,
  type RemoteParticipant,
  type RemoteTrack,
  type TrackPublication,
  type Participant,
} from "@livekit/rtc-node";
import {
  AccessToken,
  AgentDispatchClient,
  RoomServiceClient,
  type AccessTokenOptions,
  type RoomConfiguration,
  type VideoGrant,
  type WebhookEvent,
  WebhookReceiver,
} from "livekit-server-sdk";
import { afterAll, beforeAll, vi } from "vitest";
import {
  startEmbeddedLiveKit,
  type EmbeddedLiveKit,
} from "../../src/livekit-dev/embedded-livekit.js";

/**
 * How long anything may take, in milliseconds: a server holds the place of who was lost for 20 seconds,
 * and gathers news of who has no tracks for some more.
 */
export const PATIENCE_MS = 50_000;
const TEST_MS = 120_000;
const SAMPLE_RATE = 48_000;
const PICTURE = { width: 640, height: 360 };
const PICTURES_PER_SECOND = 15;

export const quietLog = { info: () => {}, warn: () => {}, debug: () => {} };

/** Which webhooks are answered with an error. */
type Refuses = (event: WebhookEvent) => boolean;

/** The LiveKit under test: the one that the environment names, or else the embedded one. */
export class LiveKitUnderTest {
  url = process.env.LIVEKIT_URL ?? "";
  readonly apiKey = process.env.LIVEKIT_API_KEY ?? "testkey";
  readonly apiSecret = process.env.LIVEKIT_API_SECRET ?? randomBytes(24).toString("base64url");
  embedded: EmbeddedLiveKit | undefined;
  readonly #rooms = new Set<Room>();
  readonly #servers = new Set<Server>();

  async start(): Promise<void> {
    if (this.url !== "") return;
    this.embedded = await startEmbeddedLiveKit({
      port: 0,
      apiKey: this.apiKey,
      apiSecret: this.apiSecret,
      allowedOrigins: [],
      log: quietLog,
    });
    this.url = this.embedded.url;
  }

  async stop(): Promise<void> {
    for (const room of this.#rooms) await room.disconnect();
    for (const server of this.#servers) server.close();
    await this.embedded?.close();
    await dispose();
  }

  get rooms(): RoomServiceClient {
    return new RoomServiceClient(this.url, this.apiKey, this.apiSecret);
  }

  get dispatches(): AgentDispatchClient {
    return new AgentDispatchClient(this.url, this.apiKey, this.apiSecret);
  }

  get httpUrl(): string {
    return this.url.replace(/^ws/, "http");
  }

  async token(
    grant: VideoGrant,
    options: AccessTokenOptions & { roomConfig?: RoomConfiguration } = {},
  ): Promise<string> {
    const { roomConfig, ...rest } = options;
    const token = new AccessToken(this.apiKey, this.apiSecret, { ttl: 600, ...rest });
    token.addGrant(grant);
    if (roomConfig !== undefined) token.roomConfig = roomConfig;
    return token.toJwt();
  }

  /** Joins with @livekit/rtc-node and waits until the server calls the participant active. */
  async join(
    room: string,
    identity: string,
    grant: VideoGrant = {},
    options: AccessTokenOptions & { roomConfig?: RoomConfiguration } = {},
  ): Promise<Joined> {
    const token = await this.token(
      { room, roomJoin: true, canUpdateOwnMetadata: true, ...grant },
      { identity, ...options },
    );
    const client = await this.connect(token);
    await this.untilActive(room, identity);
    return joined(client);
  }

  /** Joins as an agent does: with the kind that a job's token carries. */
  async joinAsAgent(room: string, identity: string): Promise<Joined> {
    const token = new AccessToken(this.apiKey, this.apiSecret, { identity, ttl: 600 });
    token.addGrant({ room, roomJoin: true, agent: true, canUpdateOwnMetadata: true });
    token.kind = "agent";
    const client = await this.connect(await token.toJwt());
    await this.untilActive(room, identity);
    return joined(client);
  }

  async connect(token: string, url = this.url): Promise<Room> {
    const client = new Room();
    this.#rooms.add(client);
    client.on(RoomEvent.Disconnected, () => this.#rooms.delete(client));
    await client.connect(url, token, { autoSubscribe: true, dynacast: false });
    return client;
  }

  /** Data reaches a participant only once the server calls it active. */
  async untilActive(room: string, identity: string): Promise<void> {
    const ACTIVE = 2;
    await eventually(async () => {
      const participants = await this.rooms.listParticipants(room);
      return participants.some((one) => one.identity === identity && one.state === ACTIVE);
    });
  }

  /**
   * Listens for webhooks, each verified by the SDK. Undefined where an outside server was named
   * and nobody said (LIVEKIT_WEBHOOK_PORT) on which port it delivers them.
   */
  async webhooks(refuses: Refuses = () => false): Promise<WebhookEvent[] | undefined> {
    const port = Number(process.env.LIVEKIT_WEBHOOK_PORT ?? 0);
    if (this.embedded === undefined && port === 0) return undefined;
    const receiver = new WebhookReceiver(this.apiKey, this.apiSecret);
    const events: WebhookEvent[] = [];
    const server = createServer((request, response) => {
      readBody(request)
        .then((body) => receiver.receive(body, request.headers.authorization))
        .then((event) => {
          if (refuses(event)) throw new Error("as if the platform were away");
          events.push(event);
          response.end();
        })
        .catch(() => response.writeHead(400).end());
    });
    this.#servers.add(server);
    const origin = await listen(server, port);
    this.embedded?.setWebhookUrl(`${origin}/webhook`);
    return events;
  }
}

export interface Joined {
  readonly client: Room;
  readonly me: LocalParticipant;
}

/** Starts the LiveKit under test around the file's tests. */
export function useLiveKit(): LiveKitUnderTest {
  vi.setConfig({ testTimeout: TEST_MS, hookTimeout: TEST_MS });
  const livekit = new LiveKitUnderTest();
  beforeAll(() => livekit.start());
  afterAll(() => livekit.stop());
  return livekit;
}

export function newRoomName(): string {
  return `test-${randomUUID()}`;
}

/** Waits until the condition holds. */
export async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error("gave up waiting");
    await pause(50);
  }
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

/** The values that come with the room's events, as far as the tests wait for them. */
interface RoomEvents {
  [RoomEvent.Disconnected]: [reason: DisconnectReason];
  [RoomEvent.ParticipantConnected]: [participant: RemoteParticipant];
  [RoomEvent.ParticipantDisconnected]: [participant: RemoteParticipant];
  [RoomEvent.TrackSubscribed]: [track: RemoteTrack];
  [RoomEvent.TrackUnsubscribed]: [track: RemoteTrack];
  [RoomEvent.TrackUnpublished]: [publication: TrackPublication];
  [RoomEvent.TrackMuted]: [publication: TrackPublication, participant: Participant];
  [RoomEvent.TrackUnmuted]: [publication: TrackPublication, participant: Participant];
  [RoomEvent.DataReceived]: [
    payload: Uint8Array,
    participant: RemoteParticipant | undefined,
    kind: DataPacketKind | undefined,
    topic: string | undefined,
  ];
}

/** The values of the next event of that name for which `matches` holds. */
export async function next<Name extends keyof RoomEvents>(
  room: Room,
  name: Name,
  matches: (...values: RoomEvents[Name]) => boolean = () => true,
): Promise<RoomEvents[Name]> {
  const emitter = emitterOf(room);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`no ${name} event`));
    }, PATIENCE_MS);
    const listener = (...values: RoomEvents[Name]): void => {
      if (!matches(...values)) return;
      clearTimeout(timer);
      emitter.off(name, listener);
      resolve(values);
    };
    emitter.on(name, listener);
  });
}

/** The next text that arrives on a topic, and who sent it. */
export async function nextText(
  room: Room,
  topic: string,
): Promise<{ text: string; identity: string }> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`no text on ${topic}`));
    }, PATIENCE_MS);
    room.registerTextStreamHandler(topic, (reader, { identity }) => {
      room.unregisterTextStreamHandler(topic);
      clearTimeout(timer);
      reader.readAll().then((text) => resolve({ text, identity }), reject);
    });
  });
}

/** A microphone that plays one tone until it is stopped. */
export interface Tone {
  readonly publication: LocalTrackPublication;
  stop(): Promise<void>;
}

export async function publishTone(
  me: LocalParticipant,
  hertz: number,
  source = TrackSource.SOURCE_MICROPHONE,
): Promise<Tone> {
  const samples = new AudioSource(SAMPLE_RATE, 1);
  const track = LocalAudioTrack.createAudioTrack("tone", samples);
  const publication = await me.publishTrack(track, new TrackPublishOptions({ source }));
  let playing = true;
  const played = play(samples, hertz, () => playing);
  return {
    publication,
    stop: async () => {
      playing = false;
      await played;
    },
  };
}

/** A camera that shows one shade of grey, 0 to 255, until it is stopped. */
export interface Picture {
  readonly publication: LocalTrackPublication;
  stop(): Promise<void>;
}

export async function publishPicture(
  me: LocalParticipant,
  shade: number,
  source = TrackSource.SOURCE_CAMERA,
): Promise<Picture> {
  const { width, height } = PICTURE;
  const frames = new VideoSource(width, height);
  const track = LocalVideoTrack.createVideoTrack("picture", frames);
  const publication = await me.publishTrack(track, new TrackPublishOptions({ source }));
  const data = new Uint8Array((width * height * 3) / 2).fill(128);
  data.fill(shade, 0, width * height);
  const frame = new VideoFrame(data, width, height, VideoBufferType.I420);
  const timer = setInterval(() => frames.captureFrame(frame), 1_000 / PICTURES_PER_SECOND);
  return {
    publication,
    stop: async () => {
      clearInterval(timer);
      await frames.close();
    },
  };
}

/** The next audio track that the room hears. */
export async function nextAudioTrack(room: Room): Promise<RemoteTrack> {
  return nextTrack(room, TrackKind.KIND_AUDIO);
}

/** The next video track that the room sees. */
export async function nextVideoTrack(room: Room): Promise<RemoteTrack> {
  return nextTrack(room, TrackKind.KIND_VIDEO);
}

async function nextTrack(room: Room, kind: TrackKind): Promise<RemoteTrack> {
  const [track] = await next(room, RoomEvent.TrackSubscribed, (one) => one.kind === kind);
  return track;
}

/** Returns once so many pictures have come. */
export async function seesPictures(track: RemoteTrack, count: number): Promise<void> {
  const reader = new VideoStream(track).getReader();
  for (let seen = 0; seen < count; seen += 1) await reader.read();
  await reader.cancel();
}

/** The shade in the middle of the picture, once it has stayed the same for some pictures. */
export async function seenShade(track: RemoteTrack): Promise<number> {
  const reader = new VideoStream(track).getReader();
  const shades: number[] = [];
  while (shades.length < PICTURES_PER_SECOND) {
    const { done, value } = await reader.read();
    if (done) break;
    const { data, width, height } = value.frame.convert(VideoBufferType.I420);
    const [shade] = data.subarray((width * height + width) / 2);
    if (shades.length > 0 && Math.abs((shades[0] ?? 0) - (shade ?? 0)) > 10) shades.length = 0;
    shades.push(shade ?? 0);
  }
  await reader.cancel();
  return shades.at(-1) ?? Number.NaN;
}

/** The loudest frequency in the first second that is not silent, in hertz. */
export async function heardFrequency(track: RemoteTrack): Promise<number> {
  const stream = new AudioStream(track, SAMPLE_RATE, 1);
  const samples: number[] = [];
  const reader = stream.getReader();
  while (samples.length < SAMPLE_RATE) {
    const { done, value } = await reader.read();
    if (done) break;
    const loud = value.data.some((sample) => Math.abs(sample) > 500);
    if (loud || samples.length > 0) samples.push(...value.data);
  }
  await reader.cancel();
  // The first part may still hold the decoder's way in.
  return loudestFrequency(samples.slice(SAMPLE_RATE / 2));
}

/** Serves on loopback; returns the origin. */
export async function listen(server: Server, port = 0): Promise<string> {
  await new Promise<void>((resolve) => {
    server.listen(port, "127.0.0.1", resolve);
  });
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === "string") throw new Error("not listening");
  return `http://127.0.0.1:${address.port}`;
}

/** The participant's own side of a connected room. */
export function joined(client: Room): Joined {
  if (client.localParticipant === undefined) throw new Error("not connected");
  return { client, me: client.localParticipant };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8");
}

async function play(source: AudioSource, hertz: number, more: () => boolean): Promise<void> {
  const perFrame = SAMPLE_RATE / 100;
  const start = Date.now();
  let position = 0;
  while (more()) {
    // The source takes frames without limit while its track is not sent: keep to the clock here.
    const aheadMs = (position / SAMPLE_RATE) * 1_000 - (Date.now() - start);
    if (aheadMs > 100) await pause(50);
    const data = new Int16Array(perFrame);
    for (let index = 0; index < perFrame; index += 1) {
      data[index] = 8_000 * Math.sin((2 * Math.PI * hertz * (position + index)) / SAMPLE_RATE);
    }
    position += perFrame;
    await source.captureFrame(new AudioFrame(data, SAMPLE_RATE, 1, perFrame));
  }
}

/** Goertzel's algorithm over 100 to 2,000 Hz in steps of 5. */
function loudestFrequency(samples: readonly number[]): number {
  let best = { hertz: 0, power: 0 };
  for (let hertz = 100; hertz <= 2_000; hertz += 5) {
    const coefficient = 2 * Math.cos((2 * Math.PI * hertz) / SAMPLE_RATE);
    let [previous, beforeThat] = [0, 0];
    for (const sample of samples) {
      [previous, beforeThat] = [sample + coefficient * previous - beforeThat, previous];
    }
    const power =
      previous * previous + beforeThat * beforeThat - coefficient * previous * beforeThat;
    if (power > best.power) best = { hertz, power };
  }
  return best.hertz;
}

/** rtc-node does not export the types of its events: `RoomEvents` above stands for them. */
function emitterOf(room: Room): Pick<EventEmitter, "on" | "off"> {
  return room as unknown as EventEmitter;
}
