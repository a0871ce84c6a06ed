import { invalid } from "../errors.js";

export const MAX_DOMAINS = 100;

/**
 * What stands before a colon in a link, and is nobody's host: `tel:123` is a number to call, while
 * `intranet:8080` is a host and a port. Who has a host of such a name writes `https://` before it.
 */
const SCHEMES =
  /^(?:https?|wss?|s?ftps?|ssh|file|blob|data|about|javascript|vbscript|mailto|tel|sms|callto|urn|geo|view-source|[a-z-]+-extension):/i;

/**
 * A website's origin from what an admin typed [documented]: `yourdomain.com` →
 * `https://yourdomain.com`, `https://app.example.com/checkout` → `https://app.example.com`.
 *
 * @returns undefined for what is no http(s) origin: credentials, spaces, wildcards, other protocols.
 */
export function normalizeOrigin(text: string): string | undefined {
  const trimmed = text.trim();
  if (trimmed === "" || trimmed.length > 2000 || /[\s*\\]/.test(trimmed)) return undefined;
  // A path is no host, and a number alone is what the parser takes for an address.
  if (/^\/|^\d+$/.test(trimmed)) return undefined;
  const hasProtocol = /^[a-z][a-z\d+.-]*:\/\//i.test(trimmed);
  // "example.com:port" and "news:x" would otherwise pass as a host with a strange port.
  if (!hasProtocol && (SCHEMES.test(trimmed) || /^[^/?#[]*:(?!\d)/.test(trimmed))) return undefined;
  const withProtocol = hasProtocol ? trimmed : `https://${trimmed}`;
  // An "@" in the path is fine; one before it is a credential, were it empty.
  if (/^[^/]*\/\/+[^/?#]*@/.test(withProtocol)) return undefined;
  let url: URL;
  try {
    url = new URL(withProtocol);
  } catch {
    return undefined;
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") return undefined;
  if (!isHostName(url.hostname)) return undefined;
  return url.origin;
}

/**
 * The `domains` of a widget as they are stored: origins, each once, in the order given.
 *
 * @throws AppError `invalid` naming every entry that is no origin.
 */
export function normalizeDomains(domains: readonly string[]): string[] {
  if (domains.length > MAX_DOMAINS) {
    throw invalid({
      path: "domains",
      message: `At most ${MAX_DOMAINS} entries.`,
      rule: "count",
      max: MAX_DOMAINS,
    });
  }
  const origins = domains.map(normalizeOrigin);
  const wrong = origins.flatMap((origin, index) =>
    origin === undefined
      ? [
          {
            path: `domains.${index}`,
            message: "Must be a website's origin, such as https://example.com.",
            rule: "origin" as const,
          },
        ]
      : [],
  );
  if (wrong.length > 0) throw invalid(...wrong);
  return [...new Set(origins.filter((origin) => origin !== undefined))];
}

/** What WHATWG's parser lets through is wider than what a browser ever sends as a host. */
function isHostName(host: string): boolean {
  if (host.startsWith("[")) return true;
  // What browsers send as the origin of pages that have none; a host of that name would hide the mistake.
  if (host === "null") return false;
  return (
    host.length <= 253 && /^(?!-)[a-z\d_-]+(\.[a-z\d_-]+)*\.?$/.test(host) && !host.includes("..")
  );
}
