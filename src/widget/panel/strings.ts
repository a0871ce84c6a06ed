import { fillPhrase, type Catalogue, type Phrase } from "../../protocol/catalogue.js";
import { CATALOGUE as ENGLISH } from "../../protocol/languages/en.js";
import type { MicrophoneProblem } from "./microphone-problem.js";

/** The words of the panel's language. English came along. */
export let STRINGS: Catalogue["strings"] = ENGLISH.strings;
export let FIELD_PROBLEMS: Catalogue["fieldProblems"] = ENGLISH.fieldProblems;
export let MICROPHONE_PROBLEMS: Readonly<Record<MicrophoneProblem, string>> =
  ENGLISH.microphoneProblems;
/** Its BCP 47 tag, by which `Intl` writes numbers and dates. */
export let LANGUAGE = "en";

/** Before the first word is shown: what is shown does not change. */
export function speak(catalogue: Catalogue, language: string): void {
  STRINGS = catalogue.strings;
  FIELD_PROBLEMS = catalogue.fieldProblems;
  MICROPHONE_PROBLEMS = catalogue.microphoneProblems;
  LANGUAGE = language;
}

/** @param values of a phrase that counts, the first is what it counts */
export function fill(phrase: Phrase, values: Readonly<Record<string, number | string>>): string {
  return fillPhrase(phrase, LANGUAGE, values);
}
