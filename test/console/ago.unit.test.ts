import { expect, test } from "vitest";
import { timeAgo } from "../../src/console/ago.js";

const NOW = new Date("2026-11-30T12:00:00Z");

test("how long ago something was is said in the largest whole unit", () => {
  const said = (instant: string): string => timeAgo(instant, NOW, "en");
  expect(said("2026-11-30T11:59:30Z")).toBe("now");
  expect(said("2026-11-30T11:58:01Z")).toBe("1 minute ago");
  expect(said("2026-11-30T09:00:00Z")).toBe("3 hours ago");
  expect(said("2026-11-29T11:00:00Z")).toBe("yesterday");
  expect(said("2026-09-29T11:00:00Z")).toBe("2 months ago");
  expect(said("2024-01-01T00:00:00Z")).toBe("2 years ago");
  expect(timeAgo("2026-11-30T09:00:00Z", NOW, "de")).toBe("vor 3 Stunden");
});

test("what a clock that is behind takes for the time to come is now", () => {
  expect(timeAgo("2026-11-30T12:00:09Z", NOW, "en")).toBe("now");
});
