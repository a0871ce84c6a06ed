import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { RequestHandler } from "express";
import type { Logger } from "pino";
import { pinoHttp } from "pino-http";

/** One line a request: method, path without its query, status, milliseconds. Never a header, so never a token. */
export function requestLog(logger: Logger): RequestHandler {
  return pinoHttp({
    logger,
    genReqId: (req, res) => {
      const id = requestIdOf(req);
      res.setHeader("X-Request-Id", id);
      return id;
    },
    serializers: {
      req: (req: { id: unknown; method: string; url: string }) => ({
        id: req.id,
        method: req.method,
        path: pathOf(req.url),
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

/** The same line for a request that does not pass it. */
export function readyRequestLog(
  logger: Logger,
): (req: IncomingMessage, id: string, status: number, ms: number, isAborted?: boolean) => void {
  return ({ method, url = "" }, id, status, ms, isAborted = false) => {
    const line = {
      req: { id, method, path: pathOf(url) },
      res: { status },
      responseTime: Math.round(ms),
    };
    if (status < 500) logger.info(line, isAborted ? "request aborted" : "request completed");
    else logger.error({ ...line, err: failed(status) }, "request errored");
  };
}

function failed(status: number): object {
  return { type: "Error", message: `failed with status code ${status}` };
}

/** The client's, where it looks like one; else a new one. */
export function requestIdOf({ headers }: IncomingMessage): string {
  const given = headers["x-request-id"];
  return typeof given === "string" && /^[\w-]{8,64}$/.test(given) ? given : randomUUID();
}

/** A request line may name a host before the path, and a password before that. */
function pathOf(url: string): string {
  const path = url.startsWith("/") ? url : url.replace(/^[a-z]+:\/\/[^/?]*/i, "");
  const end = path.indexOf("?");
  return end < 0 ? path : path.slice(0, end);
}
