import { textKey, type Phrase } from "../../protocol/catalogue.js";
import { CATALOGUE as ENGLISH } from "../../protocol/languages/en.js";

/** A language that is none: `?lang=qps-ploc` shows which words come from no catalogue, and where longer ones do not fit. */
export const PSEUDO = "qps-ploc";
const LONGER = 0.4;

/** Every phrase of the panel in brackets, 40 % longer than in English. */
export function pseudoTexts(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(ENGLISH).flatMap(([group, phrases]) =>
      Object.entries<Phrase>(phrases).map(([key, phrase]) => [
        textKey(group, key),
        lengthen(typeof phrase === "string" ? phrase : phrase.other),
      ]),
    ),
  );
}

function lengthen(text: string): string {
  const words = text.replaceAll(/\{\w+\}/g, "");
  // The brackets and the blank are three.
  const more = words.slice(0, Math.max(0, Math.ceil(text.length * LONGER) - 3)).trim();
  return more === "" ? `[${text}]` : `[${text} ${more}]`;
}
