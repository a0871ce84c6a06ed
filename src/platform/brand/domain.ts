import { isIP } from "node:net";
import { InvalidDomainError } from "./brand-errors.js";

/**
 * Turns what a person typed into a bare public host name: no protocol, no `www.`, no trailing
 * slash, lower case, international names as punycode.
 *
 * @throws InvalidDomainError when it is an IP address in any notation, a name of one label or one
 * reserved for inside use, or carries a port, credentials, a path or a query.
 */
export function normalizeDomain(input: string): string {
  if (input.length > 2048) throw new InvalidDomainError();
  const host = input
    .trim()
    .replace(/^https?:\/\//i, "")
    .replace(/\/$/, "");
  // Refused before the URL parser sees it: the parser would drop, decode or reinterpret these.
  if (host === "" || FORBIDDEN.test(host)) throw new InvalidDomainError();
  const ascii = toAsciiHost(host)?.replace(/\.$/, "");
  if (ascii === undefined || !isPublicHostName(ascii)) throw new InvalidDomainError();
  const bare = ascii.replace(/^www\./, "");
  // "www.nl" is somebody's name: what is left must still be one.
  return isPublicHostName(bare) ? bare : ascii;
}

/**
 * Whether a lower-case ASCII host name could exist in the public DNS: two labels or more, none of
 * the names reserved for inside or special use, no IP address. Says nothing about where it leads.
 */
export function isPublicHostName(host: string): boolean {
  if (host.length > 253 || isIP(host) !== 0) return false;
  const labels = host.split(".");
  const topLevel = labels.at(-1);
  if (topLevel === undefined || labels.length < 2) return false;
  if (!labels.every((label) => LABEL.test(label))) return false;
  // A numeric last label is read as an IPv4 address by URL parsers and resolvers.
  if (!/^(?:[a-z]+|xn--[a-z0-9-]+)$/.test(topLevel)) return false;
  return !INSIDE_TOP_LEVELS.has(topLevel);
}

const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const FORBIDDEN = /[\s\p{Cc}/\\@:?#%[\]|<>^`{}"*]/u;

/** IANA's special-use top levels, ICANN's never-delegated ones, and names that routers invent. */
const INSIDE_TOP_LEVELS: ReadonlySet<string> = new Set([
  "alt",
  "arpa",
  "corp",
  "domain",
  "example",
  "home",
  "i2p",
  "internal",
  "intranet",
  "invalid",
  "lan",
  "local",
  "localdomain",
  "localhost",
  "mail",
  "onion",
  "private",
  "test",
  "workgroup",
]);

/** The host as the URL standard reads it, so that every spelling of an IP address becomes one. */
function toAsciiHost(host: string): string | undefined {
  try {
    return new URL(`http://${host}/`).hostname;
  } catch {
    return undefined;
  }
}
