import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CARD_TYPES } from "../../src/protocol/cards.js";

test("the contract names every card", () => {
  const contract = readFileSync(new URL("../../src/protocol/contract.md", import.meta.url), "utf8");
  const [, names = ""] = /`widgets: \{ allowed\? \}` \([^)]*\) of `([^`]*)`/.exec(contract) ?? [];
  expect(names.split(", ")).toEqual(CARD_TYPES);
});
