import { Router, type RequestHandler } from "express";
import type { ToolCall } from "../conversations/conversation.type.js";
import { jsonBody } from "../http/json-body.js";
import { refuseOtherMethods } from "../http/methods.js";
import { contextOf } from "../http/request-context.js";
import type { JobService } from "./job.service.js";
import type { Change, PresenceService } from "./presence.service.js";
import type { WorkerAuth } from "./worker-auth.js";
import {
  readClaim,
  readEnd,
  readGone,
  readHeartbeat,
  readTurns,
  type RoomAgent,
} from "./worker-input.js";

const TURNS_BODY = "2mb";
const SMALL_BODY = "16kb";

export interface WorkerRouterDependencies {
  readonly auth: WorkerAuth;
  readonly presence: PresenceService;
  readonly jobs: JobService;
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

  router.post("/core/worker/heartbeat", anyWorker, jsonBody(SMALL_BODY), async (req, res) => {
    const change = await presence.report(contextOf(req), readHeartbeat(req.body));
    if (change) deps.onChange(change);
    res.json({ status: "ok" });
  });

  router.post("/core/worker/jobs/gone", anyWorker, jsonBody(SMALL_BODY), async (req, res) => {
    const agent = readGone(req.body);
    if (await jobs.gone(contextOf(req), agent)) deps.onAgentDied(agent);
    res.json({ status: "ok" });
  });

  router.post("/core/worker/jobs", anyWorker, jsonBody(SMALL_BODY), async (req, res) => {
    const claim = await jobs.claim(contextOf(req), readClaim(req.body));
    res.json({
      token: claim.token,
      conversation_id: claim.conversationId,
      expires_at: claim.expiresAt.toISOString(),
    });
  });

  router.get("/core/worker/job", async (req, res) => {
    const job = await jobs.read(contextOf(req));
    res.json({
      conversation_id: job.conversationId,
      user_verified: job.userVerified,
      identity_metadata: job.identityMetadata,
      visitor_identity: job.visitorIdentity,
      agent_id: job.agentId,
      agent_version_id: job.agentVersionId,
      config: job.config,
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
    });
  });

  router.post("/core/worker/job/turns", anyJob, jsonBody(TURNS_BODY), async (req, res) => {
    await jobs.addTurns(contextOf(req), readTurns(req.body));
    res.json({ status: "ok" });
  });

  router.post("/core/worker/job/end", anyJob, jsonBody(SMALL_BODY), async (req, res) => {
    await jobs.end(contextOf(req), readEnd(req.body));
    res.json({ status: "ok" });
  });

  return refuseOtherMethods(router);
}

function toolCallBody({ callId, ...call }: ToolCall): object {
  return { call_id: callId, ...call };
}
