import type { CATALOGUE as ENGLISH } from "../words/editor-en.js";

type Words = typeof ENGLISH.editor;

/** The key of a phrase of the editor's that needs no values. */
export type EditorWord = {
  [K in keyof Words]: Words[K] extends string ? K : never;
}[keyof Words];
