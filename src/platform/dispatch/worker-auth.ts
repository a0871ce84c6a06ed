import { createHash, timingSafeEqual } from "node:crypto";
import type { RecentlyVerified } from "../auth/recently-verified.js";
import type { RateLimits } from "../auth/rate-limits.js";
import type { RequestContext } from "../auth/context.js";
import { AppError } from "../errors.js";

/** How a worker proves itself: with the one secret that never reaches a browser. */
export class WorkerAuth {
  private readonly expected: Buffer;

  constructor(
    agentSecret: string,
    private readonly limits: RateLimits,
    private readonly verified: RecentlyVerified,
  ) {
    this.expected = digest(agentSecret);
  }

  /**
   * @throws AppError `unauthenticated` unless the bearer token is `AGENT_SECRET`; `rate_limited`
   * after too many failures from one address.
   */
  async requireWorker(ctx: RequestContext): Promise<void> {
    // Digests have one length, so the comparison takes the same time whatever was sent.
    if (ctx.bearer !== undefined && timingSafeEqual(digest(ctx.bearer), this.expected)) {
      this.verified.add(ctx.bearer);
      return;
    }
    await this.limits.consume("failed_credentials", ctx.clientIp, ctx);
    throw new AppError("unauthenticated", "This needs the worker's secret.");
  }
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
