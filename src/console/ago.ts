const UNITS: readonly (readonly [unit: Intl.RelativeTimeFormatUnit, seconds: number])[] = [
  ["year", 365 * 86_400],
  ["month", 30 * 86_400],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/**
 * How long ago something was, in the largest unit of which there is a whole one: "3 hours ago".
 *
 * @param instant an ISO 8601 instant; one to come is now, for clocks differ
 */
export function timeAgo(instant: string, now: Date, language: string): string {
  const words = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  const seconds = Math.max(0, (now.getTime() - new Date(instant).getTime()) / 1_000);
  const [unit, length] = UNITS.find(([, one]) => seconds >= one) ?? ["second", Infinity];
  return words.format(-Math.floor(seconds / length), unit);
}
