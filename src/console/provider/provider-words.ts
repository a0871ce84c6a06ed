import { pageWords } from "../page-words.js";
import { CATALOGUE as ENGLISH } from "../words/provider-en.js";

export const useProviderWords = pageWords(ENGLISH, {
  de: () => import("../words/provider-de.js"),
});
