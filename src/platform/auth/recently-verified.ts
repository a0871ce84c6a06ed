import { hash } from "node:crypto";

const REMEMBERED_MS = 60_000;
const MAX_TOKENS = 10_000;

/**
 * The tokens that were found good in the last minute, by their hashes. Says who is served first when
 * there is much to do, never what anybody may do: a revoked token is refused all the same.
 */
export class RecentlyVerified {
  private readonly until = new Map<string, number>();

  add(token: string | undefined): void {
    if (token === undefined) return;
    const key = hashOf(token);
    // Put at the end again, so that the first is the one that was shown longest ago.
    this.until.delete(key);
    this.until.set(key, performance.now() + REMEMBERED_MS);
    const [oldest] = this.until.keys();
    if (this.until.size > MAX_TOKENS && oldest !== undefined) this.until.delete(oldest);
  }

  has(token: string | undefined): boolean {
    return token !== undefined && (this.until.get(hashOf(token)) ?? 0) > performance.now();
  }
}

/** What a token is remembered by. */
export function hashOf(token: string): string {
  return hash("sha256", token, "base64url");
}
