import type { RequestHandler, Router } from "express";
import { AppError } from "../errors.js";

/**
 * Ends a router whose routes are all there: each of its paths answers `OPTIONS` with `Allow`, and
 * any method that it does not have with 405 (contract section 3).
 */
export function refuseOtherMethods(router: Router): Router {
  const methods = new Map<string, Set<string>>();
  for (const { route } of router.stack) {
    if (!route) continue;
    const allowed = methods.get(route.path) ?? new Set();
    for (const { method } of route.stack) allowed.add(method.toUpperCase());
    if (allowed.has("GET")) allowed.add("HEAD");
    methods.set(route.path, allowed);
  }
  for (const [path, allowed] of methods) router.all(path, allowOnly(...allowed));
  return router;
}

/** Lets these methods pass. */
export function allowOnly(...allowed: string[]): RequestHandler {
  const allow = [...allowed, "OPTIONS"].join(", ");
  return (req, res, next) => {
    if (allowed.includes(req.method)) return next();
    res.setHeader("Allow", allow);
    if (req.method === "OPTIONS") return void res.status(204).end();
    next(new AppError("method_not_allowed", "This path does not have this method; see Allow."));
  };
}
