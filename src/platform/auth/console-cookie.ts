import type { IncomingMessage } from "node:http";
import { CONSOLE_API, CONSOLE_HEADER, CONSOLE_HEADER_VALUE } from "../../protocol/console-api.js";

/** Where a session counts, below the public path: never where visitors or programs call. */
const COUNTS_ON = new RegExp(`^(/graphql(/stream)?|${CONSOLE_API}/[a-z/-]+)/?(\\?|$)`);
/** 32 bytes in base64url. */
const SECRET = /^[\w-]{43}$/;

/** A session's, and that of a browser which was sent to a provider of sign-in. */
type CookieKind = "session" | "oidc";

/** `__Host-` lets no neighbour's host set it; browsers take that over https alone. */
export function consoleCookieName(consoleUrl: string, kind: CookieKind = "session"): string {
  const name = kind === "session" ? "parley" : `parley-${kind}`;
  return consoleUrl.startsWith("https:") ? `__Host-${name}` : name;
}

/** By which a browser is known that was asked for a passkey. */
export function passkeyCookieName(consoleUrl: string): string {
  return `${consoleCookieName(consoleUrl)}-passkey`;
}

/** @param secret undefined: takes the cookie away. */
export function consoleCookie(
  consoleUrl: string,
  secret: string | undefined,
  maxAgeSeconds: number,
  name = consoleCookieName(consoleUrl),
): string {
  const isHttps = consoleUrl.startsWith("https:");
  return [
    `${name}=${secret ?? ""}`,
    "Path=/",
    `Max-Age=${secret === undefined ? 0 : maxAgeSeconds}`,
    "HttpOnly",
    "SameSite=Lax",
    ...(isHttps ? ["Secure"] : []),
  ].join("; ");
}

/**
 * Whether the console's own page sent a request. Scripts cannot set the first header, forms and
 * strangers' scripts not the second.
 */
export function isFromConsole({ headers }: Pick<IncomingMessage, "headers">): boolean {
  return (
    headers["sec-fetch-site"] === "same-origin" &&
    headers[CONSOLE_HEADER.toLowerCase()] === CONSOLE_HEADER_VALUE
  );
}

/**
 * What the cookie of a request holds.
 *
 * @returns undefined without one; and for two of one name, of which one is a neighbour's or another path's.
 */
export function cookieSecretOf(cookie: string | undefined, name: string): string | undefined {
  if (cookie === undefined) return undefined;
  const given = cookie
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  const [secret] = given;
  return given.length === 1 && secret !== undefined && SECRET.test(secret) ? secret : undefined;
}

/**
 * The secret of a session that counts for this request.
 *
 * @param url the platform's own path, with its query.
 * @returns undefined where there is none, or where it does not count (contract section 2).
 */
export function sessionSecretOf(
  { headers, url = "" }: Pick<IncomingMessage, "headers" | "url">,
  name: string,
): string | undefined {
  if (headers.cookie === undefined || headers.authorization !== undefined) return undefined;
  if (!COUNTS_ON.test(url) || !isFromConsole({ headers })) return undefined;
  return cookieSecretOf(headers.cookie, name);
}
