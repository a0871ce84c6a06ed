import { chooseLanguage, directionOf, tagsFor } from "../../protocol/language.js";
import { LANGUAGES } from "../../protocol/languages.js";
import { speak } from "./strings.js";

/** What the host page says of itself. */
export interface PageLanguage {
  language: string | null;
  direction: string | null;
}

/**
 * Loads and speaks the first language that there are words in: the config's, the page's, the browser's. English, which
 * came along, is what there is when the others cannot be loaded. The panel reads as its words do; among words that
 * neither the owner nor the page chose, as the page does.
 */
export async function useLanguage(own: string | undefined, page: PageLanguage): Promise<void> {
  const known = Object.keys(LANGUAGES);
  const told = chooseLanguage([own, page.language], known);
  const chosen = told ?? chooseLanguage(navigator.languages, known) ?? "en";
  const [load] = tagsFor(chosen).flatMap((tag) => LANGUAGES[tag] ?? []);
  const loaded = await load?.().catch(() => undefined);
  const [language = "en"] = loaded ? Intl.getCanonicalLocales(chosen) : [];
  if (loaded) speak(loaded.CATALOGUE, language);
  const { documentElement } = document;
  documentElement.lang = language;
  documentElement.dir =
    told === undefined && page.direction === "rtl" ? "rtl" : directionOf(language);
}
