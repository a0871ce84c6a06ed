import ipaddr from "ipaddr.js";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { AppError } from "../errors.js";

/** What is counted: per client address, `auto_brand` per organization. */
export type RateLimitName = "start" | "feedback" | "ticket" | "failed_credentials" | "auto_brand";

export interface RateLimitRule {
  /** Calls allowed in one window. */
  readonly points: number;
  readonly windowSeconds: number;
}

export const DEFAULT_RATE_LIMITS: Record<RateLimitName, RateLimitRule> = {
  start: { points: 60, windowSeconds: 60 },
  feedback: { points: 30, windowSeconds: 60 },
  ticket: { points: 120, windowSeconds: 60 },
  failed_credentials: { points: 30, windowSeconds: 60 },
  /** Each call fetches from somebody else's server. */
  auto_brand: { points: 10, windowSeconds: 60 },
};

const MINUTE_SECONDS = 60;

/** Counts in this process's memory. */
export class RateLimits {
  private readonly limiters: ReadonlyMap<RateLimitName, RateLimiterMemory>;
  /** Counts only: how many are allowed is each owner's own number. */
  private readonly perMinute = new RateLimiterMemory({ points: 0, duration: MINUTE_SECONDS });

  constructor(private readonly rules: Record<RateLimitName, RateLimitRule>) {
    const names = Object.keys(rules) as RateLimitName[];
    this.limiters = new Map(
      names.map((name) => [
        name,
        new RateLimiterMemory({ points: rules[name].points, duration: rules[name].windowSeconds }),
      ]),
    );
  }

  /**
   * @param key a client address, or an organization's id.
   * @throws AppError `rate_limited` with the seconds until the window ends.
   */
  async consume(name: RateLimitName, key: string): Promise<void> {
    try {
      await this.limiters.get(name)?.consume(addressKey(key));
    } catch (error) {
      throw error instanceof RateLimiterRes
        ? tooMany(error, this.rules[name].windowSeconds)
        : error;
    }
  }

  /**
   * Counts against a per-minute limit set by the widget's owner.
   *
   * @throws AppError `rate_limited`; the refused call uses up nothing.
   */
  async consumePerMinute(key: string, allowed: number): Promise<void> {
    const count = await this.perMinute.get(key);
    if (count && count.consumedPoints >= allowed) throw tooMany(count, MINUTE_SECONDS);
    await this.perMinute.penalty(key);
  }
}

/** The limiter's windows end by a timer; what it says is left goes by a clock that may be set back. */
function tooMany({ msBeforeNext }: RateLimiterRes, windowSeconds: number): AppError {
  const secondsLeft = Math.ceil(msBeforeNext / 1000);
  return new AppError("rate_limited", "Too many requests. Try again later.", {
    retryAfterSeconds: Math.min(Math.max(1, secondsLeft), windowSeconds),
  });
}

/** An IPv6 customer has a whole /64: counting single addresses would count nothing. */
function addressKey(text: string): string {
  // Some proxies write the port as well, and a client has many.
  const address = text.replace(/^\[(.*)\](:\d+)?$/, "$1").replace(/^([\d.]+):\d+$/, "$1");
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  return parsed instanceof ipaddr.IPv6 ? parsed.parts.slice(0, 4).join(":") : parsed.toString();
}
