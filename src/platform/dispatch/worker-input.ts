import type { z } from "zod";
import {
  WORKER_API,
  type RoomAgent,
  type TurnError,
  type TurnLatency,
} from "../../protocol/worker-api.js";
import type { Prisma } from "../database/generated/client.js";
import { AppError, invalid } from "../errors.js";
import { findForbiddenText } from "../input/forbidden-text.js";

const { heartbeat, claim, jobGone, endJob, addTurns } = WORKER_API;

export interface Heartbeat {
  readonly workerId: string;
  readonly activeJobs: number;
  /** Null: it does not say. */
  readonly maxJobs: number | null;
  readonly stopping: boolean;
}

/** What a worker claims a room with. */
export interface Claim {
  readonly room: string;
  /** Null: it does not say under which name its agent will be there. */
  readonly identity: string | null;
}

/** Why a job ends, and what its models took for no turn. */
export type JobEnd = z.output<typeof endJob.body>;

/** A turn as it will be stored. */
export interface TurnInput {
  readonly id: string;
  readonly role: "user" | "agent" | "tool";
  readonly text: string;
  readonly mode: "text" | "voice";
  readonly createdAt: Date;
  readonly toolCall: Prisma.InputJsonObject | undefined;
  /** Begun, and broken off by no visitor. */
  readonly cutOff: boolean;
  readonly latency: Prisma.InputJsonObject | undefined;
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  readonly error: TurnError | undefined;
}

/** @throws AppError `bad_request` or `invalid`. */
export function readHeartbeat(body: unknown): Heartbeat {
  const { worker_id, active_jobs, max_jobs, stopping } = read(heartbeat.body, body);
  return {
    workerId: worker_id,
    activeJobs: active_jobs,
    maxJobs: max_jobs ?? null,
    stopping: stopping ?? false,
  };
}

/** @throws AppError `bad_request` or `invalid`. */
export function readClaim(body: unknown): Claim {
  const { room, agent_identity } = read(claim.body, body);
  return { room, identity: agent_identity ?? null };
}

/** @throws AppError `bad_request` or `invalid`. */
export function readGone(body: unknown): RoomAgent {
  const { room, agent_identity: identity } = read(jobGone.body, body);
  return { room, identity };
}

/** @throws AppError `bad_request` or `invalid`. */
export function readEnd(body: unknown): JobEnd {
  return read(endJob.body, body);
}

/** @throws AppError `bad_request` or `invalid`. */
export function readTurns(body: unknown): TurnInput[] {
  return read(addTurns.body, body).turns.map((one) => ({
    id: one.id,
    role: one.role,
    text: one.text,
    mode: one.mode,
    createdAt: one.created_at,
    toolCall: one.tool_call ? storedToolCall(one.tool_call) : undefined,
    cutOff: one.cut_off ?? false,
    latency: one.latency ? storedLatency(one.latency) : undefined,
    inputTokens: one.usage?.input_tokens,
    outputTokens: one.usage?.output_tokens,
    error: one.error ?? undefined,
  }));
}

type SentTurn = z.output<typeof addTurns.body>["turns"][number];

/** The keys are those that conversations are read with. */
function storedToolCall(call: NonNullable<SentTurn["tool_call"]>): Prisma.InputJsonObject {
  // A value that came as JSON is JSON; zod types what it did not look into as unknown.
  return {
    callId: call.call_id,
    name: call.name,
    arguments: (call.arguments ?? null) as Prisma.InputJsonValue | null,
    result: (call.result ?? null) as Prisma.InputJsonValue | null,
    error: call.error ?? null,
  };
}

/** As above. */
function storedLatency(latency: TurnLatency): Prisma.InputJsonObject {
  return {
    endOfTurn: latency.end_of_turn,
    transcription: latency.transcription,
    modelFirstToken: latency.model_first_token,
    speechFirstSound: latency.speech_first_sound,
    total: latency.total,
  };
}

function read<T>(schema: z.ZodType<T>, body: unknown): T {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new AppError("bad_request", "The body must be a JSON object.");
  }
  const forbidden = findForbiddenText(body, "");
  if (forbidden) throw invalid(forbidden);
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw invalid(
    ...parsed.error.issues.slice(0, 20).map((issue) => ({
      path: issue.path.map(String).join("."),
      message: `${issue.message}.`,
    })),
  );
}
