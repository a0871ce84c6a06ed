import { CATALOGUE as ENGLISH } from "./languages/en.js";
import type { MicrophoneProblem } from "./microphone-problem.js";

/** Every word that the panel says by itself, in one language. English says which there are. */
export interface Catalogue {
  readonly strings: typeof ENGLISH.strings;
  readonly fieldProblems: typeof ENGLISH.fieldProblems;
  readonly microphoneProblems: Readonly<Record<MicrophoneProblem, string>>;
}

export let STRINGS = ENGLISH.strings;
export let FIELD_PROBLEMS = ENGLISH.fieldProblems;
export let MICROPHONE_PROBLEMS: Catalogue["microphoneProblems"] = ENGLISH.microphoneProblems;

/** Before the first word is shown: what is shown does not change. */
export function speak(catalogue: Catalogue): void {
  STRINGS = catalogue.strings;
  FIELD_PROBLEMS = catalogue.fieldProblems;
  MICROPHONE_PROBLEMS = catalogue.microphoneProblems;
}
