import {
  AgentDispatch,
  AgentDispatchState,
  AvailabilityRequest,
  DisconnectReason,
  Job,
  JobAssignment,
  JobState,
  JobStatus,
  JobTermination,
  JobType,
  ParticipantInfo_Kind,
  ParticipantPermission,
  RegisterWorkerResponse,
  RoomAgentDispatch,
  ServerMessage,
  WorkerMessage,
  WorkerPong,
  WorkerStatus,
  type AvailabilityResponse,
  type RegisterWorkerRequest,
  type ServerInfo,
} from "@livekit/protocol";
import { guarded, type Log } from "./guarded.js";
import type { SignalLink } from "./participant.js";
import type { Room } from "./room.js";
import { newSid } from "./sid.js";
import { grantOf, type TokenAuthority } from "./tokens.js";

/** How long a worker may take to say whether it takes a job. */
const AVAILABILITY_TIMEOUT_MS = 7_500;
const JOB_TOKEN_TTL_SECONDS = 3_600;
/** The real server's `agents.target_load`: a worker that is as busy as this is not called. */
const TARGET_LOAD = 0.7;
const AGENT_NAME_ATTRIBUTE = "lk.agent.name";

/** What `CreateDispatch` names. */
export type DispatchRequest = Pick<
  RoomAgentDispatch,
  "agentName" | "metadata" | "attributes" | "deployment" | "restartPolicy"
>;

/**
 * Brings agents into rooms: keeps the workers that have registered, offers them jobs, and ends
 * the jobs when their room or their dispatch does.
 */
export class AgentDispatcher {
  readonly #serverInfo: ServerInfo;
  readonly #tokens: TokenAuthority;
  readonly #log: Log;
  readonly #workers = new Set<AgentWorker>();
  readonly #dispatches = new Map<Room, Map<string, AgentDispatch>>();

  constructor(serverInfo: ServerInfo, tokens: TokenAuthority, log: Log) {
    this.#serverInfo = serverInfo;
    this.#tokens = tokens;
    this.#log = log;
  }

  /** A worker has connected; it is offered jobs once it has registered. */
  connect(link: SignalLink): AgentWorker {
    const worker = new AgentWorker(link, this.#serverInfo, this.#log);
    this.#workers.add(worker);
    return worker;
  }

  disconnect(worker: AgentWorker): void {
    this.#workers.delete(worker);
    worker.disconnected();
  }

  /** A room without dispatches of its own calls for the agents that have no name. */
  roomCreated(room: Room, agents: readonly RoomAgentDispatch[]): void {
    this.#dispatches.set(room, new Map());
    for (const agent of agents.length > 0 ? agents : [new RoomAgentDispatch()]) {
      this.create(room, agent);
    }
  }

  roomClosed(room: Room): void {
    for (const dispatch of this.list(room)) this.#terminate(dispatch, () => true);
    this.#dispatches.delete(room);
  }

  agentLeft(room: Room, identity: string): void {
    for (const dispatch of this.list(room)) {
      this.#terminate(dispatch, (job) => job.state?.participantIdentity === identity);
    }
  }

  list(room: Room): AgentDispatch[] {
    return [...(this.#dispatches.get(room)?.values() ?? [])];
  }

  /** Stores the dispatch and calls a worker. Without one it stays stored, and nothing fails. */
  create(room: Room, request: DispatchRequest): AgentDispatch {
    const dispatch = new AgentDispatch({
      id: newSid("AD_"),
      agentName: request.agentName,
      room: room.name,
      metadata: request.metadata,
      attributes: request.attributes,
      deployment: request.deployment,
      restartPolicy: request.restartPolicy,
      state: new AgentDispatchState({ createdAt: nanoseconds() }),
    });
    this.#dispatches.get(room)?.set(dispatch.id, dispatch);
    this.#launch(room, dispatch).catch((error: unknown) => {
      this.#log.warn({ err: error, dispatch: dispatch.id }, "embedded LiveKit: dispatch failed");
    });
    return dispatch;
  }

  /** Ends the dispatch's jobs; their agents leave the room. */
  delete(room: Room, dispatchId: string): AgentDispatch | undefined {
    const dispatch = this.#dispatches.get(room)?.get(dispatchId);
    if (dispatch === undefined) return undefined;
    this.#dispatches.get(room)?.delete(dispatchId);
    this.#terminate(dispatch, () => true);
    for (const job of dispatch.state?.jobs ?? []) {
      const agent = room.participants.get(job.state?.participantIdentity ?? "");
      if (agent?.isAgent === true) room.remove(agent, DisconnectReason.PARTICIPANT_REMOVED);
    }
    if (dispatch.state !== undefined) dispatch.state.deletedAt = nanoseconds();
    return dispatch;
  }

  async #launch(room: Room, dispatch: AgentDispatch): Promise<void> {
    const job = new Job({
      id: newSid("AJ_"),
      dispatchId: dispatch.id,
      type: JobType.JT_ROOM,
      room: room.info(),
      metadata: dispatch.metadata,
      agentName: dispatch.agentName,
      attributes: dispatch.attributes,
      deployment: dispatch.deployment,
      state: new JobState({ status: JobStatus.JS_PENDING, updatedAt: nanoseconds() }),
    });
    const asked = new Set<AgentWorker>();
    for (;;) {
      const worker = this.#choose(dispatch.agentName, asked);
      if (worker === undefined) {
        const detail = { room: room.name, agentName: dispatch.agentName, asked: asked.size };
        this.#log.warn(detail, "embedded LiveKit: no servers available");
        return;
      }
      asked.add(worker);
      const answer = await worker.offer(job);
      // The room may have closed, or the dispatch been deleted, while the worker thought.
      if (this.#dispatches.get(room)?.get(dispatch.id) !== dispatch) return;
      if (answer?.terminate === true) return;
      if (answer?.available !== true) continue;
      const token = await this.#jobToken(room, job, worker, answer);
      if (this.#dispatches.get(room)?.get(dispatch.id) !== dispatch) return;
      dispatch.state?.jobs.push(job);
      worker.assign(job, token);
      this.#log.info(
        { room: room.name, job: job.id, worker: worker.id },
        "embedded LiveKit: agent job assigned",
      );
      return;
    }
  }

  /** A worker of that name which has not been asked yet: any that has room, more often one that has more. */
  #choose(agentName: string, asked: ReadonlySet<AgentWorker>): AgentWorker | undefined {
    const able = [...this.#workers]
      .filter((worker) => !asked.has(worker) && worker.takesRoomsAs(agentName))
      .map((worker) => ({ worker, weight: Math.max(0, TARGET_LOAD - worker.load) }));
    let at = Math.random() * able.reduce((sum, { weight }) => sum + weight, 0);
    for (const { worker, weight } of able) {
      if (weight > at) return worker;
      at -= weight;
    }
    return undefined;
  }

  async #jobToken(
    room: Room,
    job: Job,
    worker: AgentWorker,
    answer: AvailabilityResponse,
  ): Promise<string> {
    const identity = answer.participantIdentity || `agent-${job.id}`;
    if (job.state !== undefined) {
      job.state.participantIdentity = identity;
      job.state.workerId = worker.id;
    }
    const attributes = { [AGENT_NAME_ATTRIBUTE]: job.agentName, ...answer.participantAttributes };
    return this.#tokens.signJoin(
      {
        identity,
        name: answer.participantName,
        metadata: answer.participantMetadata,
        attributes,
        kind: ParticipantInfo_Kind.AGENT,
        video: grantOf(worker.permission, room.name),
      },
      JOB_TOKEN_TTL_SECONDS,
    );
  }

  #terminate(dispatch: AgentDispatch, which: (job: Job) => boolean): void {
    for (const job of dispatch.state?.jobs ?? []) {
      if (!which(job) || job.state?.endedAt !== 0n) continue;
      for (const worker of this.#workers) worker.terminate(job.id);
      endJob(job, JobStatus.JS_SUCCESS, "");
    }
  }
}

/** One connected worker process. */
export class AgentWorker {
  readonly id = newSid("AW_");
  load = 0;
  permission = new ParticipantPermission();
  readonly #link: SignalLink;
  readonly #serverInfo: ServerInfo;
  readonly #log: Log;
  readonly #jobs = new Map<string, Job>();
  readonly #offers = new Map<string, (answer: AvailabilityResponse | undefined) => void>();
  #registration: RegisterWorkerRequest | undefined;
  #available = true;
  #connected = true;

  constructor(link: SignalLink, serverInfo: ServerInfo, log: Log) {
    this.#link = link;
    this.#serverInfo = serverInfo;
    this.#log = log;
  }

  takesRoomsAs(agentName: string): boolean {
    const registration = this.#registration;
    if (registration === undefined || !this.#available || !this.#connected) return false;
    return registration.type === JobType.JT_ROOM && registration.agentName === agentName;
  }

  /** Asks the worker; no answer in time, or a lost connection, counts as none. */
  async offer(job: Job): Promise<AvailabilityResponse | undefined> {
    return new Promise((resolve) => {
      const settle = (answer: AvailabilityResponse | undefined): void => {
        clearTimeout(timer);
        this.#offers.delete(job.id);
        resolve(answer);
      };
      const timer = setTimeout(() => settle(undefined), AVAILABILITY_TIMEOUT_MS);
      this.#offers.set(job.id, settle);
      this.#send({ case: "availability", value: new AvailabilityRequest({ job }) });
    });
  }

  assign(job: Job, token: string): void {
    this.#jobs.set(job.id, job);
    if (job.state !== undefined) job.state.startedAt = nanoseconds();
    this.#send({ case: "assignment", value: new JobAssignment({ job, token }) });
  }

  terminate(jobId: string): void {
    if (!this.#jobs.delete(jobId)) return;
    this.#send({ case: "termination", value: new JobTermination({ jobId }) });
  }

  receive(bytes: Uint8Array): void {
    const { message } = WorkerMessage.fromBinary(bytes);
    if (message.case !== "register" && this.#registration === undefined) {
      this.#link.close();
      return;
    }
    switch (message.case) {
      case "register":
        this.#register(message.value);
        break;
      case "availability":
        this.#offers.get(message.value.jobId)?.(message.value);
        break;
      case "updateWorker":
        this.load = message.value.load;
        if (message.value.status !== undefined) {
          this.#available = message.value.status === WorkerStatus.WS_AVAILABLE;
        }
        break;
      case "updateJob":
        this.#updateJob(message.value.jobId, message.value.status, message.value.error);
        break;
      case "ping":
        this.#send({
          case: "pong",
          value: new WorkerPong({
            lastTimestamp: message.value.timestamp,
            timestamp: BigInt(Date.now()),
          }),
        });
        break;
      default:
        this.#log.debug({ case: message.case }, "embedded LiveKit: worker message passed over");
    }
  }

  /** Its jobs' processes may still be in their rooms: those end by leaving. */
  disconnected(): void {
    this.#connected = false;
    for (const settle of this.#offers.values()) settle(undefined);
    for (const job of this.#jobs.values()) endJob(job, JobStatus.JS_FAILED, "worker disconnected");
    this.#jobs.clear();
  }

  #register(request: RegisterWorkerRequest): void {
    if (this.#registration !== undefined) return;
    this.#registration = request;
    this.permission =
      request.allowedPermissions ??
      new ParticipantPermission({
        canPublish: true,
        canSubscribe: true,
        canPublishData: true,
        canUpdateMetadata: true,
      });
    this.permission.agent = true;
    this.#send({
      case: "register",
      value: new RegisterWorkerResponse({ workerId: this.id, serverInfo: this.#serverInfo }),
    });
    const detail = { worker: this.id, agentName: request.agentName, version: request.version };
    if (request.type === JobType.JT_ROOM)
      this.#log.info(detail, "embedded LiveKit: worker registered");
    else
      this.#log.warn(
        detail,
        "embedded LiveKit: worker registered for a kind of job never given here",
      );
  }

  #updateJob(jobId: string, status: JobStatus, error: string): void {
    const job = this.#jobs.get(jobId);
    if (job?.state === undefined) return;
    if (status === JobStatus.JS_SUCCESS || status === JobStatus.JS_FAILED) {
      this.#jobs.delete(jobId);
      endJob(job, status, error);
    } else {
      job.state.status = status;
      job.state.updatedAt = nanoseconds();
    }
  }

  #send(message: ServerMessage["message"]): void {
    guarded(this.#log, "sending to a worker", () => {
      this.#link.send(new ServerMessage({ message }).toBinary());
    });
  }
}

function endJob(job: Job, status: JobStatus, error: string): void {
  if (job.state === undefined || job.state.endedAt !== 0n) return;
  job.state.status = status;
  job.state.error = error;
  job.state.endedAt = nanoseconds();
  job.state.updatedAt = job.state.endedAt;
}

function nanoseconds(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}
