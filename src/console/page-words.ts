import { use } from "react";
import type { InAnyLanguage } from "../protocol/catalogue.js";
import { useSpeech } from "./use-speech.js";

/**
 * A hook for words that one page alone says: they come with it, and the first page does not wait for them. The page's chunk has
 * the English ones; another language is a file of its own, for which the page shows that it loads.
 *
 * @param english the catalogue in English, which says what there is to say
 * @param others the catalogues in the languages beside English. By tag in lower case. Where one does not come, English is said.
 */
export function pageWords<English extends object>(
  english: English & InAnyLanguage<English>,
  others: Readonly<Record<string, () => Promise<{ readonly CATALOGUE: InAnyLanguage<English> }>>>,
): () => InAnyLanguage<English> {
  const coming = new Map<string, Promise<InAnyLanguage<English>>>();
  return function usePageWords() {
    const { language } = useSpeech();
    const load = others[language];
    if (load === undefined) return english;
    let words = coming.get(language);
    if (words === undefined) {
      words = load().then(
        ({ CATALOGUE }) => CATALOGUE,
        () => english,
      );
      coming.set(language, words);
    }
    return use(words);
  };
}
