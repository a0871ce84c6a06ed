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
    methods.set(route.path, allowed);
  }
  for (const [path, allowed] of methods) router.all(path, allowOnly(...allowed));
  return router;
}

/** Lets the methods pass, `HEAD` where `GET` is. */
export function allowOnly(...methods: string[]): RequestHandler {
  const allowed = methods.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]));
  const allow = [...allowed, "OPTIONS"].join(", ");
  return (req, res, next) => {
    if (allowed.includes(req.method)) return next();
    res.setHeader("Allow", allow);
    if (req.method === "OPTIONS") return void res.status(204).end();
    next(new AppError("method_not_allowed", "This path does not have this method; see Allow."));
  };
}
