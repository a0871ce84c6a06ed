import { z } from "zod";
import { placesOf, textKey, type Phrase } from "./catalogue.js";
import { CATALOGUE as ENGLISH } from "./languages/en.js";

const MAX_TEXT = 2000;

/** An owner's own words in one language, by key (contract section 4, `texts`). What is said without them describes each. */
export const panelTextsSchema = z
  .looseObject(
    Object.fromEntries(
      Object.entries(ENGLISH).flatMap(([group, phrases]) =>
        Object.entries<Phrase>(phrases).map(([key, phrase]) => [
          textKey(group, key),
          ownText(phrase).optional().describe(inEnglish(phrase)),
        ]),
      ),
    ),
  )
  .meta({
    id: "PanelTexts",
    description: "The owner's own words, by the key of each phrase; braces hold values.",
  });

/** A phrase that counts has one form for every number, where it is the owner's. */
function ownText(phrase: Phrase): z.ZodString {
  const places = placesOf(phrase).map((name) => `{${name}}`);
  const pattern = ["[^{}]", ...places.map((place) => place.replaceAll(/[{}]/g, String.raw`\$&`))];
  const known = places.length === 0 ? "no braces" : `no braces but ${places.join(" and ")}`;
  return z
    .string()
    .min(1)
    .max(MAX_TEXT)
    .regex(new RegExp(`^(?:${pattern.join("|")})*$`), `may have ${known}`);
}

function inEnglish(phrase: Phrase): string {
  return typeof phrase === "string" ? phrase : phrase.other;
}
