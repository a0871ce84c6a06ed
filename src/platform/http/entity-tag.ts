import { hash } from "node:crypto";

/** An `ETag`: the same for the same bytes, whichever way they are answered. */
export function entityTag(body: string | Buffer): string {
  return `"${hash("sha256", body, "base64url").slice(0, 22)}"`;
}
