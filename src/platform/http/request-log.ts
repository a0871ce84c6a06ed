import { randomUUID } from "node:crypto";
import type { RequestHandler } from "express";
import type { Logger } from "pino";
import { pinoHttp } from "pino-http";

/** One line a request: method, path without its query, status, milliseconds. Never a header, so never a token. */
export function requestLog(logger: Logger): RequestHandler {
  return pinoHttp({
    logger,
    genReqId: (req, res) => {
      const given = req.headers["x-request-id"];
      const id = typeof given === "string" && /^[\w-]{8,64}$/.test(given) ? given : randomUUID();
      res.setHeader("X-Request-Id", id);
      return id;
    },
    serializers: {
      req: (req: { id: unknown; method: string; url: string }) => ({
        id: req.id,
        method: req.method,
        // A request line may name a host before the path, and a password before that.
        path: req.url.split("?")[0]?.replace(/^[a-z]+:\/\/[^/]*/i, ""),
      }),
      res: (res: { statusCode: number }) => ({ status: res.statusCode }),
      err: (err: { type: string; message: string }) => ({ type: err.type, message: err.message }),
    },
    customLogLevel: (_req, res, error) => {
      if (error || res.statusCode >= 500) return "error";
      return "info";
    },
    autoLogging: { ignore: (req) => req.url === "/healthz" || req.url === "/readyz" },
  });
}
