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
  const arrived = new Map<string, InAnyLanguage<English>>();
  const coming = new Map<string, Promise<void>>();
  return function usePageWords() {
    const { language } = useSpeech();
    const load = others[language];
    if (load === undefined) return english;
    const words = arrived.get(language);
    if (words !== undefined) return words;
    let wait = coming.get(language);
    if (wait === undefined) {
      wait = load().then(
        ({ CATALOGUE }) => void arrived.set(language, CATALOGUE),
        () => void arrived.set(language, english),
      );
      coming.set(language, wait);
    }
    // React 18 has no other word for "show that it loads until then".
    throw wait;
  };
}
