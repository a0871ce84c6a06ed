import { z } from "zod";
import { storedAgentConfigSchema } from "../protocol/agent-config.js";
import type { Turn } from "./turn.js";

const TIMEOUT_MS = 10_000;

const claimSchema = z.object({ token: z.string() });

const jobSchema = z
  .object({
    visitor_identity: z.string(),
    config: storedAgentConfigSchema,
    resumed: z.boolean(),
    transcript: z.array(
      z.object({
        id: z.string(),
        role: z.enum(["user", "agent", "tool"]),
        text: z.string(),
        mode: z.enum(["text", "voice"]),
        cut_off: z.boolean().default(false),
        tool_call: z
          .object({
            call_id: z.string(),
            name: z.string(),
            arguments: z.unknown(),
            result: z.unknown(),
            error: z.string().nullable().default(null),
          })
          .nullable(),
      }),
    ),
  })
  .transform(({ visitor_identity, ...rest }) => ({
    visitorIdentity: visitor_identity,
    ...rest,
  }));

/** A conversation as the platform hands it to a worker. */
export type Job = z.infer<typeof jobSchema>;

export type EndReason = "visitor_left" | "shutdown" | "failed";

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
    await call(this.url, "POST", "/core/worker/heartbeat", this.agentSecret, {
      worker_id: worker.id,
      active_jobs: worker.activeJobs,
      max_jobs: worker.maxJobs,
      stopping: worker.stopping,
    });
  }

  /** The process of this agent is gone, in order or not. @throws PlatformError */
  async jobGone(room: string, identity: string): Promise<void> {
    const body = { room, agent_identity: identity };
    await call(this.url, "POST", "/core/worker/jobs/gone", this.agentSecret, body);
  }

  /**
   * Exchanges the room for the job.
   *
   * @param identity under which this agent is in the room.
   * @throws PlatformError, with 409 when the room is over.
   */
  async claim(room: string, identity: string): Promise<JobClient> {
    const body = { room, agent_identity: identity };
    const answer = await call(this.url, "POST", "/core/worker/jobs", this.agentSecret, body);
    return new JobClient(this.url, claimSchema.parse(answer).token);
  }
}

/** One conversation, with its own token. */
export class JobClient {
  constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  async read(): Promise<Job> {
    return jobSchema.parse(await call(this.url, "GET", "/core/worker/job", this.token));
  }

  /** Repeating a turn's id has no effect. @throws PlatformError, with 401 when the job is over. */
  async addTurns(turns: readonly Turn[]): Promise<void> {
    await call(this.url, "POST", "/core/worker/job/turns", this.token, {
      turns: turns.map((turn) => ({
        id: turn.id,
        role: turn.role,
        text: turn.text,
        mode: turn.mode,
        created_at: turn.createdAt.toISOString(),
        tool_call: turn.toolCall,
        ...(turn.cutOff ? { cut_off: true } : {}),
      })),
    });
  }

  async end(reason: EndReason, timeoutMs: number): Promise<void> {
    const body = { reason };
    await call(this.url, "POST", "/core/worker/job/end", this.token, body, timeoutMs);
  }
}

async function call(
  url: string,
  method: "GET" | "POST",
  path: string,
  bearer: string,
  body?: object,
  timeoutMs = TIMEOUT_MS,
): Promise<unknown> {
  let response: Response;
  let answer: unknown;
  try {
    response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json" },
      ...(body ? { body: JSON.stringify(body) } : {}),
      redirect: "error",
      signal: AbortSignal.timeout(timeoutMs),
    });
    answer = await response.json();
  } catch (error) {
    throw new PlatformError(`The platform did not answer ${method} ${path}.`, undefined, error);
  }
  if (response.ok) return answer;
  const detail = z.object({ detail: z.string() }).safeParse(answer);
  const reason = detail.success ? detail.data.detail : "";
  throw new PlatformError(`${method} ${path}: ${response.status} ${reason}`, response.status);
}
