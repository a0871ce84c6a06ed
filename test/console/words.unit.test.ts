import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { placesOf, type Phrase } from "../../src/protocol/catalogue.js";
import { ROOT } from "../structure/source-files.js";

/** What is written alike in both languages. */
const ALIKE = new Set([
  "common.product",
  "common.name",
  "people.person",
  "widgets.title",
  "widgets.widget",
  "widgets.agent",
  "widgets.live",
  "widgets.snippet",
  "filters.widget",
  "filters.agent",
  "conversations.milliseconds",
  "conversations.identity",
  "agentPages.agent",
  "agentPages.version",
  "agentPages.versionNumber",
  "agentPages.website",
  "agentPages.json",
  "agentPages.numbered",
  "agentFields.domains",
  "agentFields.formName",
  "passkeys.title",
]);

/** Every phrase in a language: of the catalogue of the whole console, and of those that come with a page. */
async function everyPhrase(language: string): Promise<Map<string, Phrase>> {
  const folder = join(ROOT, "src/console/words");
  const names = readdirSync(folder).filter((name) =>
    new RegExp(String.raw`^([a-z-]+-)?${language}\.ts$`).test(name),
  );
  const all = new Map<string, Phrase>();
  for (const name of names) {
    const { CATALOGUE } = (await import(join(folder, name))) as { CATALOGUE: object };
    for (const [path, phrase] of phrases(CATALOGUE)) {
      expect(all.has(path), `${path} stands in two catalogues`).toBe(false);
      all.set(path, phrase);
    }
  }
  return all;
}

/** Every phrase of a catalogue, by its group and key. */
function phrases(catalogue: object): Map<string, Phrase> {
  return new Map(
    Object.entries(catalogue).flatMap(([group, words]) =>
      Object.entries(words as Record<string, Phrase>).map(([key, phrase]): [string, Phrase] => [
        `${group}.${key}`,
        phrase,
      ]),
    ),
  );
}

const english = await everyPhrase("en");
const german = await everyPhrase("de");

describe("the console's words", () => {
  test("in German have the places that English has", () => {
    expect(english.size).toBeGreaterThan(60);
    for (const [name, phrase] of english) {
      expect(placesOf(german.get(name) ?? "").toSorted(), name).toEqual(
        placesOf(phrase).toSorted(),
      );
    }
  });

  test("in German are not English that somebody forgot", () => {
    const forgotten = [...german].filter(
      ([name, phrase]) =>
        !ALIKE.has(name) && JSON.stringify(phrase) === JSON.stringify(english.get(name)),
    );
    expect(forgotten).toEqual([]);
    const strange = [...german].filter(([, phrase]) =>
      /\b(the|your|and|with|please)\b/i.test(JSON.stringify(phrase)),
    );
    expect(strange).toEqual([]);
  });

  test("are each said somewhere", () => {
    // What an answer of the console's routes says is said by its code.
    const codes = readFileSync(join(ROOT, "src/protocol/console-api.ts"), "utf8");
    const said = [...sources(), codes].join("\n");
    const unsaid = [...english.keys()].filter((name) => {
      const [, key = ""] = name.split(".");
      return !new RegExp(String.raw`\b${key}\b`).test(said);
    });
    expect(unsaid).toEqual([]);
  });

  test("stand in the catalogues alone: no component says English by itself", () => {
    const spoken = sources().flatMap((text) => [
      ...text.matchAll(/>\s*([A-Z][a-z]+ [a-z][^<>{}]*)</g),
      ...text.matchAll(/\b(?:label|title|placeholder|description|aria-label)="([^"]+)"/g),
    ]);
    expect(spoken.map(([, words]) => words)).toEqual([]);
  });
});

/** The console's source, its words and what is generated aside. */
function sources(): string[] {
  const folder = join(ROOT, "src/console");
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name) && !/^(words|generated)\//.test(name))
    .map((name) => readFileSync(join(folder, name), "utf8"));
}
