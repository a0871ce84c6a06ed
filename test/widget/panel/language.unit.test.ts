import { afterEach, expect, test } from "vitest";
import { withTexts } from "../../../src/protocol/catalogue.js";
import { CATALOGUE as GERMAN } from "../../../src/protocol/languages/de.js";
import { CATALOGUE as ENGLISH } from "../../../src/protocol/languages/en.js";
import {
  FIELD_PROBLEMS,
  fill,
  LANGUAGE,
  speak,
  STRINGS,
} from "../../../src/widget/panel/strings.js";

afterEach(() => speak(ENGLISH, "en"));

test("what is spoken is what everybody who imported the words says next, numbers too", () => {
  speak(GERMAN, "de");
  expect([STRINGS.send, LANGUAGE]).toEqual(["Senden", "de"]);
  expect(fill(STRINGS.tooLong, { characters: 8000 })).toContain("8.000 Zeichen");
});

test("an owner's words stand in the place of ours, by the names that they have outside", () => {
  speak(
    withTexts(GERMAN, {
      send: "Los!",
      too_many: "In {seconds} s",
      field_problems_tick: "Haken!",
      mute: 7,
    }),
    "de",
  );
  expect([STRINGS.send, STRINGS.mute]).toEqual(["Los!", GERMAN.strings.mute]);
  expect(fill(STRINGS.tooMany, { seconds: 1200 })).toBe("In 1.200 s");
  expect(FIELD_PROBLEMS.tick).toBe("Haken!");
});
