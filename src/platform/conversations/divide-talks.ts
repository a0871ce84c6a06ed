import { usageLimits, type UsageLimitDefaults, type UsageLimits } from "../input/usage-limits.js";
import { TalkRefused, type UsedUp } from "./talk-refused.js";
import type { TalkUsage } from "../database/talk-usage.js";

/** A share that is smaller is none: nobody is let in for a few words. */
const SMALLEST = { seconds: 60, tokens: 1_000 };
/** Talks end all the time: who waits for one of them looks again soon. */
const SOON_SECONDS = 60;
const DAY_MS = 24 * 60 * 60 * 1000;

/** The most that one talk may use; null: any number. */
export interface Share {
  readonly seconds: number | null;
  readonly turns: number | null;
  readonly tokens: number | null;
}

export const UNLIMITED: Share = { seconds: null, turns: null, tokens: null };

interface Scope {
  readonly usage: TalkUsage;
  readonly limits: UsageLimits;
}

/**
 * What a talk gets of what is left to its widget and its organization: as much as one may have, or what the day has
 * left. That much is nobody else's until the talk is over.
 *
 * @param widgetId null for a test, which has the organization's limits alone.
 * @param usages the widget's and the organization's.
 * @throws TalkRefused when there are as many talks as there may be, or the day has nothing left.
 */
export function shareOf(
  widgetId: string | null,
  usages: readonly TalkUsage[],
  { defaults, now }: { defaults: UsageLimitDefaults; now: Date },
): Share {
  const scopes = scopesOf(usages, defaults);
  const soon = { isForToday: false, retryAfterSeconds: SOON_SECONDS };
  if (scopes.some(({ usage, limits }) => usage.talksNow >= (limits.concurrent_talks ?? Infinity))) {
    throw new TalkRefused(widgetId, "concurrent_talks", soon);
  }
  const part = (usedUp: UsedUp, smallest: number, of: (scope: Scope) => Account): number | null => {
    const accounts = scopes.map(of);
    const longest = Math.min(...accounts.map((one) => one.ofATalk ?? Infinity));
    const needed = Math.min(longest, smallest);
    const left = ({ ofTheDay = Infinity, used, reserved }: Account): number =>
      ofTheDay - used - reserved;
    const share = Math.min(longest, ...accounts.map(left));
    if (share >= needed) return share === Infinity ? null : Math.floor(share);
    // What others have reserved may come back today.
    const isForToday = accounts.some((one) => left({ ...one, reserved: 0 }) < needed);
    throw new TalkRefused(
      widgetId,
      usedUp,
      isForToday ? { isForToday, retryAfterSeconds: secondsOfTheDay(now) } : soon,
    );
  };
  return {
    seconds: part("minutes_per_day", SMALLEST.seconds, ({ usage, limits }) => ({
      ofATalk: seconds(limits.talk_minutes),
      ofTheDay: seconds(limits.minutes_per_day),
      used: usage.seconds,
      reserved: usage.reservedSeconds,
    })),
    turns: least(scopes.map(({ limits }) => limits.talk_turns)),
    tokens: part("tokens_per_day", SMALLEST.tokens, ({ usage, limits }) => ({
      ofATalk: limits.talk_tokens,
      ofTheDay: limits.tokens_per_day,
      used: usage.tokens,
      reserved: usage.reservedTokens,
    })),
  };
}

/**
 * What a summary may use up, of a widget and its organization: it is of no talk that has a share.
 *
 * @param usages the widget's and the organization's.
 * @returns what their day has left, and what it has at most.
 */
export function tokensOfTheDay(
  usages: readonly TalkUsage[],
  defaults: UsageLimitDefaults,
): { readonly left: number; readonly most: number } {
  const days = scopesOf(usages, defaults).map(({ usage, limits }) => {
    const most = limits.tokens_per_day ?? Infinity;
    return { most, left: most - usage.tokens - usage.reservedTokens };
  });
  return {
    left: Math.min(...days.map(({ left }) => left)),
    most: Math.min(...days.map(({ most }) => most)),
  };
}

function scopesOf(usages: readonly TalkUsage[], defaults: UsageLimitDefaults): Scope[] {
  return usages.map((usage) => ({
    usage,
    limits: usageLimits(
      usage.limits,
      usage.widgetId === null ? defaults.organization : defaults.widget,
    ),
  }));
}

/** Of one kind, in one scope. */
interface Account {
  readonly ofATalk: number | undefined;
  readonly ofTheDay: number | undefined;
  readonly used: number;
  readonly reserved: number;
}

function seconds(minutes: number | undefined): number | undefined {
  return minutes === undefined ? undefined : minutes * 60;
}

function least(limits: readonly (number | undefined)[]): number | null {
  const smallest = Math.min(...limits.map((limit) => limit ?? Infinity));
  return smallest === Infinity ? null : smallest;
}

/** Until midnight in UTC, when the next day begins. */
function secondsOfTheDay(now: Date): number {
  return Math.max(1, Math.ceil((DAY_MS - (now.getTime() % DAY_MS)) / 1000));
}
