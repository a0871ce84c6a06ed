import { expect, test } from "vitest";
import { loudnessOf } from "../../src/agent/stray-errors.js";

test("what was cancelled is no error, and all else that nobody took is one", () => {
  const aborted = new AbortController();
  aborted.abort();
  expect(loudnessOf(aborted.signal.reason)).toBe("debug");
  expect([new Error("broken"), "broken", undefined].map(loudnessOf)).toEqual([
    "error",
    "error",
    "error",
  ]);
});
