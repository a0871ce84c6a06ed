import { z } from "zod";
import { invalid } from "../errors.js";
import { readable } from "../../protocol/stored.js";
import { checkDocument } from "./check-document.js";

const MAX_BYTES = 4 * 1024;

/** What talks may use up: of a widget or of an organization (contract section 5). A key that is absent: any number. */
export const USAGE_LIMITS = {
  concurrent_talks: count(100_000).describe("Talks at the same time."),
  talk_minutes: count(24 * 60).describe("Minutes of one talk at most."),
  talk_turns: count(100_000).describe("Messages of the visitor that are answered in one talk."),
  talk_tokens: count(100_000_000).describe("Tokens that models read and write in one talk."),
  minutes_per_day: count(10_000_000).describe("Minutes of all talks of a day, in UTC."),
  tokens_per_day: count(100_000_000_000).describe(
    "Tokens that models read and write in all talks of a day, in UTC.",
  ),
};

const KEYS = Object.keys(USAGE_LIMITS) as (keyof typeof USAGE_LIMITS)[];

/** Open to keys that we do not know. */
export const usageLimitsSchema = z
  .looseObject(USAGE_LIMITS)
  .describe("What talks may use up; a key that is absent is no limit.");

/** The keys of `USAGE_LIMITS` that are set. */
export type UsageLimits = { readonly [K in keyof typeof USAGE_LIMITS]?: number };

/** For who has named nothing. */
export interface UsageLimitDefaults {
  readonly widget: UsageLimits;
  readonly organization: UsageLimits;
}

/** Where nothing is paid for. */
export const NO_USAGE_LIMITS: UsageLimitDefaults = { widget: {}, organization: {} };

/**
 * Where a model is paid for and the operator has said nothing. All that may talk at once, each as long as it may, have
 * half a day's share: whoever talks briefly leaves the rest to others.
 */
export const SAFE_USAGE_LIMITS: UsageLimitDefaults = {
  widget: {
    concurrent_talks: 20,
    talk_minutes: 30,
    talk_turns: 100,
    talk_tokens: 150_000,
    minutes_per_day: 1_200,
    tokens_per_day: 6_000_000,
  },
  organization: { concurrent_talks: 50, minutes_per_day: 3_000, tokens_per_day: 15_000_000 },
};

const ofBoth = z.strictObject({
  widget: z.strictObject(USAGE_LIMITS).default({}),
  organization: z.strictObject(USAGE_LIMITS).default({}),
});

/** The operator's own defaults, all of them: a key that is left out is no limit. */
export const usageLimitDefaults = z.string().transform((text, context): UsageLimitDefaults => {
  const parsed = ofBoth.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  context.addIssue(
    `must be JSON such as {"widget":{"concurrent_talks":20},"organization":{"tokens_per_day":1000000}}, with the keys of security.limits`,
  );
  return z.NEVER;
});

const stored = readable(
  z.object(
    Object.fromEntries(Object.entries(USAGE_LIMITS).map(([key, limit]) => [key, readable(limit)])),
  ),
);

/**
 * What counts: what was named, else the default. Who limits a day alone has the longest talk limited too, for the day
 * is handed out in talks.
 */
export function usageLimits(named: unknown, defaults: UsageLimits): UsageLimits {
  const all: UsageLimits = { ...defaults, ...namedLimits(named) };
  const { talk_minutes, talk_tokens } = SAFE_USAGE_LIMITS.widget;
  return {
    ...(all.minutes_per_day === undefined ? {} : { talk_minutes }),
    ...(all.tokens_per_day === undefined ? {} : { talk_tokens }),
    ...all,
  };
}

/**
 * Checks an organization's limits.
 *
 * @param most what none may be above.
 * @throws AppError `invalid` with a path below `limits`.
 */
export function checkUsageLimits(limits: object, most: UsageLimits): void {
  checkDocument(usageLimitsSchema, limits, { path: "limits", maxBytes: MAX_BYTES });
  const named = namedLimits(limits);
  const above = KEYS.filter((key) => (named[key] ?? 0) > (most[key] ?? Infinity));
  if (above.length === 0) return;
  throw invalid(
    ...above.map((key) => ({
      path: `limits.${key}`,
      message: `Must be at most ${most[key]}: the operator's command line may set more.`,
      rule: "range" as const,
      max: most[key],
    })),
  );
}

export function hasUsageLimits(limits: UsageLimits): boolean {
  return Object.keys(limits).length > 0;
}

function namedLimits(limits: unknown): UsageLimits {
  const known = Object.entries(stored.parse(limits) ?? {});
  return Object.fromEntries(known.filter(([, limit]) => limit !== undefined));
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function count(max: number) {
  return z.number().int().min(1).max(max).optional();
}
