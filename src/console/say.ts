import { fillPhrase, type Phrase } from "../protocol/catalogue.js";
import { chooseLanguage } from "../protocol/language.js";
import { CATALOGUE as ENGLISH } from "./words/en.js";
import type { Words } from "./words/console-words.js";
import { timeAgo } from "./ago.js";
import { readKept, writeKept } from "./kept.js";

/** The languages beside English, each a file of its own. By tag in lower case. */
const CONSOLE_LANGUAGES: Readonly<Record<string, () => Promise<{ readonly CATALOGUE: Words }>>> = {
  de: () => import("./words/de.js"),
};

/** As each calls itself. */
export const LANGUAGE_NAMES: Readonly<Record<string, string>> = { en: "English", de: "Deutsch" };

const LANGUAGE_KEY = "console.language";

/** The words in one language, and how they are said. */
export interface SpokenWords {
  /** A BCP 47 tag. */
  readonly language: string;
  readonly words: Words;
  /** A phrase with its values. */
  say(phrase: Phrase, values: Readonly<Record<string, number | string>>): string;
  /** A day, as the language writes it. @param instant an ISO 8601 instant */
  day(instant: string): string;
  /** A day and a time. */
  moment(instant: string): string;
  /** How long ago an instant was. */
  ago(instant: string): string;
}

/** The language that was chosen here before, or the browser's; English where there are no words in it. */
export function preferredLanguage(): string {
  const wanted = [readKept("local", LANGUAGE_KEY), ...navigator.languages];
  return chooseLanguage(wanted, Object.keys(CONSOLE_LANGUAGES)) ?? "en";
}

export function rememberLanguage(language: string): void {
  writeKept("local", LANGUAGE_KEY, language);
}

/** @param language `en`, or a key of `CONSOLE_LANGUAGES`. Where its file does not come, English is said. */
export async function loadSpeech(language: string): Promise<SpokenWords> {
  const words = await CONSOLE_LANGUAGES[language]?.().then(
    (module) => module.CATALOGUE,
    () => undefined,
  );
  return words === undefined ? speechOf("en", ENGLISH) : speechOf(language, words);
}

function speechOf(language: string, words: Words): SpokenWords {
  const days = new Intl.DateTimeFormat(language, { dateStyle: "medium" });
  const moments = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
  return {
    language,
    words,
    say: (phrase, values) => fillPhrase(phrase, language, values),
    day: (instant) => days.format(new Date(instant)),
    moment: (instant) => moments.format(new Date(instant)),
    ago: (instant) => timeAgo(instant, new Date(), language),
  };
}
