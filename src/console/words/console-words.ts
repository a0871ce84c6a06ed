import type { InAnyLanguage } from "../../protocol/catalogue.js";
import type { CATALOGUE as ENGLISH } from "./en.js";

/** Every word of the console, in one language. */
export type Words = InAnyLanguage<typeof ENGLISH>;
