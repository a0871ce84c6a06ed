import { CombinedGraphQLErrors } from "@apollo/client";
import { readFields, readList } from "../../protocol/read.js";
import { RULES, type BrokenRule, type Rule } from "../../protocol/refusal.js";
import type { SpokenWords } from "../say.js";
import type { Words } from "../words/console-words.js";

/** The value of a field that was refused, and why. */
export interface RefusedField extends Omit<Partial<BrokenRule>, "rule"> {
  /** Dotted: `config.v1.chat.title`. */
  readonly path: string;
  /** In English. */
  readonly message: string;
  /** One of `Rule`, or a later one; absent where it has no name. */
  readonly rule?: string;
}

/** The fields whose values were refused, each with why. */
export function refusedFields(error: unknown): RefusedField[] {
  if (!CombinedGraphQLErrors.is(error)) return [];
  return error.errors.flatMap(({ extensions }) => readRefused(extensions?.["errors"]));
}

/** What an answer says of fields, as both of the server's doors do (contract section 3). */
export function readRefused(errors: unknown): RefusedField[] {
  return readList(errors).map((entry) => {
    const { path, message, rule, min, max } = readFields(entry);
    return {
      path: String(path),
      message: String(message),
      ...(typeof rule === "string" ? { rule } : {}),
      ...(typeof min === "number" ? { min } : {}),
      ...(typeof max === "number" ? { max } : {}),
    };
  });
}

/** Why a value was refused, in the page's language; in English where the rule has no name that is known here. */
export function sayRefusal(
  { message, rule, min, max }: Omit<RefusedField, "path">,
  { words, say }: Pick<SpokenWords, "words" | "say">,
): string {
  const said = RULES.find((one) => one === rule);
  const word = said && wordOf(SAID[said], min, max);
  if (word === undefined) return message;
  const bounds = { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
  return say(words.refusals[word], bounds);
}

type Word = keyof Words["refusals"];
/** What tells both bounds, the least alone and the most alone. */
type BoundWords = readonly [both: Word, least: Word, most: Word];

const SAID: Readonly<Record<Rule, Word | BoundWords>> = {
  required: "required",
  length: ["length", "lengthLeast", "lengthMost"],
  range: ["range", "rangeLeast", "rangeMost"],
  count: ["count", "countLeast", "countMost"],
  bytes: "bytes",
  number: "number",
  whole_number: "wholeNumber",
  type: "type",
  choice: "choice",
  color: "color",
  url: "url",
  asset_url: "assetUrl",
  link: "link",
  origin: "origin",
  host: "host",
  language: "language",
  email: "email",
  future: "future",
  unknown_id: "unknownId",
  unknown_field: "unknownField",
  characters: "characters",
  password: "password",
  code: "code",
  used_twice: "usedTwice",
  below_min: "belowMin",
  options: "options",
};

/** @returns undefined where a bound would have to be told and there is none. */
function wordOf(
  said: Word | BoundWords,
  min: number | undefined,
  max: number | undefined,
): Word | undefined {
  if (typeof said === "string") return said;
  const [both, least, most] = said;
  if (min === undefined) return max === undefined ? undefined : most;
  return max === undefined ? least : both;
}
