import type { Request, RequestHandler, Response } from "express";
import { consoleCookieName, cookieSecretOf } from "../auth/console-cookie.js";
import { bearerOf } from "../auth/credentials.service.js";
import type { RecentlyVerified } from "../auth/recently-verified.js";
import { ERROR_MAPPING } from "../errors.js";
import { publicCors } from "./cors.js";

/** How much is worked on at a time; the rest is sent away. */
export interface LoadLimits {
  /** Requests under way for who has shown no credential: a few times the database's pool. */
  readonly anybody: number;
  /** More of theirs that wait for a place, for at most `waitMs`: a moment when many come at once. */
  readonly waiting: number;
  readonly waitMs: number;
  /** Requests under way for everybody: who has a verified credential waits for nobody else. */
  readonly verified: number;
  /** How late the event loop may be before a stranger is sent away. */
  readonly loopLagMs: number;
}

export const LOAD_LIMITS: LoadLimits = {
  anybody: 20,
  waiting: 100,
  waitMs: 2_000,
  verified: 200,
  loopLagMs: 1_000,
};
const BEAT_MS = 100;
const RETRY_SECONDS = 2;
/** Both doors and the panel's page; express takes the paths in any case. */
const SHEDS = /^\/(graphql|core|console\/api|public\/embed\/[^/]+\/panel)(\/|$)/i;
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

export interface Shedding {
  readonly handler: RequestHandler;
  /** Gives back the place of a request that goes on as a stream: it waits, and is no work. */
  release(req: Request): void;
  /** Whether strangers are sent away, whatever they want. */
  isLate(): boolean;
}

interface Waiting {
  readonly sinceMs: number;
  readonly begin: () => void;
  readonly leave: () => void;
}

/**
 * Answers 503 at once while there is more to do than can be done in a moment (contract section 3):
 * what waits for the pool or the event loop would only time out later. A credential counts when it was
 * verified within the last minute; merely sending one is no credential.
 *
 * @param onShed hears of each request that is sent away.
 */
export function shedding(
  { verified, consoleUrl }: { verified: RecentlyVerified; consoleUrl: string },
  limits: LoadLimits = LOAD_LIMITS,
  onShed: () => void = () => {},
): Shedding {
  const sendAway = (req: Request, res: Response): void => {
    onShed();
    answerBusy(req, res);
  };
  const underWay = new Set<Request>();
  const waiting = new Set<Waiting>();
  const cookieName = consoleCookieName(consoleUrl);
  const isVerified = ({ headers }: Request): boolean =>
    verified.has(bearerOf(headers.authorization) ?? cookieSecretOf(headers.cookie, cookieName));
  const hasRoom = (): boolean => {
    let left = limits.anybody;
    // Where they all have room nobody is looked at.
    if (underWay.size < left) return true;
    for (const req of underWay) {
      if (!isReadingBody(req) && !isVerified(req)) left -= 1;
    }
    return left > 0;
  };
  const begin = (req: Request, res: Response, next: () => void): void => {
    underWay.add(req);
    res.once("close", () => {
      underWay.delete(req);
      letIn();
    });
    next();
  };
  const letIn = (): void => {
    for (const one of waiting) {
      if (!hasRoom()) return;
      one.begin();
    }
  };
  const loopLagMs = watchLoop(() => {
    letIn();
    const earliest = performance.now() - limits.waitMs;
    for (const { sinceMs, leave } of waiting) if (sinceMs < earliest) leave();
  });
  const wait = (req: Request, res: Response, next: () => void): void => {
    const stop = (): void => void waiting.delete(one);
    const end = (then: () => void) => (): void => {
      stop();
      res.off("close", stop);
      then();
    };
    const one: Waiting = {
      sinceMs: performance.now(),
      begin: end(() => begin(req, res, next)),
      leave: end(() => sendAway(req, res)),
    };
    waiting.add(one);
    res.once("close", stop);
  };
  // Late with nothing under way is a start, or a machine that others keep busy: one may always try.
  const isLate = (): boolean => underWay.size > 0 && loopLagMs() > limits.loopLagMs;
  const handler: RequestHandler = (req, res, next) => {
    if (!SHEDS.test(req.path) || req.method === "OPTIONS") return next();
    if (isVerified(req)) {
      const busy = [...underWay].filter((other) => !isReadingBody(other)).length;
      return busy < limits.verified ? begin(req, res, next) : sendAway(req, res);
    }
    if (isLate()) return sendAway(req, res);
    if (waiting.size === 0 && hasRoom()) return begin(req, res, next);
    return waiting.size < limits.waiting ? wait(req, res, next) : sendAway(req, res);
  };
  const release = (req: Request): void => {
    underWay.delete(req);
    letIn();
  };
  return { handler, release, isLate };
}

/** By hand, before everything else: in a flood this is what the event loop does most. */
function answerBusy(req: Request, res: Response): void {
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
function watchLoop(onBeat: () => void): () => number {
  let [last, lagMs] = [performance.now(), 0];
  // toobusy-js does the same with a random refusal of its own; under-pressure is Fastify's.
  setInterval(() => {
    const now = performance.now();
    lagMs = now - last - BEAT_MS;
    last = now;
    onBeat();
  }, BEAT_MS).unref();
  return () => lagMs;
}
