import { readText } from "./read.js";
import type { CATALOGUE as ENGLISH } from "./languages/en.js";

/** A form for each category of CLDR that a language has, by its first number: `one`, `few`, … */
type Plural = { readonly [Category in Intl.LDMLPluralRule]?: string } & {
  readonly other: string;
};

/** What is said, with places for values: `{seconds}`. */
export type Phrase = string | Plural;

/** Every word that the panel says by itself, in one language. English says which there are. */
export type Catalogue = InAnyLanguage<typeof ENGLISH>;

/** The catalogue of one program's words, as a catalogue in English has them. */
export type InAnyLanguage<T> = {
  readonly [K in keyof T]: T[K] extends string
    ? string
    : T[K] extends { other: string }
      ? Plural
      : InAnyLanguage<T[K]>;
};

const PLACE = /\{(\w+)\}/g;

/** The values that a phrase has places for. */
export function placesOf(phrase: Phrase): string[] {
  const forms = typeof phrase === "string" ? [phrase] : Object.values(phrase);
  return [
    ...new Set(forms.flatMap((form) => [...form.matchAll(PLACE)].map(([, name = ""]) => name))),
  ];
}

/**
 * A phrase with its values, which are told as the language writes numbers.
 *
 * @param language a BCP 47 tag
 * @param values of a phrase that counts, the first is what it counts
 */
export function fillPhrase(
  phrase: Phrase,
  language: string,
  values: Readonly<Record<string, number | string>>,
): string {
  const form = typeof phrase === "string" ? phrase : chooseForm(phrase, language, values);
  return form.replace(PLACE, (place, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) return place;
    return typeof value === "string" ? value : new Intl.NumberFormat(language).format(value);
  });
}

function chooseForm(
  plural: Plural,
  language: string,
  values: Readonly<Record<string, number | string>>,
): string {
  const [count] = Object.values(values);
  const category = new Intl.PluralRules(language).select(Number(count));
  return plural[category] ?? plural.other;
}

/** The name by which owners know a phrase (contract section 4, `texts`): `start_voice`, `field_problems_too_long`. */
export function textKey(group: string, key: string): string {
  const name = group === "strings" ? key : `${group}_${key}`;
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** A catalogue with an owner's own words in the place of those that they name. */
export function withTexts(
  catalogue: Catalogue,
  texts: Readonly<Record<string, unknown>>,
): Catalogue {
  const own = (group: string, phrases: object): object =>
    Object.fromEntries(
      Object.entries(phrases).map(([key, phrase]) => [
        key,
        readText(texts[textKey(group, key)]) ?? (phrase as Phrase),
      ]),
    );
  // Each group has the keys that it had.
  return Object.fromEntries(
    Object.entries(catalogue).map(([group, phrases]) => [group, own(group, phrases)]),
  ) as unknown as Catalogue;
}
