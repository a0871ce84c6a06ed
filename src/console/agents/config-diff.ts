import { diffLines, diffWordsWithSpace } from "diff";
import { isFields } from "../../protocol/read.js";
import { isSameJson } from "./config-value.js";
import { joined } from "./config-places.js";

/** A piece of a text. */
interface DiffPiece {
  readonly text: string;
  readonly change: "none" | "added" | "removed";
}

/** One key that two versions say differently. */
export interface ConfigDifference {
  readonly path: string;
  /** What each says, in pieces; undefined: the key is not there. */
  readonly before: readonly DiffPiece[] | undefined;
  readonly after: readonly DiffPiece[] | undefined;
}

/** Of two texts of more characters lines are compared, not words: it takes a moment, not seconds. */
const WORDS_UP_TO = 20_000;

/** What two versions say differently, key by key in the order of the alphabet. Lists are compared as a whole. */
export function configDifferences(before: unknown, after: unknown): ConfigDifference[] {
  return differingPaths(before, after, "").map(({ path, one, other }) => ({
    path,
    ...piecesOf(textOf(one), textOf(other)),
  }));
}

interface Differing {
  readonly path: string;
  readonly one: unknown;
  readonly other: unknown;
}

function differingPaths(one: unknown, other: unknown, path: string): Differing[] {
  if (isSameJson(one, other)) return [];
  if (!isFields(one) || !isFields(other)) return [{ path, one, other }];
  return [...new Set([...Object.keys(one), ...Object.keys(other)])]
    .toSorted()
    .flatMap((key) => differingPaths(one[key], other[key], joined(path, key)));
}

function textOf(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  return typeof value === "string" ? value : JSON.stringify(value, undefined, 2);
}

function piecesOf(
  before: string | undefined,
  after: string | undefined,
): Pick<ConfigDifference, "before" | "after"> {
  if (before === undefined || after === undefined) {
    return {
      before: before === undefined ? undefined : [{ text: before, change: "removed" }],
      after: after === undefined ? undefined : [{ text: after, change: "added" }],
    };
  }
  const isLong = before.length + after.length > WORDS_UP_TO;
  const found = isLong ? diffLines(before, after) : diffWordsWithSpace(before, after);
  const pieces = found.map(({ value, added, removed }): DiffPiece => ({
    text: value,
    change: added ? "added" : removed ? "removed" : "none",
  }));
  return {
    before: pieces.filter(({ change }) => change !== "added"),
    after: pieces.filter(({ change }) => change !== "removed"),
  };
}
