import { z } from "zod";
import { storedAgentConfigSchema } from "./agent-config.js";
import { jsonBytes } from "./json-bytes.js";
import { MAX_TOOL_CALL_BYTES, MAX_TURN_CHARACTERS, MAX_TURNS } from "./limits.js";
import { parseTimestamp } from "./timestamp.js";

/**
 * What the agent worker and the platform say to each other: not for API clients, so there is no GraphQL twin. A worker
 * reports itself and claims a room with `AGENT_SECRET`; with the token that it gets for that, one job is done (contract
 * section 5).
 */

/** A turn is what one side said or did: the visitor, the agent, or a tool that the agent called. */
const role = z.enum(["user", "agent", "tool"]);
const mode = z.enum(["text", "voice"]);
/** The room's name, and the name that an agent has in there. */
const name = z.string().min(1).max(256);
const done = z.object({ status: z.literal("ok") });

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

const milliseconds = z.number().int().min(0).max(3_600_000);
/** Of one turn: so few that many of them fit into a number of the database. */
const tokens = z.number().int().min(0).max(10_000_000);

/** Milliseconds of each stage that took part in an answer (contract section 6). */
const latency = z.object({
  end_of_turn: milliseconds.optional(),
  transcription: milliseconds.optional(),
  model_first_token: milliseconds.optional(),
  speech_first_sound: milliseconds.optional(),
  /** From the visitor's last word or message to the agent's first. */
  total: milliseconds.optional(),
});

/** What went wrong with the model while a turn was made: never its own words. */
const turnError = z.enum([
  "timeout",
  "rate_limited",
  "unauthorized",
  "server_error",
  "bad_answer",
  "cut_off",
  "tool_loop",
  "fallback",
]);

/** What a model read and wrote. */
const usage = z.object({ input_tokens: tokens, output_tokens: tokens });

const turn = z.object({
  id: z.string().regex(/^[\w.-]{1,64}$/, "must be 1 to 64 letters, digits, '.', '_' or '-'"),
  role,
  text: z.string().max(MAX_TURN_CHARACTERS, `must be at most ${MAX_TURN_CHARACTERS} characters`),
  mode,
  created_at: z.string().transform((text, check) => {
    const time = parseTimestamp(text);
    if (!time) check.addIssue("must be an ISO 8601 timestamp with a zone");
    return time ?? z.NEVER;
  }),
  tool_call: toolCall.nullish(),
  /** Begun, and broken off by no visitor: what completes it has the same id. */
  cut_off: z.boolean().optional(),
  latency: latency.nullish(),
  usage: usage.nullish(),
  error: turnError.nullish(),
});

/** A tool call and a turn as they were stored, perhaps by another version: held to no bounds. */
const storedToolCall = z.object({
  call_id: z.string(),
  name: z.string(),
  arguments: z.unknown(),
  result: z.unknown(),
  error: z.string().nullable().default(null),
});
const storedTurn = z.object({
  id: z.string(),
  role,
  text: z.string(),
  mode,
  created_at: z.string(),
  tool_call: storedToolCall.nullable(),
  cut_off: z.boolean().default(false),
});

/** Of the website's page that the visitor came from: on nobody's word. */
export const hostPage = z.object({ url: z.string(), title: z.string(), language: z.string() });

/** What a talk may still use up; null: as much as it wants. */
const talkLimits = z.object({
  talk_seconds: z.number().nullable(),
  turns: z.number().nullable(),
  tokens: z.number().nullable(),
});

const job = z.object({
  conversation_id: z.string(),
  user_id: z.string(),
  /** Whether the website has signed for whoever is in this room, and what it has signed; else null. */
  user_verified: z.boolean(),
  identity_metadata: z.unknown(),
  /** What the visitor filled in and the website told: none for a visitor who resumed by a name alone. */
  form_values: z.record(z.string(), z.unknown()),
  page: hostPage.nullable(),
  /** The one participant to listen to. */
  visitor_identity: z.string(),
  agent_id: z.string(),
  agent_version_id: z.string(),
  /** The agent version's, as it was stored. */
  config: storedAgentConfigSchema,
  /** Of the widget's own words, and how its talks begin; null or absent: it does not say. */
  language: z.string().nullish(),
  default_mode: z.enum(["text", "voice"]).nullish(),
  /** Whether something was said, or the visitor was there, before this job. */
  resumed: z.boolean(),
  /** The last turns, oldest first; none for a visitor who resumed by a name alone. */
  transcript: z.array(storedTurn),
  /** Of what was said until the talk last ended, where `transcript` has not all of it. */
  summary_of_earlier: z.string().nullable(),
  limits: talkLimits,
});

const turnsTaken = done.extend({
  /** Which share of its own the talk has used up: the agent says so and ends it. */
  limit: z.enum(["turns", "tokens", "seconds"]).nullable().default(null),
});

export const WORKER_API = {
  /** With `AGENT_SECRET`: a worker is there, every `HEARTBEAT_SECONDS`, or says goodbye. */
  heartbeat: {
    method: "POST",
    path: "/core/worker/heartbeat",
    body: z.object({
      worker_id: z.string().regex(/^[\w-]{8,64}$/, "must be 8 to 64 letters, digits, '_' or '-'"),
      active_jobs: z.number().int().min(0).max(100_000),
      /** Absent: it does not say. */
      max_jobs: z.number().int().min(0).max(100_000).nullish(),
      stopping: z.boolean().optional(),
    }),
    answer: done,
  },
  /** With `AGENT_SECRET`: the process of this agent is gone, in order or not. */
  jobGone: {
    method: "POST",
    path: "/core/worker/jobs/gone",
    body: z.object({ room: name, agent_identity: name }),
    answer: done,
  },
  /** With `AGENT_SECRET`: exchanges a room for its job's token; 409 when the room is over. */
  claim: {
    method: "POST",
    path: "/core/worker/jobs",
    body: z.object({ room: name, agent_identity: name.nullish() }),
    answer: z.object({ token: z.string(), conversation_id: z.string(), expires_at: z.string() }),
  },
  /** With the job's token, as the two below; 401 when the job is over. */
  readJob: { method: "GET", path: "/core/worker/job", body: z.undefined(), answer: job },
  /** Repeating a turn's id has no effect, but for one that was cut off. */
  addTurns: {
    method: "POST",
    path: "/core/worker/job/turns",
    body: z.object({ turns: z.array(turn).min(1).max(MAX_TURNS) }),
    answer: turnsTaken,
  },
  endJob: {
    method: "POST",
    path: "/core/worker/job/end",
    body: z.object({
      reason: z.enum(["visitor_left", "shutdown", "failed"]),
      /** Of what became no turn; an older worker does not say. */
      usage: usage.nullish(),
    }),
    answer: done,
  },
} as const;

export type WorkerRoute = keyof typeof WORKER_API;
/** What the worker sends. */
export type WorkerBody<R extends WorkerRoute> = z.input<(typeof WORKER_API)[R]["body"]>;
/** What the platform answers. */
export type WorkerAnswer<R extends WorkerRoute> = z.input<(typeof WORKER_API)[R]["answer"]>;
export type ToolCall = z.output<typeof storedToolCall>;
export type TurnLatency = z.output<typeof latency>;
export type TurnUsage = z.output<typeof usage>;
export type TurnError = z.output<typeof turnError>;
export type TalkLimit = z.output<typeof turnsTaken>["limit"] & string;
export type HostPage = z.output<typeof hostPage>;
export type EndReason = WorkerBody<"endJob">["reason"];

/** An agent in a room, by the names that LiveKit has for both. */
export interface RoomAgent {
  readonly room: string;
  readonly identity: string;
}

/** What the worker tells the process that runs it. */
export type WorkerMessage =
  | { readonly type: "registered"; readonly workerId: string }
  | { readonly type: "running"; readonly agents: readonly RoomAgent[] };
