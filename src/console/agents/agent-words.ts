import { pageWords } from "../page-words.js";
import { CATALOGUE as ENGLISH } from "../words/agents-en.js";

/** What the pages of agents say beside the menu's title. */
export const useAgentWords = pageWords(ENGLISH, { de: () => import("../words/agents-de.js") });
