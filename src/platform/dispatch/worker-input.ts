import { z } from "zod";
import type { Prisma } from "../database/generated/client.js";
import { parseTimestamp } from "../database/paging.js";
import { AppError, invalid } from "../errors.js";
import { findForbiddenText, jsonBytes } from "../input/forbidden-text.js";
import { MAX_TOOL_CALL_BYTES, MAX_TURN_CHARACTERS, MAX_TURNS } from "./worker-limits.js";

const heartbeat = z.object({
  worker_id: z.string().regex(/^[\w-]{8,64}$/, "must be 8 to 64 letters, digits, '_' or '-'"),
  active_jobs: z.number().int().min(0).max(100_000),
  max_jobs: z.number().int().min(0).max(100_000).nullish(),
  stopping: z.boolean().optional(),
});

const name = z.string().min(1).max(256);
const claim = z.object({ room: name, agent_identity: name.nullish() });
const gone = z.object({ room: name, agent_identity: name });

const end = z.object({ reason: z.enum(["visitor_left", "shutdown", "failed"]) });

const toolCall = z
  .object({
    call_id: z.string().min(1).max(100),
    name: z.string().min(1).max(200),
    arguments: z.unknown().optional(),
    result: z.unknown().optional(),
    error: z.string().max(2000).nullish(),
  })
  .refine((call) => jsonBytes(call) <= MAX_TOOL_CALL_BYTES, {
    message: `must be at most ${MAX_TOOL_CALL_BYTES} bytes of JSON`,
  });

const turn = z.object({
  id: z.string().regex(/^[\w.-]{1,64}$/, "must be 1 to 64 letters, digits, '.', '_' or '-'"),
  role: z.enum(["user", "agent", "tool"]),
  text: z.string().max(MAX_TURN_CHARACTERS, `must be at most ${MAX_TURN_CHARACTERS} characters`),
  mode: z.enum(["text", "voice"]),
  created_at: z.string().transform((text, check) => {
    const time = parseTimestamp(text);
    if (!time) check.addIssue("must be an ISO 8601 timestamp with a zone");
    return time ?? z.NEVER;
  }),
  tool_call: toolCall.nullish(),
  cut_off: z.boolean().optional(),
});

const turns = z.object({ turns: z.array(turn).min(1).max(MAX_TURNS) });

export interface Heartbeat {
  readonly workerId: string;
  readonly activeJobs: number;
  /** Null: it does not say. */
  readonly maxJobs: number | null;
  readonly stopping: boolean;
}

/** An agent, by the room's name and the one it has in there. */
export interface RoomAgent {
  readonly room: string;
  readonly identity: string;
}

/** What a worker claims a room with. */
export interface Claim {
  readonly room: string;
  /** Null: it does not say under which name its agent will be there. */
  readonly identity: string | null;
}

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
}

export type EndReason = z.infer<typeof end>["reason"];

/** @throws AppError `bad_request` or `invalid`. */
export function readHeartbeat(body: unknown): Heartbeat {
  const { worker_id, active_jobs, max_jobs, stopping } = read(heartbeat, body);
  return {
    workerId: worker_id,
    activeJobs: active_jobs,
    maxJobs: max_jobs ?? null,
    stopping: stopping ?? false,
  };
}

/** @throws AppError `bad_request` or `invalid`. */
export function readClaim(body: unknown): Claim {
  const { room, agent_identity } = read(claim, body);
  return { room, identity: agent_identity ?? null };
}

/** @throws AppError `bad_request` or `invalid`. */
export function readGone(body: unknown): RoomAgent {
  const { room, agent_identity: identity } = read(gone, body);
  return { room, identity };
}

/** @throws AppError `bad_request` or `invalid`. */
export function readEnd(body: unknown): EndReason {
  return read(end, body).reason;
}

/** @throws AppError `bad_request` or `invalid`. */
export function readTurns(body: unknown): TurnInput[] {
  return read(turns, body).turns.map((one) => ({
    id: one.id,
    role: one.role,
    text: one.text,
    mode: one.mode,
    createdAt: one.created_at,
    toolCall: one.tool_call ? storedToolCall(one.tool_call) : undefined,
    cutOff: one.cut_off ?? false,
  }));
}

/** The keys are those that conversations are read with. */
function storedToolCall(call: z.infer<typeof toolCall>): Prisma.InputJsonObject {
  // A value that came as JSON is JSON; zod types what it did not look into as unknown.
  return {
    callId: call.call_id,
    name: call.name,
    arguments: (call.arguments ?? null) as Prisma.InputJsonValue | null,
    result: (call.result ?? null) as Prisma.InputJsonValue | null,
    error: call.error ?? null,
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
