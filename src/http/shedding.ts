import type { Request, RequestHandler, Response } from "express";
import { bearerOf } from "../auth/credentials.service.js";
import type { RecentlyVerified } from "../auth/recently-verified.js";
import { ERROR_MAPPING } from "../errors.js";
import { publicCors } from "./cors.js";

/** How much is worked on at a time; the rest is sent away. */
export interface LoadLimits {
  /** Requests under way before nobody without a verified credential gets in. */
  readonly anybody: number;
  /** The same for who has one: the difference is their reserve. */
  readonly verified: number;
  /** How late the event loop may be for the former. */
  readonly loopLagMs: number;
}

export const LOAD_LIMITS: LoadLimits = { anybody: 100, verified: 200, loopLagMs: 1_000 };
const BEAT_MS = 100;
const RETRY_SECONDS = 2;
/** Both doors and the panel's page; express takes the paths in any case. */
const SHEDS = /^\/(graphql|core|public\/embed\/[^/]+\/panel)(\/|$)/i;
const SENTENCE = "There is too much to do. Try again in a moment.";
const REST_BODY = JSON.stringify({ detail: SENTENCE });
const GRAPHQL_BODY = JSON.stringify({
  errors: [
    {
      message: SENTENCE,
      extensions: { code: ERROR_MAPPING.unavailable.graphql, retryAfter: RETRY_SECONDS },
    },
  ],
});

/**
 * Answers 503 at once while there is more to do than can be done in a moment (contract section 3):
 * what waits for the pool or the event loop would only time out later. A credential counts when it was
 * verified within the last minute; merely sending one is no credential.
 */
export function shedding(
  verified: RecentlyVerified,
  limits: LoadLimits = LOAD_LIMITS,
): RequestHandler {
  const underWay = new Set<Request>();
  const loopLagMs = watchLoop();
  const isFull = (hasCredential: boolean): boolean => {
    const busy = [...underWay].filter((req) => !isReadingBody(req)).length;
    if (hasCredential) return busy >= limits.verified;
    return busy >= limits.anybody || loopLagMs() > limits.loopLagMs;
  };
  return (req, res, next) => {
    if (!SHEDS.test(req.path) || req.method === "OPTIONS") return next();
    if (isFull(verified.has(bearerOf(req.get("authorization"))))) return sendAway(req, res);
    underWay.add(req);
    res.once("close", () => underWay.delete(req));
    next();
  };
}

/** By hand, before everything else: in a flood this is what the event loop does most. */
function sendAway(req: Request, res: Response): void {
  // A page of another site is to read it, too.
  if (req.path.startsWith("/core/public/")) publicCors(req, res, () => {});
  const body = /^\/graphql/i.test(req.path) ? GRAPHQL_BODY : REST_BODY;
  res
    .writeHead(ERROR_MAPPING.unavailable.status, {
      "Cache-Control": "no-store",
      "Content-Length": Buffer.byteLength(body),
      "Content-Type": "application/json; charset=utf-8",
      "Retry-After": RETRY_SECONDS,
      "X-Content-Type-Options": "nosniff",
    })
    .end(body);
}

/** Slow bodies occupy nothing but their connection, so they do not fill the places of others. */
function isReadingBody(req: Request): boolean {
  return !req.complete && req.readableFlowing !== null;
}

/** @returns how late the last beat of the event loop was, in milliseconds. */
function watchLoop(): () => number {
  let [last, lagMs] = [performance.now(), 0];
  // toobusy-js does the same with a random refusal of its own; under-pressure is Fastify's.
  setInterval(() => {
    const now = performance.now();
    lagMs = now - last - BEAT_MS;
    last = now;
  }, BEAT_MS).unref();
  return () => lagMs;
}
