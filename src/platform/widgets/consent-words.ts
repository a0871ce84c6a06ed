import { CATALOGUE as ENGLISH } from "../../protocol/languages/en.js";
import { LANGUAGES } from "../../protocol/languages.js";

const others = await Promise.all(
  Object.entries(LANGUAGES).map(async ([tag, load]) => [tag, (await load()).CATALOGUE] as const),
);

/** What a visitor is asked to agree to where the widget's owner has no words of their own, by tag in lower case. */
export const CONSENT_WORDS: ReadonlyMap<string, string> = new Map(
  [["en", ENGLISH] as const, ...others].map(([tag, { strings }]) => [tag, strings.consentText]),
);
