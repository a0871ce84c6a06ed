import { withTexts } from "../../protocol/catalogue.js";
import { chooseLanguage, directionOf, tagsFor } from "../../protocol/language.js";
import { CATALOGUE as ENGLISH } from "../../protocol/languages/en.js";
import { LANGUAGES } from "../../protocol/languages.js";
import type { PanelConfig } from "../../protocol/widget-reading.js";
import { readOwnTexts, textsFor } from "../own-texts.js";
import { speak } from "./strings.js";

/** What the host page says of itself. */
export interface PageLanguage {
  language: string | null;
  direction: string | null;
}

/**
 * Loads and speaks the first language that there are words in, ours or the owner's: the config's, the page's, the
 * browser's. English, which came along, is what there is when the others cannot be loaded. The panel reads as its words
 * do; among words that neither the owner nor the page chose, as the page does.
 */
export async function useLanguage(
  v1: Partial<Pick<PanelConfig, "language" | "texts">>,
  page: PageLanguage,
): Promise<void> {
  const texts = readOwnTexts(v1.texts);
  const known = [...Object.keys(LANGUAGES), ...texts.keys()];
  const told = chooseLanguage([v1.language, page.language], known);
  const chosen = told ?? chooseLanguage(navigator.languages, known) ?? "en";
  const tags = tagsFor(chosen);
  const [load] = tags.flatMap((tag) => LANGUAGES[tag] ?? []);
  const loaded = await load?.().catch(() => undefined);
  const hasWords = loaded !== undefined || tags.some((tag) => texts.has(tag));
  const [language = "en"] = hasWords ? Intl.getCanonicalLocales(chosen) : [];
  speak(withTexts(loaded?.CATALOGUE ?? ENGLISH, textsFor(texts, tags)), language);
  const { documentElement } = document;
  documentElement.lang = language;
  documentElement.dir =
    told === undefined && page.direction === "rtl" ? "rtl" : directionOf(language);
}
