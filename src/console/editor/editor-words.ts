import { pageWords } from "../page-words.js";
import { CATALOGUE as ENGLISH } from "../words/editor-en.js";

export const useEditorWords = pageWords(ENGLISH, { de: () => import("../words/editor-de.js") });

export type EditorWords = ReturnType<typeof useEditorWords>["editor"];
/** A phrase that needs no values. */
export type EditorWord = {
  [K in keyof EditorWords]: EditorWords[K] extends string ? K : never;
}[keyof EditorWords];
