import type { RequestHandler } from "express";
import type { HeaderList } from "./hot-routes.js";

const EXPOSED = "Link, Retry-After, RateLimit, RateLimit-Policy";

/** The same rule for an answer that is ready. */
export function corsHeaders(origin: string | undefined): HeaderList {
  if (origin === undefined) return ["Vary", "Origin"];
  return [
    "Vary",
    "Origin",
    "Access-Control-Allow-Origin",
    origin,
    "Access-Control-Expose-Headers",
    EXPOSED,
  ];
}

/**
 * CORS of the public routes (contract section 5): any page may ask, the Origin rule in the service
 * decides. Never credentials, so that `null` (a page opened from a file) may be named too. A refusal
 * is readable, so that a site's developer learns why.
 */
export const publicCors: RequestHandler = (req, res, next) => {
  res.vary("Origin");
  const origin = req.get("origin");
  if (origin !== undefined) {
    res.setHeader("Access-Control-Allow-Origin", origin);
    res.setHeader("Access-Control-Expose-Headers", EXPOSED);
  }
  if (req.method !== "OPTIONS") return next();
  res.setHeader("Access-Control-Allow-Methods", "GET, POST, DELETE");
  res.setHeader(
    "Access-Control-Allow-Headers",
    "Content-Type, Idempotency-Key, X-Visitor-Token, X-Embed-Ticket",
  );
  res.setHeader("Access-Control-Max-Age", "600");
  res.status(204).end();
};
