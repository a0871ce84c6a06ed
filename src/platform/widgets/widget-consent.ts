import { createHash } from "node:crypto";
import { z } from "zod";
import { CONSENT_TEXT, FIRST_CONSENT_VERSION } from "../../protocol/consent-keys.js";
import { tagsFor } from "../../protocol/language.js";
import { readable } from "../../protocol/stored.js";
import { CONSENT_WORDS } from "./consent-words.js";

/** What visitors of a widget are asked to agree to. */
export interface AskedConsent {
  /** Whether nothing may start without it. */
  readonly required: boolean;
  readonly version: string;
  /** The language asked for, or the nearest that there are words in. */
  readonly wordsIn: (language: string | undefined) => ConsentWords;
}

interface ConsentWords {
  /** A BCP 47 tag: the one under which the words stand. */
  readonly language: string;
  readonly text: string;
  /** In hex, of the text in UTF-8. */
  readonly sha256: string;
}

const storedConsent = z.object({
  v1: readable(
    z.object({
      language: readable(z.string()),
      consent: readable(
        z.object({ required: readable(z.boolean()), version: readable(z.string()) }),
      ),
      texts: readable(
        z.record(z.string(), readable(z.looseObject({ [CONSENT_TEXT]: readable(z.string()) }))),
      ),
    }),
  ),
});

const NOTHING_ASKED: AskedConsent = consentOf({});
/** A widget in memory is asked by each of its visitors. */
const known = new WeakMap<object, AskedConsent>();

/** @param config as it is stored, which nobody changes. */
export function askedConsent(config: unknown): AskedConsent {
  if (typeof config !== "object" || config === null) return NOTHING_ASKED;
  const asked = known.get(config) ?? consentOf(config);
  known.set(config, asked);
  return asked;
}

function consentOf(config: object): AskedConsent {
  const { consent, texts, language: usual } = storedConsent.catch({}).parse(config).v1 ?? {};
  const own = new Map(
    Object.entries(texts ?? {}).flatMap(([tag, words]) => {
      const text = words?.[CONSENT_TEXT];
      return text === undefined || text.trim() === "" ? [] : [[tag.toLowerCase(), text] as const];
    }),
  );
  // Whoever has words of their own is not to be agreed with on ours.
  const words = own.size > 0 ? own : CONSENT_WORDS;
  return {
    required: consent?.required === true,
    version: consent?.version ?? FIRST_CONSENT_VERSION,
    wordsIn: (wanted) => {
      const [first = ""] = words.keys();
      const language =
        [wanted, usual, "en"].flatMap((tag) => tagsFor(tag ?? "")).find((tag) => words.has(tag)) ??
        first;
      const text = words.get(language) ?? "";
      return { language, text, sha256: createHash("sha256").update(text).digest("hex") };
    },
  };
}
