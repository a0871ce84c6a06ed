import type { ServerResponse } from "node:http";
import type { Quota, QuotaListener } from "../auth/rate-limits.js";

/**
 * Tells what is left of each limit that a request was counted against, in the fields of
 * draft-ietf-httpapi-ratelimit-headers-11: `RateLimit: "start";r=59;t=60` beside
 * `RateLimit-Policy: "start";q=60;w=60`. Of several counts of one limit the last one stands.
 */
export function rateLimitHeaders(res: ServerResponse): QuotaListener {
  const quotas = new Map<string, Quota>();
  return {
    counted: (quota) => {
      quotas.set(quota.name, quota);
      // An answer that was given before the count cannot tell of it.
      if (res.headersSent) return;
      const all = [...quotas.values()];
      res.setHeader("RateLimit", all.map(stateItem).join(", "));
      res.setHeader("RateLimit-Policy", all.map(policyItem).join(", "));
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
