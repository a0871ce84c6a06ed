import { describe, expect, it } from "vitest";
import { explainField } from "../../../src/widget/panel/explain-field.js";
import {
  findProblems,
  readForm,
  type FieldValue,
  type FormValues,
} from "../../../src/widget/panel/form.js";

/** What a visitor is told of one field and what they wrote into it. */
function told(field: object, value?: FieldValue): string | undefined {
  const form = readForm({ fields: [{ id: "it", required: true, label: "It", ...field }] });
  if (form === undefined) throw new Error("The field was not read.");
  const values: FormValues = value === undefined ? {} : { it: value };
  const [first] = form.fields;
  const problem = findProblems(form, values)["it"];
  return first && problem && explainField(first, problem, value);
}

describe("a field that is wrong", () => {
  it("says by its name what is missing, by its kind how it is given", () => {
    expect(told({ type: "text", label: "Your name" })).toBe("Please fill in “Your name”.");
    expect(told({ type: "rating", label: "Stars" })).toBe("Please choose an answer for “Stars”.");
    expect(told({ type: "checkbox" })).toBe("Please tick this box to go on.");
  });

  it("says the bound that was passed, not that there is one", () => {
    const number = { type: "number", min: 18, max: 12_000 };
    expect(told(number, 3)).toBe("Please enter 18 or more.");
    expect(told(number, 12_001)).toBe("Please enter 12,000 or less.");
    const date = { type: "date", min: "2026-01-02", max: "2026-12-31" };
    expect(told(date, "2025-01-01")).toBe("Please choose January 2, 2026 or later.");
    expect(told(date, "2027-01-01")).toBe("Please choose December 31, 2026 or earlier.");
    const text = { type: "text", min: 5, max: 10 };
    expect(told(text, "abc")).toBe("Please enter at least 5 characters.");
    expect(told(text, "x".repeat(11))).toBe("Please enter at most 10 characters.");
  });

  it("gives an example of what has a form", () => {
    expect(told({ type: "email" }, "ada@")).toContain("name@example.com");
    expect(told({ type: "phone" }, "call me")).toContain("+1 555");
  });
});
