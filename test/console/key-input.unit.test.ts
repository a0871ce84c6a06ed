import { expect, test } from "vitest";
import { keyInput, problemsOf } from "../../src/console/keys/key-input.js";

const now = new Date("2026-06-15T12:00:00");
const fine = { name: " Shop ", scopes: ["AGENTS_READ" as const], lastDay: "" };

test("a key needs a name, a scope, and a day to come if it ends", () => {
  expect(problemsOf(fine, now)).toEqual({});
  expect(problemsOf({ name: " ", scopes: [], lastDay: "2026-06-14" }, now)).toEqual({
    name: "nameNeeded",
    scopes: "scopesNeeded",
    lastDay: "expiresPast",
  });
});

test("a key is good until the end of its last day, where the person is", () => {
  expect(problemsOf({ ...fine, lastDay: "2026-06-15" }, now)).toEqual({});
  expect(keyInput({ ...fine, lastDay: "2026-06-15" })).toEqual({
    name: "Shop",
    scopes: ["AGENTS_READ"],
    expiresAt: new Date("2026-06-15T23:59:59").toISOString(),
  });
  expect(keyInput(fine).expiresAt).toBeNull();
});
