import type { IncomingMessage, ServerResponse } from "node:http";
import type { Express, Request, RequestHandler } from "express";
import type { Config } from "../config.js";
import { AppError } from "../errors.js";
import { setHeaders, type ExpressApp, type HeaderList } from "./hot-routes.js";

/** What has hosts of its own (contract section 2). */
type Place = "console" | "preview" | "elsewhere";

/** What the console's host serves, and nothing else. */
const CONSOLES = /^\/(console(\/.*)?|graphql(\/stream)?\/?)$/i;
/** What the host of versions that are tried serves, and nothing else. */
const PREVIEWS =
  /^\/(public\/embed\/(draft-preview\/panel|assets\/[^/]+)|core\/public\/draft-previews\/start)\/?$/i;
const OF_CONSOLE = /^\/console(\/|$)/i;

/** Keeps the hosts apart that `CONSOLE_URL` and `CONSOLE_PREVIEW_URL` name. */
export interface OwnHosts {
  /** Puts `served` in front of the application where neither has its host. */
  inFront(served: ExpressApp, app: Express): ExpressApp;
  /** Refuses what its host does not serve. */
  readonly handler: RequestHandler;
}

/**
 * Whoever names no host of theirs comes to `PUBLIC_URL`'s: load balancers, LiveKit and workers call by other names.
 *
 * @param headers of what is refused here.
 * @returns undefined where everything has one host: nothing is asked of a request then.
 */
export function ownHosts(
  { publicUrl, consoleUrl, preview }: Pick<Config, "publicUrl" | "consoleUrl" | "preview">,
  headers: HeaderList,
): OwnHosts | undefined {
  const { hostname } = new URL(publicUrl);
  const consoleHost = new URL(consoleUrl).hostname;
  const previewHost = preview?.kind === "one" ? new URL(preview.origin).hostname : hostname;
  const isApart = consoleHost !== hostname;
  if (!isApart && previewHost === hostname) return undefined;
  const placeOf = (req: Request): Place => {
    const asked = hostnameOf(req);
    if (isApart && asked === consoleHost) return "console";
    return previewHost !== hostname && asked === previewHost ? "preview" : "elsewhere";
  };
  const isServed = (place: Place, path: string): boolean => {
    if (place === "elsewhere") return !isApart || !OF_CONSOLE.test(path);
    return (place === "console" ? CONSOLES : PREVIEWS).test(path);
  };
  return {
    inFront: (served, app) => {
      const handle = (plain: IncomingMessage, res: ServerResponse): void => {
        // It was made with Express's prototypes.
        const req = plain as Request;
        const place = placeOf(req);
        // No session counts here, whoever brings one.
        if (place === "preview" || (place === "elsewhere" && isApart)) delete req.headers.cookie;
        if (place === "elsewhere") served(req, res);
        else app(req, res);
      };
      return Object.assign(handle, { messages: served.messages, router: served.router });
    },
    handler: (req, res, next) => {
      const place = placeOf(req);
      if (isServed(place, req.path)) return next();
      if (place === "console" && req.path === "/" && /^(GET|HEAD)$/.test(req.method)) {
        return res.redirect("/console/");
      }
      setHeaders(res, headers);
      next(new AppError("not_found", "Not found."));
    },
  };
}

/**
 * The name of the host that was asked, in lower case: a proxy in front says so by `X-Forwarded-Host`, where `TRUST_PROXY`
 * has its word taken.
 *
 * @returns an empty text where the request names none.
 */
export function hostnameOf(req: Request): string {
  return (req.hostname ?? "").toLowerCase();
}
