import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fillPhrase, placesOf, type Catalogue, type Phrase } from "../../src/protocol/catalogue.js";
import { chooseLanguage, directionOf } from "../../src/protocol/language.js";
import { CATALOGUE as ENGLISH } from "../../src/protocol/languages/en.js";
import { LANGUAGES } from "../../src/protocol/languages.js";
import { ROOT } from "../structure/source-files.js";

const chosen = (...wanted: (string | null | undefined)[]): string | undefined =>
  chooseLanguage(wanted, ["de", "pt-br", "zh", "zh-hans", "he"]);

describe("the panel's language", () => {
  test("is the config's, then the page's, then the browser's: the first that there are words in", () => {
    expect(chosen("de", "pt-BR")).toBe("de");
    expect(chosen(undefined, "pt-BR", "de")).toBe("pt-br");
    expect(chosen(undefined, null, "fr-CH", "de-CH")).toBe("de");
    expect(chosen("tlh", "", "de")).toBe("de");
  });

  test("is English where that is wanted first, and none where there is nothing", () => {
    expect(chosen("en-GB", "de")).toBe("en");
    expect(chosen("fr", undefined, "it")).toBeUndefined();
    expect(chosen()).toBeUndefined();
  });

  test("of a region falls back to its script and the language, but not to another region", () => {
    expect(chosen("de-AT-1996")).toBe("de");
    expect(chosen("pt-PT", "de")).toBe("de");
    expect(chosen("pt", "de")).toBe("de");
    expect(["zh-CN", "zh-SG", "zh-Hans", "zh"].map((tag) => chosen(tag))).toEqual(
      Array.from({ length: 4 }, () => "zh-hans"),
    );
    expect(["zh-TW", "zh-Hant", "zh-HK"].map((tag) => chosen(tag))).toEqual(["zh", "zh", "zh"]);
  });

  test("is no name that every object has, nor half a tag; old and sloppy ones are understood", () => {
    for (const odd of ["constructor", "__proto__", "-", "--de", "d", "valueOf"])
      expect(chosen(odd), odd).toBeUndefined();
    expect([chosen("iw"), chosen("pt_BR")]).toEqual(["he", "pt-br"]);
  });

  test("is written from the right by its script", () => {
    for (const tag of ["ar", "ar-EG", "he", "iw", "fa", "ur", "ckb", "az-Arab", "yi", "dv"])
      expect(directionOf(tag), tag).toBe("rtl");
    for (const tag of ["en", "de-AT", "zh-Hans", "ja", "ar-Latn", "tr", "-"])
      expect(directionOf(tag), tag).toBe("ltr");
  });
});

/** Every phrase of a catalogue, by its group and key. */
function phrases(catalogue: Catalogue): [name: string, phrase: Phrase][] {
  return Object.entries(catalogue).flatMap(([group, words]) =>
    Object.entries(words as Record<string, Phrase>).map(([key, phrase]): [string, Phrase] => [
      `${group}.${key}`,
      phrase,
    ]),
  );
}

const CATALOGUES = await Promise.all(
  Object.entries({ en: async () => ({ CATALOGUE: ENGLISH }), ...LANGUAGES }).map(
    async ([tag, load]): Promise<[string, Catalogue]> => [tag, (await load()).CATALOGUE],
  ),
);

test("every file of the folder is a language, found by its tag", () => {
  const files = readdirSync(join(ROOT, "src/protocol/languages"));
  const tags = ["en", ...Object.keys(LANGUAGES)].filter((tag) => tag !== "zh");
  expect(files.map((file) => file.replace(/\.ts$/, "")).toSorted()).toEqual(tags.toSorted());
  expect(tags).toHaveLength(12);
});

describe.each(CATALOGUES)("the words of %s", (tag, catalogue) => {
  test("have the places for values that the English ones have", () => {
    const places = (words: Catalogue): unknown =>
      phrases(words).map(([name, phrase]) => [name, placesOf(phrase).toSorted()]);
    expect(places(catalogue)).toEqual(places(ENGLISH));
  });

  test("have a form for each number that can be counted", () => {
    const rules = new Intl.PluralRules(tag);
    const needed = new Set(
      [...Array.from({ length: 1001 }, (_, count) => count), 1_000_000].map((count) =>
        rules.select(count),
      ),
    );
    for (const [name, phrase] of phrases(catalogue)) {
      if (typeof phrase === "string") continue;
      expect(new Set(Object.keys(phrase)), name).toEqual(new Set([...needed, "other"]));
    }
  });

  test("are there, and in that language", () => {
    const same = phrases(catalogue).filter(([name, phrase]) => {
      const english = phrases(ENGLISH).find(([other]) => other === name)?.[1];
      expect(JSON.stringify(phrase).replace(/[^\p{L}]/gu, ""), name).not.toBe("");
      return JSON.stringify(phrase) === JSON.stringify(english);
    });
    // "Chat", "Code", "Conversation", "Suggestions": a word that two languages share.
    if (tag !== "en") expect(same.length, same.map(([name]) => name).join()).toBeLessThan(8);
  });
});

test("Arabic and Polish count as they do", () => {
  const counted = (tag: string, phrase: Phrase): string[] =>
    [0, 1, 2, 3, 11, 100].map((seconds) => fillPhrase(phrase, tag, { seconds }));
  const last = (text: string): string => text.replace(/^.* (بعد|za) |\.$/g, "");
  const of = (tag: string): Catalogue => new Map(CATALOGUES).get(tag) ?? ENGLISH;
  expect(counted("pl", of("pl").strings.tooMany).map(last)).toEqual([
    "0 sekund",
    "1 sekundę",
    "2 sekundy",
    "3 sekundy",
    "11 sekund",
    "100 sekund",
  ]);
  expect(counted("ar", of("ar").strings.tooMany).map(last)).toEqual([
    "0 ثانية",
    "ثانية واحدة",
    "ثانيتين",
    "3 ثوانٍ",
    "11 ثانية",
    "100 ثانية",
  ]);
});
