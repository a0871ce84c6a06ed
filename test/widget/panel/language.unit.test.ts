import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { chooseLanguage } from "../../../src/widget/panel/language.js";
import { CATALOGUE } from "../../../src/widget/panel/languages/en.js";
import { speak, STRINGS } from "../../../src/widget/panel/strings.js";
import { ROOT } from "../../structure/source-files.js";

const load = async (): Promise<{ CATALOGUE: typeof CATALOGUE }> => ({ CATALOGUE });
const THERE = { de: load, "pt-br": load };
const chosen = (...wanted: (string | null | undefined)[]): string | undefined =>
  chooseLanguage(wanted, THERE)?.tag;

afterEach(() => speak(CATALOGUE));

describe("the panel's language", () => {
  test("is the config's, then the page's, then the browser's: the first that there are words in", () => {
    expect(chosen("de", "pt-BR")).toBe("de");
    expect(chosen(undefined, "pt-BR", "de")).toBe("pt-br");
    expect(chosen(undefined, null, "fr-CH", "de-CH")).toBe("de");
    expect(chosen("tlh", "", "de")).toBe("de");
  });

  test("is English where that is wanted first, or nothing that is there", () => {
    expect(chosen("en-GB", "de")).toBeUndefined();
    expect(chosen("fr", undefined, "it")).toBeUndefined();
    expect(chosen()).toBeUndefined();
  });

  test("of a region falls back to the language, but not to another region", () => {
    expect(chosen("de-AT-1996")).toBe("de");
    expect(chosen("pt-PT")).toBeUndefined();
    expect(chosen("pt")).toBeUndefined();
  });

  test("is no name that every object has, nor half a tag", () => {
    for (const odd of ["constructor", "__proto__", "-", "--de", "d", "deu"])
      expect(chosen(odd), odd).toBeUndefined();
  });
});

test("what is spoken is what everybody who imported the words says next", () => {
  speak({ ...CATALOGUE, strings: { ...CATALOGUE.strings, send: "Senden" } });
  expect(STRINGS.send).toBe("Senden");
});

test("every file of the folder is a catalogue, named by its tag in lower case", async () => {
  const files = readdirSync(join(ROOT, "src/widget/panel/languages"));
  expect(files).toContain("en.ts");
  for (const file of files) {
    expect(file).toMatch(/^[a-z]{2,8}(-[a-z\d]{1,8})*\.ts$/);
    const path = `../../../src/widget/panel/languages/${file.replace(/\.ts$/, ".js")}`;
    const module = (await import(path)) as { CATALOGUE?: object };
    for (const [part, words] of Object.entries(CATALOGUE)) {
      const own = Object.entries(module.CATALOGUE ?? {}).find(([name]) => name === part)?.[1];
      expect(Object.keys(own ?? {}).toSorted(), `${file}: ${part}`).toEqual(
        Object.keys(words).toSorted(),
      );
    }
  }
});
