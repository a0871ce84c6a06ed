import { describe, expect, test } from "vitest";
import {
  FEEDBACK,
  ITEMS,
  LONG_ANSWER,
  SAMPLE_CONSENT,
  VISIT,
} from "../../src/widget/gallery/contents.js";
import { inWords } from "../../src/widget/gallery/in-words.js";
import { GERMAN, sampleWords } from "../../src/widget/preview/sample-words.js";

/** Names, addresses and what is for programs are the same in every language. */
const SAME = /^(?:Ada Lovelace|Oslo|Bergen|ada@example\.com|https:.*|[\d-]+|[a-z-]+)$/;

describe("the preview's made-up conversation", () => {
  test("has German words for all that is shown in it", () => {
    const texts: string[] = [];
    inWords([FEEDBACK, ITEMS, LONG_ANSWER, SAMPLE_CONSENT, VISIT], (text) => {
      texts.push(text);
      return text;
    });
    expect(texts).toContain("Choose");
    expect(texts.filter((text) => !SAME.test(text) && !GERMAN.has(text))).toEqual([]);
  });

  test("is told in German, of whatever country, and in English for all else", () => {
    for (const tag of ["de", "de-AT"]) expect(sampleWords(tag)("Hello!")).toBe("Hallo!");
    for (const tag of ["en", "fr", ""]) expect(sampleWords(tag)("Hello!")).toBe("Hello!");
    expect(sampleWords("de")("of nobody")).toBe("of nobody");
  });

  test("keeps the form of what is told otherwise", () => {
    const item = { title: "Hello!", id: "hello", many: [1, null, "Hello"] };
    expect(inWords(item, sampleWords("de"))).toEqual({
      title: "Hallo!",
      id: "hello",
      many: [1, null, "Hallo"],
    });
  });
});
