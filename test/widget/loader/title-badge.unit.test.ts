import { beforeEach, expect, it, vi } from "vitest";
import { badgeTitle, ownTitle } from "../../../src/widget/loader/title-badge.js";

beforeEach(() => {
  vi.stubGlobal("document", { title: "Shop" });
  return () => vi.unstubAllGlobals();
});

it("counts what all widgets of a page have, and one that has nothing takes nothing from another", () => {
  badgeTitle("one", 2);
  expect(document.title).toBe("(2) Shop");
  badgeTitle("two", 0);
  expect(document.title).toBe("(2) Shop");
  badgeTitle("two", 3);
  expect(document.title).toBe("(5) Shop");
  badgeTitle("one", 0);
  badgeTitle("two", 0);
  expect(document.title).toBe("Shop");
});

it("is no part of what the page is called, whatever the page calls itself meanwhile", () => {
  badgeTitle("one", 1);
  expect(ownTitle()).toBe("Shop");
  document.title = "Basket";
  expect(ownTitle()).toBe("Basket");
  badgeTitle("one", 2);
  expect(document.title).toBe("(2) Basket");
  badgeTitle("one", 0);
  expect(document.title).toBe("Basket");
});
