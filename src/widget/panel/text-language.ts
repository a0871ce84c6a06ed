import { LANGUAGE } from "./strings.js";

/** What HTML is told of a text. */
export interface TextLanguage {
  /** "": nobody knows. Undefined: as around it. */
  lang: string | undefined;
  /** By the first letter, as `dir="auto"` says it, which does not look into a list's items. */
  dir: "ltr" | "rtl" | undefined;
}

/** Scripts that many languages share say nothing; their letters are counted all the same. */
const SHARED = "";
const SCRIPTS: readonly (readonly [language: string, letters: RegExp])[] = [
  [SHARED, /[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Devanagari}]/gu],
  ["ar", /\p{Script=Arabic}/gu],
  ["he", /\p{Script=Hebrew}/gu],
  ["zh", /\p{Script=Han}/gu],
  ["ja", /[\p{Script=Hiragana}\p{Script=Katakana}]/gu],
  ["ko", /\p{Script=Hangul}/gu],
  ["el", /\p{Script=Greek}/gu],
  ["th", /\p{Script=Thai}/gu],
];
const FROM_THE_RIGHT =
  /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u;
/** Persian, Urdu and others write Arabic letters, and these. */
const NOT_ARABIC = /[ٹپچڈڑژکگںھیے]/;
/** A text says within so many characters what it is. */
const ENOUGH = 1000;

export function readLanguage(text: string): TextLanguage {
  const start = text.slice(0, ENOUGH);
  const [letter] = /\p{L}/u.exec(start) ?? [];
  if (letter === undefined) return { lang: undefined, dir: undefined };
  const language = languageOf(start);
  const isPanels = LANGUAGE.split("-")[0] === language;
  return {
    lang: isPanels ? undefined : language,
    dir: FROM_THE_RIGHT.test(letter) ? "rtl" : "ltr",
  };
}

/** Undefined: it may be that of the panel. */
function languageOf(text: string): string | undefined {
  const counts = new Map(
    SCRIPTS.map(([language, letters]) => [language, text.match(letters)?.length ?? 0]),
  );
  const most = Math.max(...counts.values());
  const [[language = SHARED] = []] = [...counts].filter(([, count]) => count === most);
  // Japanese writes Chinese signs between its own.
  if (language === "zh" && (counts.get("ja") ?? 0) * 10 > most) return "ja";
  if (language === "ar" && NOT_ARABIC.test(text)) return SHARED;
  if (language !== SHARED) return language;
  const isPanelOfOneScript = SCRIPTS.some(([one]) => one === LANGUAGE.split("-")[0]);
  return isPanelOfOneScript ? SHARED : undefined;
}
