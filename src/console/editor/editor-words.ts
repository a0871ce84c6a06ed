import { pageWords } from "../page-words.js";
import { CATALOGUE as ENGLISH } from "../words/editor-en.js";

export const useEditorWords = pageWords(ENGLISH, { de: () => import("../words/editor-de.js") });

export type EditorWords = ReturnType<typeof useEditorWords>["editor"];
