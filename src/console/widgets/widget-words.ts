import { pageWords } from "../page-words.js";
import { CATALOGUE as ENGLISH } from "../words/widget-pages-en.js";

export const useWidgetWords = pageWords(ENGLISH, {
  de: () => import("../words/widget-pages-de.js"),
});

export type WidgetWords = ReturnType<typeof useWidgetWords>;
