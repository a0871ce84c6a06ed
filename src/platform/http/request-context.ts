import type { IncomingMessage } from "node:http";
import type { Request, RequestHandler } from "express";
import type { Actor } from "../auth/actor.js";
import { bearerOf, type CredentialsService } from "../auth/credentials.service.js";
import { consoleCookieName, sessionSecretOf } from "../auth/console-cookie.js";
import type { QuotaListener, RateLimits } from "../auth/rate-limits.js";
import { requireSession } from "../auth/require-session.js";
import type { Session, SessionService } from "../auth/sessions.service.js";
import type { RequestContext } from "../auth/context.js";
import type { Loaders } from "../database/loaders.js";
import { rateLimitHeaders } from "./rate-limit-headers.js";

const contexts = new WeakMap<object, RequestContext>();
const traceparents = new WeakMap<object, string>();

/** For who began a trace with the request. */
export function noteTraceparent(req: object, traceparent: string): void {
  traceparents.set(req, traceparent);
}

/** Builds a request's context; `quotas` hears what its limits have left. */
export type ContextMaker = (req: Request, quotas: QuotaListener) => RequestContext;

/** The one function that builds it, for both doors. */
export function contextMaker(deps: {
  loaders: () => Loaders;
  credentials: CredentialsService;
  sessions: SessionService;
  limits: RateLimits;
  consoleUrl: string;
  publicOrigin: string;
}): ContextMaker {
  const cookieName = consoleCookieName(deps.consoleUrl);
  const make = (req: Request, quotas: QuotaListener, isAskedByItself = false): RequestContext => {
    let actor: Promise<Actor> | undefined;
    let isForWrites = false;
    const authorization = req.get("authorization");
    const organizationHeader = req.get("x-anyreach-org");
    const clientIp = req.ip ?? "";
    const secret = sessionSecretOf(req, cookieName);
    let session: Promise<Session | undefined> | undefined;
    const findSession = async (known: string): Promise<Session | undefined> => {
      const found = await deps.sessions.find(known, !isAskedByItself);
      if (!found) await deps.limits.consume("failed_credentials", clientIp, quotas);
      return found;
    };
    const sessionOf = (known: string): Promise<Session | undefined> =>
      (session ??= findSession(known));
    return {
      requestId: String(req.id),
      clientIp,
      origin: originOf(req, deps.publicOrigin),
      traceparent: traceparents.get(req),
      visitorToken: req.get("x-visitor-token"),
      embedTicket: req.get("x-embed-ticket"),
      idempotencyKey: req.get("idempotency-key"),
      bearer: bearerOf(authorization),
      hasCredential: secret !== undefined || bearerOf(authorization) !== undefined,
      session: async () => (secret === undefined ? undefined : sessionOf(secret)),
      actor: (purpose = "read") => {
        if (actor && (purpose === "read" || isForWrites)) return actor;
        const authenticate = async (): Promise<Actor> => {
          if (secret === undefined) {
            const given = { authorization, organizationHeader, clientIp };
            return deps.credentials.authenticate(given, quotas, purpose);
          }
          return deps.sessions.actor(
            requireSession(await sessionOf(secret)),
            organizationHeader?.trim(),
            !isAskedByItself,
          );
        };
        isForWrites = purpose === "write";
        // One failure of a request is counted once.
        actor = actor ? actor.then(authenticate) : authenticate();
        return actor;
      },
      // The answer's headers have gone by then.
      again: () => make(req, { counted: () => {} }, true),
      door: secret === undefined ? "graphql" : "console",
      loaders: deps.loaders(),
      counted: quotas.counted,
    };
  };
  return (req, quotas) => make(req, quotas);
}

/** Gives each request its context. */
export function requestContext(make: ContextMaker): RequestHandler {
  return (req, res, next) => {
    contexts.set(req, make(req, rateLimitHeaders(res)));
    next();
  };
}

/** @throws Error for a request that did not pass `requestContext`. */
export function contextOf(req: Request): RequestContext {
  const context = contexts.get(req);
  if (!context) throw new Error("requestContext() must run first");
  return context;
}

/** Browsers leave `Origin` out of same-origin reads, but say so in a header that scripts cannot set. */
export function originOf({ headers }: IncomingMessage, publicOrigin: string): string | undefined {
  if (headers.origin !== undefined) return headers.origin;
  return headers["sec-fetch-site"] === "same-origin" ? publicOrigin : undefined;
}
