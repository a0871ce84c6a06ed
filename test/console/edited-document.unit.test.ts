import { describe, expect, test } from "vitest";
import {
  differences,
  isSame,
  valueAtPath,
  withValueAtPath,
} from "../../src/console/editor/config-paths.js";
import {
  beginHistory,
  redone,
  undone,
  withEdit,
  type EditedDocument,
} from "../../src/console/editor/edited-document.js";
import { contrastProblems } from "../../src/console/editor/palette-contrast.js";
import { byPath, refusalsOf } from "../../src/console/editor/refused-values.js";
import { freeName, withKey } from "../../src/console/editor/row-values.js";

function titled(title: string): EditedDocument {
  return { agentId: "agent", agentVersionId: "version", config: { v1: { chat: { title } } } };
}

describe("a value in a document", () => {
  const config = { own: 1, v1: { chat: { title: "Shop", glow: true } } };

  test("is put there, and what is beside it stays", () => {
    const changed = withValueAtPath(config, "v1.chat.subtitle", "Chairs");
    expect(changed).toEqual({
      own: 1,
      v1: { chat: { title: "Shop", glow: true, subtitle: "Chairs" } },
    });
    expect(valueAtPath(changed, "v1.chat.subtitle")).toBe("Chairs");
    expect(config.v1.chat).not.toHaveProperty("subtitle");
  });

  test("goes with what has no key left because of it", () => {
    const changed = withValueAtPath(
      { v1: { trigger: { size: 40 }, theme: "dark" } },
      "v1.trigger.size",
      undefined,
    );
    expect(changed).toEqual({ v1: { theme: "dark" } });
    expect(withValueAtPath({ v1: {} }, "v1.trigger.size", undefined)).toEqual({});
  });

  test("is not found below what is no object", () => {
    expect(valueAtPath({ v1: "text" }, "v1.chat.title")).toBeUndefined();
    expect(valueAtPath({ v1: null }, "v1")).toBeNull();
  });
});

describe("what differs", () => {
  test("is told by path, key by key, a list as a whole", () => {
    const before = { v1: { chat: { title: "Shop" }, suggested_questions: ["a"] } };
    const after = {
      v1: { chat: { title: "Store", subtitle: "New" }, suggested_questions: ["a", "b"] },
    };
    expect(differences(before, after)).toEqual([
      { path: "v1.chat.title", before: "Shop", after: "Store" },
      { path: "v1.chat.subtitle", before: undefined, after: "New" },
      { path: "v1.suggested_questions", before: ["a"], after: ["a", "b"] },
    ]);
  });

  test("is nothing where only the order of keys is another", () => {
    expect(isSame({ a: 1, b: [{ c: 2, d: 3 }] }, { b: [{ d: 3, c: 2 }], a: 1 })).toBe(true);
    expect(isSame({ a: [1] }, { a: [1, 2] })).toBe(false);
    expect(isSame({ a: 1 }, { a: "1" })).toBe(false);
  });
});

describe("the history of a draft", () => {
  test("goes back and forth", () => {
    let history = beginHistory(titled("a"));
    history = withEdit(history, titled("b"), "title", 0);
    history = withEdit(history, titled("c"), "other", 10);
    expect(undone(history).document).toEqual(titled("b"));
    expect(undone(undone(undone(history))).document).toEqual(titled("a"));
    expect(redone(undone(history)).document).toEqual(titled("c"));
    expect(redone(history)).toBe(history);
  });

  test("takes what is typed into one field at one go for one step", () => {
    let history = beginHistory(titled(""));
    for (const [index, title] of ["S", "Sh", "Sho"].entries())
      history = withEdit(history, titled(title), "title", index * 200);
    history = withEdit(history, titled("Shop"), "title", 5000);
    expect(undone(history).document).toEqual(titled("Sho"));
    expect(undone(undone(history)).document).toEqual(titled(""));
  });

  test("forgets what was undone once something else is done", () => {
    const first = withEdit(beginHistory(titled("a")), titled("b"), "title", 0);
    const other = withEdit(undone(first), titled("c"), "title", 10);
    expect(other.future).toEqual([]);
    expect(undone(other).document).toEqual(titled("a"));
  });
});

describe("a palette", () => {
  test("is warned of for a text that is read badly, with one that is read well", () => {
    const palette = {
      background_color: { controls_button: "#1d4ed8", user_message: "#1d4ed8" },
      text_color: { controls_button: "#2255dd", user_message: "#ffffff" },
    };
    const [problem, ...more] = contrastProblems(palette, "light_mode");
    expect(more).toEqual([]);
    expect(problem).toMatchObject({ path: "text_color.controls_button", fix: "#ffffff" });
    expect(problem?.ratio).toBeLessThan(4.5);
  });

  test("is warned of for buttons that are hardly seen on the panel", () => {
    const palette = { background_color: { controls_button: "#fdfdfd" } };
    expect(contrastProblems(palette, "light_mode")).toMatchObject([
      { path: "background_color.controls_button" },
    ]);
    expect(contrastProblems(palette, "dark_mode")).toEqual([]);
  });

  test("is fine once it is fixed, also where both are", () => {
    const palette = {
      background_color: { controls_button: "#eeeeee" },
      text_color: { controls_button: "#dddddd" },
    };
    const problems = contrastProblems(palette, "light_mode");
    expect(problems).toHaveLength(2);
    const fixed = problems.reduce<Record<string, unknown>>(
      (before, { path, fix }) => withValueAtPath(before, path, fix),
      palette,
    );
    expect(contrastProblems(fixed, "light_mode")).toEqual([]);
  });

  test("that is not finished is warned of for nothing", () => {
    expect(contrastProblems(undefined, "light_mode")).toEqual([]);
    expect(contrastProblems({ text_color: { user_message: "#12" } }, "dark_mode")).toEqual([]);
  });
});

describe("what is refused", () => {
  test("is told by its path in the document, the first reason alone", () => {
    const config = { v1: { chat: { avatar_url: "ftp://x" }, trigger: { size: 1 } } };
    const refusals = refusalsOf(config, ({ rule, min }) => `${rule} ${min ?? ""}`);
    expect([...refusals]).toEqual([
      ["config.v1.chat.avatar_url", "asset_url "],
      ["config.v1.trigger.size", "range 24"],
    ]);
    const both = byPath([
      { path: "a", message: "one" },
      { path: "a", message: "two" },
    ]);
    expect([...both]).toEqual([["a", "one"]]);
  });
});

describe("a row of a list", () => {
  test("loses a key that holds nothing", () => {
    expect(withKey({ id: "a", label: "b" }, "label", "")).toEqual({ id: "a" });
    expect(withKey({ id: "a" }, "label", "c")).toEqual({ id: "a", label: "c" });
  });

  test("has a name that no other has", () => {
    expect(freeName("field", [])).toBe("field_1");
    expect(freeName("field", [{ id: "field_2" }])).toBe("field_3");
  });
});
