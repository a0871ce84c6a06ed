import { afterEach, expect, test, vi } from "vitest";
import { cutText, initialOf } from "../../src/protocol/cut-text.js";

const FAMILY = "👩🏽‍👩🏽‍👧🏽‍👦🏽";

afterEach(() => {
  vi.unstubAllGlobals();
});

test("a cut never splits a character: no half pair, no family, no letter from its accent", () => {
  for (const character of ["😀", FAMILY, "e\u0301", "🇩🇪", "각", "नि"]) {
    for (let most = 0; most <= character.length + 4; most++) {
      const cut = cutText(`abc${character}d`, most);
      expect(["", "a", "ab", "abc", `abc${character}`, `abc${character}d`]).toContain(cut);
      expect(cut.length).toBeLessThanOrEqual(most);
    }
  }
});

test("a long text is cut as late as it may be", () => {
  const text = `${"x".repeat(19_999)}😀${"y".repeat(50)}`;
  expect(cutText(text, 20_000)).toBe("x".repeat(19_999));
  expect(cutText(text, 20_001)).toBe(text.slice(0, 20_001));
});

test("a browser without a segmenter splits no pair", () => {
  vi.stubGlobal("Intl", {});
  expect(cutText("ab😀", 3)).toBe("ab");
});

test("an initial is a whole character", () => {
  expect(["ada", ` ${FAMILY} & co`, "éa", ""].map(initialOf)).toEqual(["A", FAMILY, "É", ""]);
});
