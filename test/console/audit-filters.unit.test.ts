import { expect, test } from "vitest";
import {
  auditVariables,
  readFilters,
  writeFilters,
} from "../../src/console/audit/audit-filters.js";

const read = (search: string) => readFilters(new URLSearchParams(search));

test("what the log is narrowed down to goes into the address and comes back", () => {
  const filters = read("action=widget.update&actor=k1&from=2026-06-01&to=2026-06-02");
  expect(filters).toEqual({
    action: "widget.update",
    actor: "k1",
    subject: "",
    from: "2026-06-01",
    to: "2026-06-02",
  });
  expect(readFilters(writeFilters(filters))).toEqual(filters);
  expect(writeFilters(read("")).size).toBe(0);
});

test("the last day is in it, and days are those of where the person is", () => {
  expect(auditVariables(read("from=2026-06-01&to=2026-06-01&subject=w1"))).toEqual({
    subjectId: "w1",
    since: new Date("2026-06-01T00:00:00").toISOString(),
    until: new Date("2026-06-02T00:00:00").toISOString(),
  });
  expect(auditVariables(read(""))).toEqual({});
});

test("an address with a day that there is not narrows nothing down by it", () => {
  expect(auditVariables(read("from=yesterday&to=2026-13-45&action=%20"))).toEqual({});
});
