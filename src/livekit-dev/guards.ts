import type { IncomingMessage } from "node:http";

const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * Says why a request must be refused before anything else is read, if it must. Listening on
 * loopback is no fence of its own: any page can open a WebSocket to 127.0.0.1, and a name that
 * is made to point there (DNS rebinding) reaches HTTP as well.
 */
export function refusal(
  request: IncomingMessage,
  allowedOrigins: ReadonlySet<string>,
): string | undefined {
  if (!isLoopbackHost(request.headers.host)) return "host not allowed";
  const origin = request.headers.origin;
  // A page in a sandbox has no origin to name. What it joins with is its token, which nobody there can guess.
  if (origin === "null" && /^\/rtc\b/.test(request.url ?? "")) return undefined;
  if (origin !== undefined && !isAllowedOrigin(origin, allowedOrigins)) return "origin not allowed";
  return undefined;
}

function isLoopbackHost(host: string | undefined): boolean {
  if (host === undefined) return false;
  return LOOPBACK_HOSTS.has(host.replace(/:\d+$/, "").toLowerCase());
}

function isAllowedOrigin(origin: string, allowedOrigins: ReadonlySet<string>): boolean {
  if (allowedOrigins.has(origin)) return true;
  if (!URL.canParse(origin)) return false;
  const { protocol, hostname } = new URL(origin);
  return /^https?:$/.test(protocol) && LOOPBACK_HOSTS.has(hostname);
}
