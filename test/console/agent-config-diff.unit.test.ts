import { describe, expect, test } from "vitest";
import { configDifferences } from "../../src/console/agents/config-diff.js";

/** A side as a text in which what changed is in brackets. */
function marked(side: ReturnType<typeof configDifferences>[number]["before"]): string | undefined {
  return side?.map(({ text, change }) => (change === "none" ? text : `[${text}]`)).join("");
}

describe("what two versions say differently", () => {
  test("is told key by key, with the words that changed", () => {
    const differences = configDifferences(
      { instructions: "Be kind and short.", model: { name: "one", temperature: 1 }, same: [1] },
      { same: [1], instructions: "Be kind and thorough.", model: { name: "one" } },
    );
    expect(
      differences.map(({ path, before, after }) => [path, marked(before), marked(after)]),
    ).toEqual([
      ["instructions", "Be kind and [short].", "Be kind and [thorough]."],
      ["model.temperature", "[1]", undefined],
    ]);
  });

  test("is nothing where only the order of keys differs", () => {
    expect(configDifferences({ a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 })).toEqual([]);
  });

  test("shows a list as a whole", () => {
    const [difference] = configDifferences(
      { faq: [{ question: "When?", answer: "Now." }] },
      { faq: [{ question: "When?", answer: "Later." }] },
    );
    expect(difference?.path).toBe("faq");
    expect(marked(difference?.after)).toContain('"answer": "[Later]."');
  });

  test("of long texts compares lines, and so takes no seconds", () => {
    const lines = Array.from({ length: 5_000 }, (_, line) => `Line ${line} of the instructions.`);
    const after = lines.map((line, number) => (number === 2_500 ? "Another line." : line));
    const [difference] = configDifferences(
      { instructions: lines.join("\n") },
      { instructions: after.join("\n") },
    );
    expect(difference?.after?.filter(({ change }) => change === "added")).toEqual([
      { text: "Another line.\n", change: "added" },
    ]);
  });
});
