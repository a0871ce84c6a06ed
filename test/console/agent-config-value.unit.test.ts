import { describe, expect, test } from "vitest";
import {
  freeId,
  isSameJson,
  moved,
  offeredAt,
  valueAt,
  withValueAt,
} from "../../src/console/agents/config-value.js";

const CONFIG = { model: { name: "one", mine: 1 }, voice: { speed: 1 }, own: [1] };

describe("a value in a config", () => {
  test("is found by its path, and is none where nothing has it", () => {
    expect(valueAt(CONFIG, "model.name")).toBe("one");
    expect(valueAt(CONFIG, "")).toBe(CONFIG);
    for (const path of ["model.name.inside", "nothing", "toString", "own.length"])
      expect(valueAt(CONFIG, path), path).toBeUndefined();
  });

  test("is set and everything else is kept, in its order", () => {
    const after = withValueAt(CONFIG, "model.name", "two");
    expect(after).toEqual({ ...CONFIG, model: { name: "two", mine: 1 } });
    expect(Object.keys(after)).toEqual(Object.keys(CONFIG));
    expect(withValueAt({}, "a.b.c", 1)).toEqual({ a: { b: { c: 1 } } });
  });

  test("is taken away with the objects that had nothing else", () => {
    expect(withValueAt(CONFIG, "voice.speed", undefined)).toEqual({
      model: CONFIG.model,
      own: [1],
    });
    expect(withValueAt(CONFIG, "model.name", undefined)).toEqual({
      ...CONFIG,
      model: { mine: 1 },
    });
    expect(withValueAt({}, "a.b", undefined)).toEqual({});
  });
});

describe("a list", () => {
  test("has an item one place up or down, and stays at its ends", () => {
    expect(moved(["a", "b", "c"], 2, -1)).toEqual(["a", "c", "b"]);
    expect(moved(["a", "b", "c"], 0, 1)).toEqual(["b", "a", "c"]);
    expect(moved(["a", "b"], 0, -1)).toEqual(["a", "b"]);
    expect(moved(["a", "b"], 1, 1)).toEqual(["a", "b"]);
  });

  test("gives the next item a name that none has", () => {
    expect(freeId([], "field")).toBe("field_1");
    expect(freeId([{ id: "field_2" }], "field")).toBe("field_3");
    expect(freeId(["no object"], "field")).toBe("field_2");
  });
});

test("two documents say the same in whatever order their keys stand", () => {
  expect(isSameJson({ a: 1, b: [{ c: null }] }, { b: [{ c: null }], a: 1 })).toBe(true);
  expect(isSameJson({ a: [1, 2] }, { a: [2, 1] })).toBe(false);
  expect(isSameJson({ a: [1] }, { a: [1, 2] })).toBe(false);
  expect(isSameJson({ a: [] }, { a: {} })).toBe(false);
  expect(isSameJson({}, { a: null })).toBe(false);
});

test("what the operator offers stands in the schema", () => {
  const schema = {
    config: { properties: { model: { properties: { name: { enum: ["one", "two"] } } } } },
  };
  expect(offeredAt(schema, "model.name")).toEqual(["one", "two"]);
  expect(offeredAt(schema, "voice.name")).toEqual([]);
});
