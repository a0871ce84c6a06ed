import type { ErrorRequestHandler, Request, RequestHandler, Response } from "express";
import type { Logger } from "pino";
import type { RequestContext } from "../auth/context.js";
import { belowPublicPath } from "./behind-proxy.js";
import { entityTag } from "./entity-tag.js";
import { setHeaders, type HeaderList, type ServeCall } from "./hot-routes.js";
import { isPlainJson, readPlainJson } from "./json-body.js";
import { quotasOf } from "./rate-limit-headers.js";
import type { ContextMaker } from "./request-context.js";
import { readyRequestLog, requestIdOf } from "./request-log.js";

/** A call that comes often: what its route does, for who calls it without Express's chain. */
export interface HotCall {
  readonly method: "GET" | "POST";
  /** The whole path; each `{name}` stands for one part of letters, digits, `-` and `_`. */
  readonly path: string;
  /** Of a POST's body; a GET has none. */
  readonly mostBytes: number;
  /** Of answers and refusals alike. */
  headers(req: Request): HeaderList;
  /** Refuses who may not call, before the body is read. */
  admit?(ctx: RequestContext): Promise<unknown>;
  /** @param body undefined for a GET. */
  answer(
    ctx: RequestContext,
    body: unknown,
    params: Readonly<Record<string, string>>,
    req: Request,
  ): Promise<HotReply>;
  /** Tells what went wrong; absent: as REST does. */
  readonly errors?: ErrorRequestHandler;
}

interface HotReply {
  readonly status: number;
  /** With its type, and what differs from answer to answer. */
  readonly headers: HeaderList;
  readonly text: string;
}

export const JSON_TYPE: HeaderList = ["Content-Type", "application/json; charset=utf-8"];

/** As Express's `json` answers. */
export function jsonReply(value: unknown): HotReply {
  return { status: 200, headers: JSON_TYPE, text: JSON.stringify(value) };
}

export interface HotCallDependencies {
  readonly calls: readonly HotCall[];
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
 * Serves calls in front of Express by the handlers that stand in its chain: load, context, body,
 * the route's own work, errors, one line in the log. What is out of the ordinary (a query, a condition,
 * a body that is packed, of unknown length or another type) goes the long way.
 */
export function hotCalls(deps: HotCallDependencies): ServeCall {
  const { publicPath, shedding } = deps;
  const routes = deps.calls.map((call) => ({ call, pattern: patternOf(call.path) }));
  const serve = server(deps);
  return (req, res) => {
    const path = belowPublicPath(req.url, publicPath);
    for (const { call, pattern } of routes) {
      const found = call.method === req.method ? pattern.exec(path) : null;
      if (!found) continue;
      if (call.method === "GET" ? !isPlainGet(req) : !isPlainJson(req, call.mostBytes))
        return false;
      // What Express notes of each request, and its own functions read.
      Object.assign(req, { originalUrl: req.url, url: path, res });
      const params = found.groups ?? {};
      shedding(req, res, () => {
        serve(call, { req, res, params }).catch((error: unknown) => {
          deps.log.error({ err: error }, "a request was not answered");
          res.destroy();
        });
      });
      return true;
    }
    return false;
  };
}

/** Without a body, and whatever the client has already. */
function isPlainGet({ headers }: Request): boolean {
  return (
    headers["content-length"] === undefined &&
    headers["transfer-encoding"] === undefined &&
    headers["if-none-match"] === undefined &&
    headers["if-modified-since"] === undefined
  );
}

function server({
  makeContext,
  errors,
  log,
}: HotCallDependencies): (
  call: HotCall,
  request: { req: Request; res: Response; params: Readonly<Record<string, string>> },
) => Promise<void> {
  const logLine = readyRequestLog(log);
  return async (call, { req, res, params }) => {
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
    const headers = ["X-Request-Id", id, ...call.headers(req)];
    try {
      const ctx = makeContext(req, quotas);
      await call.admit?.(ctx);
      const body = call.method === "GET" ? undefined : await readPlainJson(req);
      const { status, text, headers: own } = await call.answer(ctx, body, params, req);
      res.writeHead(status, [
        ...withoutNames(headers, own),
        ...quotas.headers(),
        ...own,
        "Content-Length",
        String(Buffer.byteLength(text)),
        "ETag",
        entityTag(text),
      ]);
      // Text goes out in one piece with its headers.
      res.end(text);
    } catch (error) {
      setHeaders(res, [...headers, ...quotas.headers()]);
      (call.errors ?? errors)(error, req, res, () => void res.destroy());
    }
    tell(false);
  };
}

/** What an answer says itself stands in place of what is said for all. */
function withoutNames(list: HeaderList, own: HeaderList): HeaderList {
  // Nearly always it is its type alone, which is said nowhere else.
  if (own.length === JSON_TYPE.length) return list;
  const names = new Set(own.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase()));
  return list.filter((_, at) => !names.has((list[at - (at % 2)] ?? "").toLowerCase()));
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replace(/\{(\w+)\}/g, "(?<$1>[\\w-]+)")}$`);
}
