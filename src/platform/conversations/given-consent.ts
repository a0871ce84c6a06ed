import { z } from "zod";
import { jsonValue } from "../database/json-column.js";
import { AppError, invalid } from "../errors.js";
import { readable } from "../../protocol/stored.js";
import { askedConsent } from "../widgets/widget-consent.js";
import type { ConsentInput } from "./conversation.input.js";

/** What a conversation keeps of its visitor's agreement (contract section 5). */
export interface GivenConsent {
  readonly version: string;
  /** Of the words that they were shown. */
  readonly language: string;
  readonly text_sha256: string;
  readonly at: string;
  /** Absent while it holds. */
  readonly withdrawn_at?: string;
  /** What it replaced, oldest first: a new version is agreed to anew. */
  readonly earlier?: readonly object[];
}

/** Of as many versions the proof is kept. */
const MOST_EARLIER = 20;
const MOST_CHARACTERS = 100;
const LANGUAGE = /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/;

const storedConsent = z.object({
  version: z.string(),
  language: z.string(),
  text_sha256: z.string(),
  at: z.string(),
  withdrawn_at: readable(z.string()),
  earlier: readable(z.array(z.looseObject({}))),
});

/** @throws AppError `invalid` for a version or a language that can be none. */
export function checkConsent(input: ConsentInput | null | undefined): ConsentInput | undefined {
  if (!input) return undefined;
  if (input.version === "" || input.version.length > MOST_CHARACTERS) {
    throw invalid({
      path: "consent.version",
      message: `Must be 1 to ${MOST_CHARACTERS} characters.`,
      rule: "length",
      min: 1,
      max: MOST_CHARACTERS,
    });
  }
  const { language } = input;
  if (language && (language.length > MOST_CHARACTERS || !LANGUAGE.test(language))) {
    throw invalid({
      path: "consent.language",
      message: "Must be a language tag, such as de or pt-BR.",
      rule: "language",
    });
  }
  return input;
}

/**
 * What a conversation is to keep: a start or a resume needs agreement to the version that the widget asks for today,
 * brought along or given before and not withdrawn.
 *
 * @param before what it keeps already, as it is stored; `isTheirs`: whether whoever comes has shown a right to it.
 * @throws AppError `conflict` without.
 */
export function requireConsent(
  config: unknown,
  given: ConsentInput | undefined,
  { before = null, isTheirs = true, now }: { before?: unknown; isTheirs?: boolean; now: Date },
): GivenConsent | null {
  const asked = askedConsent(config);
  const stored = readConsent(before);
  const holds = stored?.version === asked.version && stored.withdrawn_at === undefined;
  if (!asked.required || (holds && isTheirs)) return stored ?? null;
  if (given?.version !== asked.version) {
    throw new AppError("conflict", "The visitor has not agreed to the consent of this widget.", {
      reason: "consent_required",
    });
  }
  const { language, sha256 } = asked.wordsIn(given.language ?? undefined);
  const { earlier = [], ...last } = stored ?? {};
  const replaced = stored ? [...earlier, last].slice(-MOST_EARLIER) : [];
  return {
    version: asked.version,
    language,
    text_sha256: sha256,
    at: now.toISOString(),
    ...(replaced.length > 0 ? { earlier: replaced } : {}),
  };
}

/** @returns undefined where nobody asked. */
export function readConsent(stored: unknown): GivenConsent | undefined {
  // As in most conversations: every start and every end asks.
  if (stored === null) return undefined;
  const { success, data } = storedConsent.safeParse(stored);
  if (!success) return undefined;
  const { withdrawn_at, earlier, ...consent } = data;
  return {
    ...consent,
    ...(withdrawn_at === undefined ? {} : { withdrawn_at }),
    ...(earlier === undefined ? {} : { earlier }),
  };
}

/** The same as a row has it. */
export function consentColumn(consent: GivenConsent | null): ReturnType<typeof jsonValue> | null {
  return consent && jsonValue(consent);
}
