import { pageWords } from "../page-words.js";
import { CATALOGUE as ENGLISH } from "../words/passkeys-en.js";

export const usePasskeyWords = pageWords(ENGLISH, { de: () => import("../words/passkeys-de.js") });
