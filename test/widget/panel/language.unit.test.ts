import { afterEach, expect, test } from "vitest";
import { CATALOGUE as GERMAN } from "../../../src/protocol/languages/de.js";
import { CATALOGUE as ENGLISH } from "../../../src/protocol/languages/en.js";
import { fill, LANGUAGE, speak, STRINGS } from "../../../src/widget/panel/strings.js";

afterEach(() => speak(ENGLISH, "en"));

test("what is spoken is what everybody who imported the words says next, numbers too", () => {
  speak(GERMAN, "de");
  expect([STRINGS.send, LANGUAGE]).toEqual(["Senden", "de"]);
  expect(fill(STRINGS.tooLong, { characters: 8000 })).toContain("8.000 Zeichen");
});
