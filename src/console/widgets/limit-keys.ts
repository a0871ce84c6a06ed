import type { WidgetWords } from "./widget-words.js";

/** The keys of `security.limits`, in the order in which they are shown, and what each is called. */
export const LIMIT_WORDS = {
  concurrent_talks: "concurrentTalks",
  talk_minutes: "talkMinutes",
  talk_turns: "talkTurns",
  talk_tokens: "talkTokens",
  minutes_per_day: "minutesPerDay",
  tokens_per_day: "tokensPerDay",
  starts_per_minute: "startsPerMinute",
} as const satisfies Readonly<Record<string, keyof WidgetWords["widgetAccess"]>>;

export type LimitKey = keyof typeof LIMIT_WORDS;

export const LIMIT_KEYS = Object.keys(LIMIT_WORDS) as readonly LimitKey[];

/** What was typed for limits; a key that is absent is as it was. */
export type TypedLimits = Partial<Readonly<Record<LimitKey, string>>>;

/** @returns undefined where it is no limit. */
export function limitOf(
  limits: Readonly<Record<string, unknown>>,
  key: LimitKey,
): number | undefined {
  const value = limits[key];
  return typeof value === "number" ? value : undefined;
}

/** The limits as they are to be: what was emptied is named no more, and keys that we do not know stay. */
export function limitsWith(
  limits: Readonly<Record<string, unknown>>,
  typed: TypedLimits,
): Record<string, unknown> {
  const kept = Object.entries(limits).filter(([key]) => !(key in typed));
  const given = Object.entries(typed)
    .filter(([, text]) => text !== "")
    .map(([key, text]): [string, number] => [key, Number(text)]);
  return Object.fromEntries([...kept, ...given]);
}
