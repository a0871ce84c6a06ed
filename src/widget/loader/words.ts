import { textKey } from "../../protocol/catalogue.js";
import { chooseLanguage, tagsFor } from "../../protocol/language.js";
import { LAUNCHER_WORDS, type LauncherWords } from "../../protocol/launcher-words.js";
import { readText } from "../../protocol/read.js";
import type { UnreadConfig } from "../../protocol/widget-reading.js";
import { readOwnTexts, textsFor } from "../own-texts.js";

/** The launcher's words in the language that the panel will speak, the owner's before ours. */
export function chooseWords(v1: UnreadConfig): LauncherWords {
  const texts = readOwnTexts(v1.texts);
  const wanted = [readText(v1.language), document.documentElement.lang, ...navigator.languages];
  const chosen = chooseLanguage(wanted, [...Object.keys(LAUNCHER_WORDS), ...texts.keys()]) ?? "en";
  const tags = tagsFor(chosen);
  const [words] = [...tags, "en"].flatMap((tag) => LAUNCHER_WORDS[tag] ?? []);
  const own = textsFor(texts, tags);
  return Object.fromEntries(
    Object.entries(words ?? {}).map(([key, word]) => {
      const group = /title|loadFailed|retry/.test(key) ? "strings" : "launcher";
      return [key, readText(own[textKey(group, key)]) ?? word];
    }),
  ) as unknown as LauncherWords;
}
