import { z } from "zod";
import {
  WORKER_API,
  type EndReason,
  type RoomAgent,
  type TalkLimit,
  type TurnUsage,
  type WorkerBody,
  type WorkerRoute,
} from "../protocol/worker-api.js";
import type { Turn } from "./turn.js";

const TIMEOUT_MS = 10_000;

const errorSchema = z.object({ detail: z.string() });

/** A conversation as the platform hands it to a worker. */
export interface Job extends Pick<
  Answer<"readJob">,
  "config" | "resumed" | "transcript" | "page" | "limits"
> {
  readonly visitorIdentity: string;
  readonly userId: string;
  /** Whether the website has signed for whoever is in the room, and what; else null. */
  readonly userVerified: boolean;
  readonly identityMetadata: unknown;
  readonly formValues: Readonly<Record<string, unknown>>;
  /** Of what was said until the talk last ended, where `transcript` has not all of it. */
  readonly summaryOfEarlier: string | null;
  /** The widget's, for what is said without a model. */
  readonly language: string | undefined;
  /** Whether its talks begin by voice. */
  readonly beginsInVoice: boolean;
}

type Answer<R extends WorkerRoute> = z.output<(typeof WORKER_API)[R]["answer"]>;

/** The platform's refusal, or silence. */
export class PlatformError extends Error {
  override name = "PlatformError";

  /** @param status of the answer; undefined when there was none. */
  constructor(
    message: string,
    readonly status: number | undefined,
    cause?: unknown,
  ) {
    super(message, { cause });
  }

  /** Whether asking again later may help. */
  get isPassing(): boolean {
    return this.status === undefined || this.status >= 500 || this.status === 429;
  }
}

export interface WorkerReport {
  readonly id: string;
  readonly activeJobs: number;
  readonly maxJobs: number;
  readonly stopping: boolean;
}

/** What a worker asks of the platform, with `AGENT_SECRET`. */
export class PlatformClient {
  constructor(
    private readonly url: string,
    private readonly agentSecret: string,
  ) {}

  /** Opens the connection that the first job will use. */
  async warmUp(): Promise<void> {
    const response = await fetch(`${this.url}/healthz`, {
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.arrayBuffer();
  }

  /** @throws PlatformError */
  async heartbeat(worker: WorkerReport): Promise<void> {
    await this.call("heartbeat", {
      worker_id: worker.id,
      active_jobs: worker.activeJobs,
      max_jobs: worker.maxJobs,
      stopping: worker.stopping,
    });
  }

  /** The process of this agent is gone, in order or not. @throws PlatformError */
  async jobGone({ room, identity }: RoomAgent): Promise<void> {
    await this.call("jobGone", { room, agent_identity: identity });
  }

  /** Exchanges the room for the job. @throws PlatformError, with 409 when the room is over. */
  async claim({ room, identity }: RoomAgent, traceparent?: string): Promise<JobClient> {
    const body = { room, agent_identity: identity };
    const { token } = await this.call("claim", body, traceparent);
    return new JobClient(this.url, token, traceparent);
  }

  private call<R extends WorkerRoute>(
    route: R,
    body: WorkerBody<R>,
    traceparent?: string,
  ): Promise<Answer<R>> {
    return call(this.url, this.agentSecret, route, body, { traceparent });
  }
}

/** One conversation, with its own token. */
export class JobClient {
  constructor(
    private readonly url: string,
    private readonly token: string,
    /** Of the trace that the job's beginning is a part of. */
    private readonly traceparent: string | undefined,
  ) {}

  async read(): Promise<Job> {
    const { traceparent } = this;
    const answer = await call(this.url, this.token, "readJob", undefined, { traceparent });
    const { config, resumed, transcript, page, limits } = answer;
    return {
      visitorIdentity: answer.visitor_identity,
      userId: answer.user_id,
      userVerified: answer.user_verified,
      identityMetadata: answer.identity_metadata,
      formValues: answer.form_values,
      summaryOfEarlier: answer.summary_of_earlier,
      language: answer.language ?? undefined,
      beginsInVoice: answer.default_mode === "voice",
      config,
      resumed,
      transcript,
      page,
      limits,
    };
  }

  /**
   * Repeating a turn's id has no effect.
   *
   * @returns which share of its own the talk has used up; null while it may go on.
   * @throws PlatformError, with 401 when the job is over.
   */
  async addTurns(turns: readonly Turn[]): Promise<TalkLimit | null> {
    const { limit } = await call(this.url, this.token, "addTurns", {
      turns: turns.map((turn) => ({
        id: turn.id,
        role: turn.role,
        text: turn.text,
        mode: turn.mode,
        created_at: turn.createdAt.toISOString(),
        tool_call: turn.toolCall,
        ...(turn.cutOff ? { cut_off: true } : {}),
        latency: turn.latency,
        usage: turn.usage,
        error: turn.error,
      })),
    });
    return limit;
  }

  /** @param usage what models took for no turn. @throws PlatformError */
  async end(reason: EndReason, usage: TurnUsage | undefined, timeoutMs: number): Promise<void> {
    await call(this.url, this.token, "endJob", { reason, usage }, { timeoutMs });
  }
}

async function call<R extends WorkerRoute>(
  url: string,
  bearer: string,
  route: R,
  body: WorkerBody<R>,
  {
    timeoutMs = TIMEOUT_MS,
    traceparent,
  }: { timeoutMs?: number; traceparent?: string | undefined } = {},
): Promise<Answer<R>> {
  const { method, path, answer: schema } = WORKER_API[route];
  let response: Response;
  let answer: unknown;
  try {
    response = await fetch(url + path, {
      method,
      headers: {
        authorization: `Bearer ${bearer}`,
        "content-type": "application/json",
        ...(traceparent === undefined ? {} : { traceparent }),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
      redirect: "error",
      signal: AbortSignal.timeout(timeoutMs),
    });
    answer = await response.json();
  } catch (error) {
    throw new PlatformError(`The platform did not answer ${method} ${path}.`, undefined, error);
  }
  if (!response.ok) {
    const reason = errorSchema.safeParse(answer).data?.detail ?? "";
    throw new PlatformError(`${method} ${path}: ${response.status} ${reason}`, response.status);
  }
  // TypeScript does not follow a key into a table: this is the route's own schema.
  return schema.parse(answer) as Answer<R>;
}
