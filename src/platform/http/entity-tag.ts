import { createHash } from "node:crypto";

/** An `ETag`: the same for the same bytes, whichever way they are answered. */
export function entityTag(body: string | Buffer): string {
  return `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
}
