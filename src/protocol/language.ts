/** What is said of languages by their tags (BCP 47). */

export type Direction = "ltr" | "rtl";

/**
 * The tags that words for a language may stand under, the closest first, in lower case: of `zh-TW` these are `zh-tw`,
 * `zh-hant-tw`, `zh-hant`, `zh`. None for what is no tag.
 */
export function tagsFor(language: string): string[] {
  try {
    // Pages write `pt_BR`, and old browsers `iw` for `he`.
    const locale = new Intl.Locale(language.replaceAll("_", "-"));
    const [own, full] = [locale.baseName.toLowerCase(), locale.maximize().baseName.toLowerCase()];
    const regional = shorter(own).filter((tag) => tag.includes("-"));
    return [...new Set([...regional, ...shorter(full)])];
  } catch {
    return [];
  }
}

/**
 * The first of the wanted languages that there are words in (contract section 4, `language`).
 *
 * @param known tags in lower case, apart from English, which is always known
 * @returns the tag under which the words stand, in lower case
 */
export function chooseLanguage(
  wanted: readonly (string | null | undefined)[],
  known: readonly string[],
): string | undefined {
  for (const language of wanted) {
    const tag = tagsFor(language ?? "").find((one) => one === "en" || known.includes(one));
    if (tag !== undefined) return tag;
  }
  return undefined;
}

const SCRIPTS_FROM_THE_RIGHT = /-(adlm|arab|hebr|mand|mend|nkoo|rohg|samr|syrc|thaa|yezi)\b/;

/** How a language is written, by its script. */
export function directionOf(language: string): Direction {
  return tagsFor(language).some((tag) => SCRIPTS_FROM_THE_RIGHT.test(tag)) ? "rtl" : "ltr";
}

/** `de-at`, `de`. */
function shorter(tag: string): string[] {
  const parts = tag.split("-");
  return parts.map((_, index) => parts.slice(0, parts.length - index).join("-"));
}
