import { describe, expect, test } from "vitest";
import { LANGUAGES } from "../../src/protocol/languages.js";
import { sentencesIn } from "../../src/agent/sentences.js";

describe("what the agent says without a model", () => {
  test("is in the language that its version names, then in that of the page, else in English", () => {
    expect(sentencesIn("de-AT", "fr").welcomeBack).toContain("Willkommen zurück");
    expect(sentencesIn(undefined, "fr-CA").sorry).toContain("Désolé");
    expect(sentencesIn("tlh", undefined).tooHard).toContain("I am sorry");
    expect(sentencesIn(undefined, "zh-TW").usedUp).toContain("感谢");
  });

  test("is said in every language of the panel, each sentence in words of its own", () => {
    const english = sentencesIn("en");
    for (const tag of Object.keys(LANGUAGES)) {
      const own = sentencesIn(tag);
      expect(Object.keys(own).toSorted(), tag).toEqual(Object.keys(english).toSorted());
      for (const [name, sentence] of Object.entries(own)) {
        expect(Object.values(english), `${tag}: ${name}`).not.toContain(sentence);
      }
      expect(new Set(Object.values(own)).size).toBe(7);
    }
  });
});
