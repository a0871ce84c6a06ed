import { Router, type RequestHandler } from "express";
import type { ToolCall } from "../conversations/conversation.type.js";
import { contextOf } from "../http/request-context.js";
import { jsonBody } from "../rest/router.js";
import type { JobService } from "./job.service.js";
import type { PresenceService } from "./presence.service.js";
import type { WorkerAuth } from "./worker-auth.js";
import { readClaim, readEnd, readHeartbeat, readTurns } from "./worker-input.js";

const TURNS_BODY = "2mb";
const SMALL_BODY = "16kb";

export interface WorkerRouterDependencies {
  readonly auth: WorkerAuth;
  readonly presence: PresenceService;
  readonly jobs: JobService;
  /** A worker has come: rooms may be waiting for an agent. Not waited for. */
  readonly onNewWorker: () => void;
}

/**
 * The routes of the agent worker: not for API clients, so they have no GraphQL twin. The first two
 * take `AGENT_SECRET`, the others the job token that the second one answers.
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
    const isNew = await presence.report(contextOf(req), readHeartbeat(req.body));
    if (isNew) deps.onNewWorker();
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

  return router;
}

function toolCallBody({ callId, ...call }: ToolCall): object {
  return { call_id: callId, ...call };
}
