import { createHmac, timingSafeEqual } from "node:crypto";

/*
 * JWTs that this platform signs and reads itself, HS256 alone. One HMAC in this thread: WebCrypto, on
 * which the libraries build, goes to another thread and back, which costs forty times as much.
 */

/** The one header there is. A token with any other is not ours, so nothing in it is ever looked at. */
const HEADER = Buffer.from('{"alg":"HS256"}').toString("base64url");

/** @param claims whole: nothing is added, so `exp` is among them, in seconds since the epoch. */
export function signHs256(claims: object & { exp: number }, key: Uint8Array | string): string {
  const signed = `${HEADER}.${Buffer.from(JSON.stringify(claims)).toString("base64url")}`;
  return `${signed}.${mac(signed, key)}`;
}

/** @returns the claims; undefined unless the token was signed with `key`, and has an end that is still to come. */
export function verifyHs256(
  token: string,
  key: Uint8Array | string,
  now: Date,
): Readonly<Record<string, unknown>> | undefined {
  const end = token.lastIndexOf(".");
  const signed = token.slice(0, Math.max(0, end));
  if (!signed.startsWith(`${HEADER}.`)) return undefined;
  const [given, expected] = [Buffer.from(token.slice(end + 1)), Buffer.from(mac(signed, key))];
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  // What we have signed is what we have written.
  const payload = Buffer.from(signed.slice(HEADER.length + 1), "base64url").toString("utf8");
  const claims = JSON.parse(payload) as Record<string, unknown>;
  const { exp } = claims;
  if (typeof exp !== "number" || exp <= Math.floor(now.getTime() / 1000)) return undefined;
  return claims;
}

function mac(signed: string, key: Uint8Array | string): string {
  return createHmac("sha256", key).update(signed).digest("base64url");
}
