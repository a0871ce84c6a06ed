import { isIP } from "node:net";

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
