import { isPublicHostName } from "../../process/web/public-host-name.js";
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

// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const FORBIDDEN = /[\s\p{Cc}/\\@:?#%[\]|<>^`{}"*]/u;

/** The host as the URL standard reads it, so that every spelling of an IP address becomes one. */
function toAsciiHost(host: string): string | undefined {
  try {
    return new URL(`http://${host}/`).hostname;
  } catch {
    return undefined;
  }
}
