import type { Load } from "./languages.js";

/**
 * The first of the wanted languages that there are words in (contract section 4, `language`); a region's falls back to
 * the language: `de-AT` to `de`.
 *
 * @returns its tag and how it is loaded; undefined for English, which is always there.
 */
export function chooseLanguage(
  wanted: readonly (string | null | undefined)[],
  languages: Readonly<Record<string, Load>>,
): { tag: string; load: Load } | undefined {
  for (const tag of wanted) {
    for (let one = tag?.toLowerCase() ?? ""; one !== ""; one = one.replace(/-?[^-]*$/, "")) {
      if (one === "en") return undefined;
      const load = Object.hasOwn(languages, one) ? languages[one] : undefined;
      if (load) return { tag: one, load };
    }
  }
  return undefined;
}
