import type { ServerResponse } from "node:http";
import type { Quota, QuotaListener } from "../auth/rate-limits.js";
import { setHeaders, type HeaderList } from "./hot-routes.js";

/** What is left of each limit that a request was counted against. */
export interface Quotas extends QuotaListener {
  headers(): HeaderList;
}

/**
 * Listens, and tells in the fields of draft-ietf-httpapi-ratelimit-headers-11:
 * `RateLimit: "start";r=59;t=60` beside `RateLimit-Policy: "start";q=60;w=60`. Of several counts of
 * one limit the last one stands.
 */
export function quotasOf(): Quotas {
  const quotas = new Map<string, Quota>();
  return {
    counted: (quota) => void quotas.set(quota.name, quota),
    headers: () => {
      if (quotas.size === 0) return [];
      const all = [...quotas.values()];
      return [
        "RateLimit",
        all.map(stateItem).join(", "),
        "RateLimit-Policy",
        all.map(policyItem).join(", "),
      ];
    },
  };
}

/** Tells it in an answer as it is counted. */
export function rateLimitHeaders(res: ServerResponse): QuotaListener {
  const quotas = quotasOf();
  return {
    counted: (quota) => {
      quotas.counted(quota);
      // An answer that was given before the count cannot tell of it.
      if (!res.headersSent) setHeaders(res, quotas.headers());
    },
  };
}

/** The field `RateLimit` of one count. */
export function stateItem({ name, remaining, resetSeconds }: Quota): string {
  return `"${name}";r=${remaining};t=${resetSeconds}`;
}

/** The field `RateLimit-Policy` of one count. */
export function policyItem({ name, points, windowSeconds }: Quota): string {
  return `"${name}";q=${points};w=${windowSeconds}`;
}
