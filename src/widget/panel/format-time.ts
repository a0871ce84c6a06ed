import { LANGUAGE } from "./strings.js";

const DAY_MS = 24 * 3600 * 1000;

/** The time of day, with the day where that is not today; by the panel's language and the visitor's clock. */
export function formatTime(at: number): string {
  const date = new Date(at);
  const isToday = new Date(Date.now()).toDateString() === date.toDateString();
  const isThisYear = Math.abs(Date.now() - at) < 300 * DAY_MS;
  const day: Intl.DateTimeFormatOptions = isToday
    ? {}
    : { day: "numeric", month: "short", ...(isThisYear ? {} : { year: "numeric" }) };
  const options: Intl.DateTimeFormatOptions = { ...day, hour: "numeric", minute: "2-digit" };
  return new Intl.DateTimeFormat(region(), options).format(date);
}

/** The panel speaks a language, its visitor lives somewhere: an English clock counts to 12 or to 24. */
function region(): string {
  const [language] = LANGUAGE.split("-");
  return navigator.languages.find((tag) => tag.split("-")[0] === language) ?? LANGUAGE;
}
