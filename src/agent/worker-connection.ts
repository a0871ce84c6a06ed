import {
  JobType,
  ParticipantPermission,
  ServerMessage,
  WorkerMessage,
  WorkerStatus,
  type AvailabilityRequest,
  type JobAssignment,
} from "@livekit/protocol";
import { AccessToken } from "livekit-server-sdk";
import type { Logger } from "pino";
import { WebSocket, type RawData } from "ws";
import type { LiveKitAccess } from "../process/environment.js";
import { STATE_ATTRIBUTE } from "../protocol/room-words.js";

const FIRST_WAIT_MS = 500;
const LAST_WAIT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 10_000;
/** The real server drops a worker that says nothing of its load for long. */
const UPDATE_MS = 2_500;
/** A connection that answers no ping for so long is none. */
const SILENCE_MS = 15_000;
/** A job that was taken and has not come by then is counted no more. */
const ASSIGNMENT_MS = 7_500;

/** A room that this worker was given, and the token to join it with. */
export interface Assignment {
  /** LiveKit's job. */
  readonly id: string;
  readonly room: string;
  /** What the one who called for the agent gave along; not to be believed. */
  readonly metadata: string;
  /** The agent's own. */
  readonly identity: string;
  readonly url: string;
  readonly token: string;
}

export interface WorkerConnectionOptions {
  readonly livekit: LiveKitAccess;
  readonly agentName: string;
  /** What LiveKit is told, from 0 to 1; 1 is full. */
  readonly load: () => number;
  /** @returns whether there is room for the job, which is taken by this. */
  readonly take: (jobId: string) => boolean;
  /** A job that was taken goes to another worker. */
  readonly giveBack: (jobId: string) => void;
  readonly begin: (assignment: Assignment) => void;
  /** LiveKit ends a job. */
  readonly end: (jobId: string) => void;
  readonly onRegistered: () => void;
  readonly log: Logger;
}

/**
 * A worker's connection to LiveKit, by LiveKit's own worker protocol. The framework's worker starts a process for each
 * job and cannot be given another pool; the protocol is all that is needed of it.
 */
export class WorkerConnection {
  private socket: WebSocket | undefined;
  private waitMs = FIRST_WAIT_MS;
  private timer: NodeJS.Timeout | undefined;
  private updates: NodeJS.Timeout | undefined;
  private heardMs = 0;
  private draining = false;
  private closed = false;
  private failing = false;
  /** Jobs that were taken and not given to us yet. */
  private readonly expected = new Map<string, NodeJS.Timeout>();

  constructor(private readonly options: WorkerConnectionOptions) {}

  /** Connects, and again whenever the connection is lost. */
  start(): void {
    this.connect().catch((error: unknown) => this.lost(error));
  }

  /** Takes no more jobs from now on. */
  drain(): void {
    this.draining = true;
    this.update();
  }

  /** Says at once what the load is. */
  update(): void {
    const load = this.draining ? 1 : this.options.load();
    const status = load >= 1 ? WorkerStatus.WS_FULL : WorkerStatus.WS_AVAILABLE;
    this.send({ case: "updateWorker", value: { load, status } });
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    clearInterval(this.updates);
    for (const timer of this.expected.values()) clearTimeout(timer);
    this.socket?.close();
  }

  private async connect(): Promise<void> {
    const { livekit, agentName } = this.options;
    const token = new AccessToken(livekit.apiKey, livekit.apiSecret);
    token.addGrant({ agent: true });
    const url = new URL("agent", livekit.url.replace(/^http/, "ws").replace(/\/?$/, "/"));
    const headers = { authorization: `Bearer ${await token.toJwt()}` };
    if (this.closed) return;
    const socket = new WebSocket(url, { headers, handshakeTimeout: CONNECT_TIMEOUT_MS });
    this.socket = socket;
    let problem: unknown;
    socket.on("error", (error) => (problem = error));
    socket.on("close", (code) => this.lost(problem ?? new Error(`closed with ${code}`)));
    socket.on("message", (data) => this.receive(data));
    socket.on("pong", () => (this.heardMs = performance.now()));
    socket.on("open", () => {
      this.heardMs = performance.now();
      this.updates = setInterval(() => this.beat(), UPDATE_MS);
      const allowedPermissions = new ParticipantPermission({
        canPublish: true,
        canSubscribe: true,
        canPublishData: true,
        canUpdateMetadata: true,
        agent: true,
      });
      this.send({
        case: "register",
        value: { type: JobType.JT_ROOM, agentName, allowedPermissions, version: "1" },
      });
    });
  }

  private beat(): void {
    if (performance.now() - this.heardMs > SILENCE_MS) return this.socket?.terminate();
    this.socket?.ping();
    this.update();
  }

  private lost(error: unknown): void {
    clearInterval(this.updates);
    this.socket = undefined;
    if (this.closed) return;
    if (!this.failing) this.options.log.warn({ err: error }, "no connection to LiveKit");
    this.failing = true;
    this.timer = setTimeout(() => this.start(), this.waitMs);
    this.waitMs = Math.min(this.waitMs * 2, LAST_WAIT_MS);
  }

  private receive(data: RawData): void {
    const message = this.read(data);
    switch (message?.case) {
      case "register":
        this.waitMs = FIRST_WAIT_MS;
        this.failing = false;
        this.options.onRegistered();
        return this.update();
      case "availability":
        return this.answer(message.value);
      case "assignment":
        return this.begin(message.value);
      case "termination":
        return this.options.end(message.value.jobId);
      default:
    }
  }

  private read(data: RawData): ServerMessage["message"] | undefined {
    try {
      return ServerMessage.fromBinary(toBytes(data)).message;
    } catch (error) {
      this.options.log.warn({ err: error }, "LiveKit sent what is no message");
      return undefined;
    }
  }

  private answer({ job }: AvailabilityRequest): void {
    if (!job) return;
    const { id: jobId } = job;
    const available = !this.draining && this.options.take(jobId);
    if (available) {
      const timer = setTimeout(() => {
        this.expected.delete(jobId);
        this.options.giveBack(jobId);
      }, ASSIGNMENT_MS);
      this.expected.set(jobId, timer);
    }
    this.send({
      case: "availability",
      value: {
        jobId,
        available,
        participantIdentity: identityOf(jobId),
        participantName: "Agent",
        participantAttributes: {
          [STATE_ATTRIBUTE]: "initializing",
        },
      },
    });
    this.update();
  }

  private begin({ job, token, url }: JobAssignment): void {
    if (!job) return;
    const timer = this.expected.get(job.id);
    // On a machine that stood still it comes late, and LiveKit gives it to nobody else: there may be room again.
    if (!timer && !this.options.take(job.id)) return;
    clearTimeout(timer);
    this.expected.delete(job.id);
    const room = job.room?.name ?? "";
    const identity = identityOf(job.id);
    this.options.begin({
      id: job.id,
      room,
      metadata: job.metadata,
      identity,
      url: url || this.options.livekit.url,
      token,
    });
  }

  private send(
    message: Exclude<ConstructorParameters<typeof WorkerMessage>[0], undefined>["message"],
  ): void {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    this.socket.send(
      new WorkerMessage({ message } as ConstructorParameters<typeof WorkerMessage>[0]).toBinary(),
    );
  }
}

function identityOf(jobId: string): string {
  return `agent-${jobId}`;
}

function toBytes(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}
