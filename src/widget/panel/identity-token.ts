import { readFields, readJson, readText } from "../../protocol/read.js";

export interface TokenClaims {
  userId: string | undefined;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

/** What an identity token says. Whether it is true is for the platform to find out. */
export function readClaims(token: string): TokenClaims | undefined {
  const [, payload, signature] = token.split(".");
  if (payload === undefined || signature === undefined) return undefined;
  const { sub, exp } = readFields(readJson(decode(payload)));
  return typeof exp === "number" ? { userId: readText(sub), expiresAt: exp * 1000 } : undefined;
}

function decode(base64url: string): string {
  try {
    const binary = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
    return new TextDecoder().decode(Uint8Array.from(binary, (byte) => byte.charCodeAt(0)));
  } catch {
    return "";
  }
}
