import { pageWords } from "../page-words.js";
import { CATALOGUE as ENGLISH } from "../words/new-widget-en.js";

export const useNewWidgetWords = pageWords(ENGLISH, {
  de: () => import("../words/new-widget-de.js"),
});
