import type { ErrorRequestHandler, Request, RequestHandler, Response } from "express";
import type { Logger } from "pino";
import type { RequestContext } from "../auth/context.js";
import { entityTag } from "./entity-tag.js";
import { setHeaders, type HeaderList, type ServeWrite } from "./hot-routes.js";
import { isPlainJson, readPlainJson } from "./json-body.js";
import { quotasOf } from "./rate-limit-headers.js";
import type { ContextMaker } from "./request-context.js";
import { readyRequestLog, requestIdOf } from "./request-log.js";

/** A POST that comes often: what its route does, for who calls it without Express's chain. */
export interface HotWrite {
  /** The whole path; each `{name}` stands for one part of letters, digits, `-` and `_`. */
  readonly path: string;
  readonly mostBytes: number;
  /** Of answers and refusals alike. */
  headers(req: Request): HeaderList;
  /** Refuses who may not call, before the body is read. */
  admit?(ctx: RequestContext): Promise<unknown>;
  /** @returns what is answered as JSON with 200. */
  answer(
    ctx: RequestContext,
    body: unknown,
    params: Readonly<Record<string, string>>,
  ): Promise<unknown>;
}

export interface HotWriteDependencies {
  readonly writes: readonly HotWrite[];
  /** As `withoutPublicPath` takes it. */
  readonly publicPath: string;
  readonly makeContext: ContextMaker;
  /** Lets in as many as can be worked on. */
  readonly shedding: RequestHandler;
  /** Tells what went wrong. */
  readonly errors: ErrorRequestHandler;
  readonly log: Logger;
}

/**
 * Serves writes in front of Express by the handlers that stand in its chain: load, context, body,
 * the route's own work, errors, one line in the log. What is out of the ordinary (a query, a body that
 * is packed, of unknown length or another type) goes the long way.
 */
export function hotWrites(deps: HotWriteDependencies): ServeWrite {
  const { publicPath, shedding } = deps;
  const routes = deps.writes.map((write) => ({ write, pattern: patternOf(write.path) }));
  const serve = server(deps);
  return (req, res) => {
    const isBelow = publicPath !== "" && req.url.startsWith(`${publicPath}/`);
    const path = isBelow ? req.url.slice(publicPath.length) : req.url;
    for (const { write, pattern } of routes) {
      const found = pattern.exec(path);
      if (!found) continue;
      if (!isPlainJson(req, write.mostBytes)) return false;
      // What Express notes of each request, and its own functions read.
      Object.assign(req, { originalUrl: req.url, url: path, res });
      const params = found.groups ?? {};
      shedding(req, res, () => {
        serve(write, { req, res, params }).catch((error: unknown) => {
          deps.log.error({ err: error }, "a request was not answered");
          res.destroy();
        });
      });
      return true;
    }
    return false;
  };
}

function server({
  makeContext,
  errors,
  log,
}: HotWriteDependencies): (
  write: HotWrite,
  call: { req: Request; res: Response; params: Readonly<Record<string, string>> },
) => Promise<void> {
  const logLine = readyRequestLog(log);
  return async (write, { req, res, params }) => {
    const begunMs = performance.now();
    const id = requestIdOf(req);
    req.id = id;
    let isTold = false;
    const tell = (isAborted: boolean): void => {
      if (isTold) return;
      isTold = true;
      logLine(req, id, res.statusCode, performance.now() - begunMs, isAborted);
    };
    res.once("close", () => tell(!res.writableEnded));
    const quotas = quotasOf();
    const headers = ["X-Request-Id", id, ...write.headers(req)];
    try {
      const ctx = makeContext(req, quotas);
      await write.admit?.(ctx);
      const body = await readPlainJson(req);
      const text = JSON.stringify(await write.answer(ctx, body, params));
      res.writeHead(200, [
        ...headers,
        ...quotas.headers(),
        "Content-Type",
        "application/json; charset=utf-8",
        "Content-Length",
        String(Buffer.byteLength(text)),
        "ETag",
        entityTag(text),
      ]);
      // Text goes out in one piece with its headers.
      res.end(text);
    } catch (error) {
      setHeaders(res, [...headers, ...quotas.headers()]);
      errors(error, req, res, () => void res.destroy());
    }
    tell(false);
  };
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replace(/\{(\w+)\}/g, "(?<$1>[\\w-]+)")}$`);
}
