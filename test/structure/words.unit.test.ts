import { describe, expect, test } from "vitest";
import { SOURCE_FILES } from "./source-files.js";

/** Literals that match, outside comments and outside protocol/, as `file: literal`. */
function literalsLike(pattern: string, except: RegExp): string[] {
  const literal = new RegExp(`["'\`](?:${pattern})[^"'\`\\s]*["'\`]`, "g");
  return SOURCE_FILES.filter(
    ({ path }) => !path.startsWith("src/protocol/") && !except.test(path),
  ).flatMap(({ path, text }) =>
    [...withoutComments(text).matchAll(literal)].map(([found]) => `${path}: ${found}`),
  );
}

function withoutComments(text: string): string {
  return text.replace(/\/\*\*?[^]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}

describe("a word that two programs say stands in protocol/ alone:", () => {
  test("topics, attributes and calls of a talk's room", () => {
    expect(literalsLike("parley\\.[a-z]", /^$/)).toEqual([]);
    // The embedded LiveKit speaks LiveKit's own words.
    expect(literalsLike("lk\\.[a-z]", /^src\/livekit-dev\//)).toEqual([]);
    expect(literalsLike("lk\\.[a-z]", /^$/)).not.toEqual([]);
  });

  test("the worker's routes at the platform", () => {
    expect(literalsLike("/core/worker", /^$/)).toEqual([]);
  });
});
