import {
  getCountries,
  getCountryCallingCode,
  parsePhoneNumberFromString,
  type CountryCode,
} from "libphonenumber-js/min";

/** The only module that knows the world's telephone numbers: it loads with the first card that asks for one. */

export interface Country {
  code: string;
  name: string;
  /** With its plus. */
  dialling: string;
}

/** @param language a BCP 47 tag, by which they are named and in whose order they come */
export function listCountries(language: string): Country[] {
  const names = new Intl.DisplayNames([language], { type: "region" });
  const countries = getCountries().map((code) => ({
    code,
    name: names.of(code) ?? code,
    dialling: `+${getCountryCallingCode(code)}`,
  }));
  // oxlint-disable-next-line unicorn/no-array-sort -- the oldest browsers that we build for have no `toSorted`
  return countries.sort((one, other) => one.name.localeCompare(other.name, language));
}

/**
 * @param country ISO 3166-1 alpha-2, of a number that names none itself; empty: only one that does is read
 * @returns the number in E.164, and whose it is; undefined when no number is that long. Whether somebody has it is not
 * asked: the plan of a country may be younger than what we know of it.
 */
export function readPhoneNumber(
  text: string,
  country: string,
): { e164: string; country: string | undefined } | undefined {
  const known: CountryCode | undefined = getCountries().find((code) => code === country);
  const number = parsePhoneNumberFromString(text, known);
  if (number === undefined || !number.isPossible()) return undefined;
  return { e164: number.number, country: number.country };
}
