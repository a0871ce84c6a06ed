import { isIPv4 } from "node:net";
import ipaddr from "ipaddr.js";
import { AppError } from "../errors.js";
import { MemoryCounter, type CallCounter, type Count } from "./call-counter.js";

/** What is counted: per client address, `auto_brand` per organization, `sign_in_account` per account and address, `second_factor` per account. */
export type RateLimitName =
  | "start"
  | "feedback"
  | "logout"
  | "handle"
  | "ticket"
  | "public_widget"
  | "public_list"
  | "public_messages"
  | "failed_credentials"
  | "sign_in"
  | "sign_in_account"
  | "second_factor"
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
  /** One for each page that is opened, and one for each talk that begins or ends. */
  handle: { points: 120, windowSeconds: 60 },
  ticket: { points: 120, windowSeconds: 60 },
  /** The reads are loose enough for an office behind one address. */
  public_widget: { points: 600, windowSeconds: 60 },
  public_list: { points: 60, windowSeconds: 60 },
  public_messages: { points: 120, windowSeconds: 60 },
  failed_credentials: { points: 30, windowSeconds: 60 },
  /** An office signs in within a few minutes of the morning. */
  sign_in: { points: 60, windowSeconds: 300 },
  /** By one address, so that nobody locks an owner out from elsewhere. */
  sign_in_account: { points: 10, windowSeconds: 900 },
  /** By whatever address: who comes so far knows the password. Of a million codes three are good. */
  second_factor: { points: 10, windowSeconds: 900 },
  /** Each call fetches from somebody else's server. */
  auto_brand: { points: 10, windowSeconds: 60 },
};

const MINUTE_SECONDS = 60;
const WIDGET_STARTS = "widget_starts";

/** What is left of a limit after a call was counted against it. */
export interface Quota {
  readonly name: string;
  /** Calls allowed in one window. */
  readonly points: number;
  readonly windowSeconds: number;
  readonly remaining: number;
  /** Whether the call was one too many. */
  readonly isOver: boolean;
  /** Seconds until the window ends. */
  readonly resetSeconds: number;
}

/** Who is told of each count, so that a door can tell its caller. */
export interface QuotaListener {
  counted(quota: Quota): void;
}

/** How often who may call. */
export class RateLimits {
  private readonly counters: ReadonlyMap<RateLimitName, CallCounter>;
  /** How many are allowed is each owner's own number. */
  private readonly widgetStarts: CallCounter;

  /**
   * @param onRefused hears the name of the limit that a call was refused by.
   * @param counterFor where a limit is counted: in this process's memory, unless given.
   */
  constructor(
    private readonly rules: Record<RateLimitName, RateLimitRule>,
    private readonly onRefused: (name: string) => void = () => {},
    counterFor = (_name: string, windowSeconds: number): CallCounter =>
      new MemoryCounter(windowSeconds),
  ) {
    const names = Object.keys(rules) as RateLimitName[];
    this.counters = new Map(
      names.map((name) => [name, counterFor(name, rules[name].windowSeconds)]),
    );
    this.widgetStarts = counterFor(WIDGET_STARTS, MINUTE_SECONDS);
  }

  /**
   * @param key a client address, or an organization's id.
   * @param listener hears what is left, also when nothing is.
   * @throws AppError `rate_limited` with the seconds until the window ends.
   */
  async consume(name: RateLimitName, key: string, listener: QuotaListener): Promise<void> {
    this.tell(await this.count(name, key), listener);
  }

  /** The same for who has no time for a promise where memory counts, and looks at the quota. */
  count(name: RateLimitName, key: string): Quota | Promise<Quota> {
    const counter = this.counters.get(name);
    if (!counter) throw new Error(`no rule for ${name}`);
    const { points, windowSeconds } = this.rules[name];
    const count = counter.count(addressKey(key), points);
    const rule = { name, points, windowSeconds };
    return count instanceof Promise ? count.then((it) => quotaOf(rule, it)) : quotaOf(rule, count);
  }

  /**
   * Counts a start against the limit set by the widget's owner.
   *
   * @throws AppError `rate_limited`; the refused call uses up nothing.
   */
  async consumeStart(widgetId: string, allowed: number, listener: QuotaListener): Promise<void> {
    const rule = { name: WIDGET_STARTS, points: allowed, windowSeconds: MINUTE_SECONDS };
    this.tell(quotaOf(rule, await this.widgetStarts.count(widgetId, allowed)), listener);
  }

  /** @throws AppError `rate_limited` for a call that was one too many. */
  private tell(quota: Quota, listener: QuotaListener): void {
    listener.counted(quota);
    if (!quota.isOver) return;
    this.onRefused(quota.name);
    throw new AppError("rate_limited", "Too many requests. Try again later.", {
      retryAfterSeconds: quota.resetSeconds,
    });
  }
}

/** What a clock says that was set back or forward elsewhere stays within the window. */
function quotaOf(
  { name, points, windowSeconds }: Pick<Quota, "name" | "points" | "windowSeconds">,
  { calls, isOver, msLeft }: Count,
): Quota {
  return {
    name,
    points,
    windowSeconds,
    remaining: Math.max(0, points - calls),
    isOver,
    resetSeconds: Math.min(Math.max(1, Math.ceil(msLeft / 1000)), windowSeconds),
  };
}

/** What guesses at one account are counted by: from elsewhere its owner signs in all the same. */
export function accountKey(account: string, clientIp: string): string {
  return `${account} ${addressKey(clientIp)}`;
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
