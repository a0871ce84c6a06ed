import type { IncomingMessage, ServerResponse } from "node:http";
import type { Express, Request, Response } from "express";
import type { Logger } from "pino";
import { entityTag } from "./entity-tag.js";
import { messagesOf, type Messages } from "./messages.js";
import { readyRequestLog, requestIdOf } from "./request-log.js";

/** Names and values by turns, as `writeHead` takes them. */
export type HeaderList = readonly string[];

export function setHeaders(res: ServerResponse, list: HeaderList): void {
  for (let at = 0; at + 1 < list.length; at += 2) res.setHeader(list[at] ?? "", list[at + 1] ?? "");
}

/** An answer that is the same for everybody. */
export interface ReadyAnswer {
  readonly etag: string;
  /** Text as a string of its bytes, which goes out in one piece with its headers. */
  readonly body: string | Buffer;
  readonly headers: HeaderList;
  /** For whoever has the same already. */
  readonly keptHeaders: HeaderList;
}

/** @param headers without what describes the bytes themselves. */
export function readyAnswer(type: string, body: string | Buffer, headers: HeaderList): ReadyAnswer {
  const etag = entityTag(body);
  const keptHeaders = [...headers, "ETag", etag];
  const described = ["Content-Type", type, "Content-Length", String(Buffer.byteLength(body))];
  const bytes = typeof body === "string" ? Buffer.from(body).toString("latin1") : body;
  return { etag, body: bytes, headers: [...keptHeaders, ...described], keptHeaders };
}

/** A page view's request, answered with what is in memory. */
export interface HotRoute {
  /** What its paths begin with. */
  readonly prefix: string;
  /**
   * @param rest of the path.
   * @returns undefined for all that is not simple; nothing was done for it yet.
   */
  answer(req: Request, rest: string): HotAnswer | undefined | Promise<HotAnswer | undefined>;
}

export interface HotAnswer {
  readonly ready: ReadyAnswer;
  /** What differs from request to request. */
  readonly headers: HeaderList;
}

/** @returns false for what goes the long way: nothing was done for it, and nothing read. */
export type ServeCall = (req: Request, res: Response) => boolean;

/** What `createHttpServer` serves. */
export interface HttpApp {
  (req: IncomingMessage, res: ServerResponse): void;
  /** Absent: those of `node:http`. */
  readonly messages?: Messages;
}

/** The same, of Express. */
export interface ExpressApp extends HttpApp, Pick<Express, "router"> {
  readonly messages: Messages;
}

/**
 * Puts `routes` in front of the application. They answer what is ready; whatever is refused, unknown,
 * out of the ordinary or has to be made first goes the long way, where all the rules stand in words.
 */
export function withHotRoutes(
  app: Express,
  {
    routes,
    serveCall,
    publicPath,
    isLate,
    log,
  }: {
    routes: readonly HotRoute[];
    serveCall: ServeCall;
    /** As `withoutPublicPath` takes it. */
    publicPath: string;
    /** Whether strangers are to be sent away. */
    isLate: () => boolean;
    log: Logger;
  },
): ExpressApp {
  const logLine = readyRequestLog(log);
  const hot = routes.map(({ prefix, answer }) => ({ prefix: publicPath + prefix, answer }));
  const all = publicPath === "" ? hot : [...hot, ...routes];
  const handle = (plain: IncomingMessage, res: ServerResponse): void => {
    const { url = "" } = plain;
    // They were made with Express's prototypes.
    const req = plain as Request;
    const route =
      plain.method === "GET" ? all.find(({ prefix }) => url.startsWith(prefix)) : undefined;
    if (!route) {
      if (!serveCall(req, res as Response)) app(req, res);
      return;
    }
    if (isLate() || !isSimple(req)) return app(req, res);
    const begunMs = performance.now();
    const found = route.answer(req, url.slice(route.prefix.length));
    if (!(found instanceof Promise)) return send(req, res, found, begunMs);
    found.then(
      (it) => send(req, res, it, begunMs),
      // What goes wrong here goes wrong there as well, and is told.
      () => app(req, res),
    );
  };
  const send = (
    req: Request,
    res: ServerResponse,
    found: HotAnswer | undefined,
    begunMs: number,
  ): void => {
    if (!found) return app(req, res);
    const { ready, headers } = found;
    const id = requestIdOf(req);
    const tag = req.headers["if-none-match"];
    const isKept = tag !== undefined && tag.replace(/^W\//, "") === ready.etag;
    const status = isKept ? 304 : 200;
    const kept = isKept ? ready.keptHeaders : ready.headers;
    res.writeHead(status, ["X-Request-Id", id, ...headers, ...kept]);
    res.end(isKept ? undefined : ready.body, "latin1");
    logLine(req, id, status, performance.now() - begunMs);
  };
  return Object.assign(handle, { messages: messagesOf(app), router: app.router });
}

/** Whether one look at the tag says what the client has. */
function isSimple({ headers }: IncomingMessage): boolean {
  const tag = headers["if-none-match"];
  return (
    headers["cache-control"] === undefined && (tag === undefined || /^(W\/)?"[^",]*"$/.test(tag))
  );
}
