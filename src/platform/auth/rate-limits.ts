import { isIPv4 } from "node:net";
import ipaddr from "ipaddr.js";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { AppError } from "../errors.js";

/** What is counted: per client address, `auto_brand` per organization. */
export type RateLimitName =
  | "start"
  | "feedback"
  | "logout"
  | "ticket"
  | "public_widget"
  | "public_list"
  | "public_messages"
  | "failed_credentials"
  | "auto_brand";

export interface RateLimitRule {
  /** Calls allowed in one window. */
  readonly points: number;
  readonly windowSeconds: number;
}

export const DEFAULT_RATE_LIMITS: Record<RateLimitName, RateLimitRule> = {
  start: { points: 60, windowSeconds: 60 },
  feedback: { points: 30, windowSeconds: 60 },
  logout: { points: 30, windowSeconds: 60 },
  ticket: { points: 120, windowSeconds: 60 },
  /** The reads are loose enough for an office behind one address. */
  public_widget: { points: 600, windowSeconds: 60 },
  public_list: { points: 60, windowSeconds: 60 },
  public_messages: { points: 120, windowSeconds: 60 },
  failed_credentials: { points: 30, windowSeconds: 60 },
  /** Each call fetches from somebody else's server. */
  auto_brand: { points: 10, windowSeconds: 60 },
};

const MINUTE_SECONDS = 60;

/** What is left of a limit after a call was counted against it. */
export interface Quota {
  readonly name: string;
  /** Calls allowed in one window. */
  readonly points: number;
  readonly windowSeconds: number;
  readonly remaining: number;
  /** Seconds until the window ends. */
  readonly resetSeconds: number;
}

/** Who is told of each count, so that a door can tell its caller. */
export interface QuotaListener {
  counted(quota: Quota): void;
}

/** Counts in this process's memory. */
export class RateLimits {
  private readonly limiters: ReadonlyMap<RateLimitName, RateLimiterMemory>;
  /** Counts only: how many are allowed is each owner's own number. */
  private readonly perMinute = new RateLimiterMemory({ points: 0, duration: MINUTE_SECONDS });

  /** @param onRefused hears the name of the limit that a call was refused by. */
  constructor(
    private readonly rules: Record<RateLimitName, RateLimitRule>,
    private readonly onRefused: (name: string) => void = () => {},
  ) {
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
   * @param listener hears what is left, also when nothing is.
   * @throws AppError `rate_limited` with the seconds until the window ends.
   */
  async consume(name: RateLimitName, key: string, listener: QuotaListener): Promise<void> {
    const { points, windowSeconds } = this.rules[name];
    const left = await this.count(name, addressKey(key));
    const quota = quotaOf({ name, points, windowSeconds }, left);
    listener.counted(quota);
    if (left.consumedPoints > points) throw this.refuse(quota);
  }

  /**
   * Counts a start against the limit set by the widget's owner.
   *
   * @throws AppError `rate_limited`; the refused call uses up nothing.
   */
  async consumeStart(widgetId: string, allowed: number, listener: QuotaListener): Promise<void> {
    const rule = { name: "widget_starts", points: allowed, windowSeconds: MINUTE_SECONDS };
    const before = await this.perMinute.get(widgetId);
    const isOver = before !== null && before.consumedPoints >= allowed;
    const quota = quotaOf(rule, isOver ? before : await this.perMinute.penalty(widgetId));
    listener.counted(quota);
    if (isOver) throw this.refuse(quota);
  }

  private refuse({ name, resetSeconds }: Quota): AppError {
    this.onRefused(name);
    return new AppError("rate_limited", "Too many requests. Try again later.", {
      retryAfterSeconds: resetSeconds,
    });
  }

  private async count(name: RateLimitName, key: string): Promise<RateLimiterRes> {
    const limiter = this.limiters.get(name);
    if (!limiter) throw new Error(`no rule for ${name}`);
    try {
      return await limiter.consume(key);
    } catch (error) {
      // How a count beyond the rule is told.
      if (error instanceof RateLimiterRes) return error;
      throw error;
    }
  }
}

/** The limiter's windows end by a timer; what it says is left goes by a clock that may be set back. */
function quotaOf(
  { name, points, windowSeconds }: Pick<Quota, "name" | "points" | "windowSeconds">,
  { consumedPoints, msBeforeNext }: RateLimiterRes,
): Quota {
  const secondsLeft = Math.ceil(msBeforeNext / 1000);
  return {
    name,
    points,
    windowSeconds,
    remaining: Math.max(0, points - consumedPoints),
    resetSeconds: Math.min(Math.max(1, secondsLeft), windowSeconds),
  };
}

/** An IPv6 customer has a whole /64: counting single addresses would count nothing. */
function addressKey(text: string): string {
  if (isIPv4(text)) return text;
  // Some proxies write the port as well, and a client has many.
  const address = text.replace(/^\[(.*)\](:\d+)?$/, "$1").replace(/^([\d.]+):\d+$/, "$1");
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  return parsed instanceof ipaddr.IPv6 ? parsed.parts.slice(0, 4).join(":") : parsed.toString();
}
