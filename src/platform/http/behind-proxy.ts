import type { RequestHandler } from "express";
import type { Logger } from "pino";
import type { Config } from "../config.js";

/**
 * Takes `PUBLIC_URL`'s path off a request's: a proxy may strip it, or pass it on. Everything after
 * this sees the platform's own paths. `config.ts` refuses a public path that one of these begins with.
 *
 * @param publicPath such as `/chat`; empty when the platform has a host of its own.
 */
export function withoutPublicPath(publicPath: string): RequestHandler {
  return (req, _res, next) => {
    req.url = belowPublicPath(req.url, publicPath);
    next();
  };
}

/** @returns the platform's own path, as `withoutPublicPath` leaves it. */
export function belowPublicPath(url: string, publicPath: string): string {
  const isBelow = publicPath !== "" && url.startsWith(`${publicPath}/`);
  return isBelow ? url.slice(publicPath.length) : url;
}

const FROM_PROXIES = ["x-forwarded-for", "forwarded", "x-real-ip"] as const;

/**
 * Says once that a proxy's word for the client's address is not taken. All visitors then count as
 * one client, and share its limits.
 */
export function warnOfProxy(log: Logger, trustProxy: Config["trustProxy"]): RequestHandler {
  const ignored = trustProxy === false ? FROM_PROXIES : FROM_PROXIES.slice(1);
  let isSaid = false;
  return (req, _res, next) => {
    if (!isSaid && (trustProxy === false || req.headers["x-forwarded-for"] === undefined)) {
      const header = ignored.find((name) => req.headers[name] !== undefined);
      if (header !== undefined) {
        isSaid = true;
        log.warn({ header }, trustProxy === false ? UNTRUSTED : UNREAD);
      }
    }
    next();
  };
}

const UNTRUSTED =
  "TRUST_PROXY is not set, so what a proxy says of the client's address is ignored: everybody behind it shares one client's limits. Set it to the number of proxies in front, or to 0 if there is none.";
const UNREAD =
  "Of what a proxy says of the client's address only X-Forwarded-For is read, and this request has none: everybody behind it shares one client's limits.";
