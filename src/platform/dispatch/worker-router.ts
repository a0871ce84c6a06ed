import { Router, type RequestHandler } from "express";
import type { RequestContext } from "../auth/context.js";
import type { ToolCall } from "../conversations/conversation.type.js";
import type { HeaderList } from "../http/hot-routes.js";
import { jsonReply, type HotCall } from "../http/hot-calls.js";
import { jsonBody } from "../http/json-body.js";
import { refuseOtherMethods } from "../http/methods.js";
import { contextOf } from "../http/request-context.js";
import {
  WORKER_API,
  type RoomAgent,
  type ToolCall as SentToolCall,
  type WorkerAnswer,
  type WorkerRoute,
} from "../../protocol/worker-api.js";
import { within, type Tracing } from "../../process/tracing.js";
import type { Job, JobService } from "./job.service.js";
import type { Change, PresenceService } from "./presence.service.js";
import type { WorkerAuth } from "./worker-auth.js";
import { readClaim, readEnd, readGone, readHeartbeat, readTurns } from "./worker-input.js";

const TURNS_KB = 2_048;
const SMALL_BODY = "16kb";
const DONE = { status: "ok" } as const;

export interface WorkerRouterDependencies {
  readonly auth: WorkerAuth;
  readonly presence: PresenceService;
  readonly jobs: JobService;
  readonly tracing: Tracing | undefined;
  /** Rooms may be waiting for an agent, and now one would come. Not waited for. */
  readonly onChange: (change: Exclude<Change, undefined>) => void;
  /** An agent's process is gone, and its talk goes on. Not waited for. */
  readonly onAgentDied: (agent: RoomAgent) => void;
}

/**
 * The routes of the agent worker: not for API clients, so they have no GraphQL twin. The first three
 * take `AGENT_SECRET`, the others the job token that a claim answers.
 */
export function createWorkerRouter(deps: WorkerRouterDependencies): Router {
  const { auth, presence, jobs } = deps;
  const router = Router({ caseSensitive: true });
  // Before the body is read: a stranger's is not worth the memory.
  const anyWorker: RequestHandler = async (req, _res, next) => {
    await auth.requireWorker(contextOf(req));
    next();
  };
  const anyJob: RequestHandler = async (req, _res, next) => {
    await jobs.requireToken(contextOf(req));
    next();
  };
  const serve = <R extends WorkerRoute>(
    route: R,
    before: readonly RequestHandler[],
    answer: (ctx: RequestContext, body: unknown) => Promise<WorkerAnswer<R>>,
  ): void => {
    const { method, path } = WORKER_API[route];
    router[method === "GET" ? "get" : "post"](path, ...before, async (req, res) => {
      const parent = req.get("traceparent");
      const span =
        parent === undefined
          ? undefined
          : deps.tracing?.begin(`${method} ${path}`, "server", parent);
      res.json(await within(span, () => answer(contextOf(req), req.body)));
    });
  };

  serve("heartbeat", [anyWorker, jsonBody(SMALL_BODY)], async (ctx, body) => {
    const change = await presence.report(ctx, readHeartbeat(body));
    if (change) deps.onChange(change);
    return DONE;
  });
  serve("jobGone", [anyWorker, jsonBody(SMALL_BODY)], async (ctx, body) => {
    const agent = readGone(body);
    if (await jobs.gone(ctx, agent)) deps.onAgentDied(agent);
    return DONE;
  });
  serve("claim", [anyWorker, jsonBody(SMALL_BODY)], async (ctx, body) => {
    const { token, conversationId, expiresAt } = await jobs.claim(ctx, readClaim(body));
    return { token, conversation_id: conversationId, expires_at: expiresAt.toISOString() };
  });
  serve("readJob", [anyJob], async (ctx) => toBody(await jobs.read(ctx)));
  serve("addTurns", [anyJob, jsonBody(`${TURNS_KB}kb`)], async (ctx, body) =>
    takeTurns(jobs, ctx, body),
  );
  serve("endJob", [anyJob, jsonBody(SMALL_BODY)], async (ctx, body) => {
    await jobs.end(ctx, readEnd(body));
    return DONE;
  });
  return refuseOtherMethods(router);
}

/** The report of turns, which comes with every sentence of every talk. */
export function hotTurns(jobs: JobService, headers: HeaderList): HotCall {
  return {
    method: "POST",
    path: WORKER_API.addTurns.path,
    mostBytes: TURNS_KB * 1024,
    headers: () => headers,
    admit: (ctx) => jobs.requireToken(ctx),
    answer: async (ctx, body) => jsonReply(await takeTurns(jobs, ctx, body)),
  };
}

async function takeTurns(
  jobs: JobService,
  ctx: RequestContext,
  body: unknown,
): Promise<WorkerAnswer<"addTurns">> {
  return { ...DONE, limit: await jobs.addTurns(ctx, readTurns(body)) };
}

function toBody(job: Job): WorkerAnswer<"readJob"> {
  return {
    conversation_id: job.conversationId,
    user_id: job.userId,
    user_verified: job.userVerified,
    identity_metadata: job.identityMetadata,
    form_values: job.formValues,
    page: job.page,
    visitor_identity: job.visitorIdentity,
    agent_id: job.agentId,
    agent_version_id: job.agentVersionId,
    config: job.config,
    language: job.widget.language ?? null,
    default_mode: job.widget.default_mode ?? null,
    resumed: job.resumed,
    transcript: job.transcript.map((turn) => ({
      id: turn.id,
      role: turn.role,
      text: turn.text,
      mode: turn.mode,
      created_at: turn.createdAt.toISOString(),
      tool_call: turn.toolCall && toolCallBody(turn.toolCall),
      cut_off: turn.cutOff,
    })),
    summary_of_earlier: job.summaryOfEarlier,
    limits: {
      talk_seconds: job.share.seconds,
      turns: job.share.turns,
      tokens: job.share.tokens,
    },
  };
}

function toolCallBody({ callId, ...call }: ToolCall): SentToolCall {
  return { call_id: callId, ...call };
}
