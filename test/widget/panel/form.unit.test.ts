import { describe, expect, it } from "vitest";
import {
  cleanValues,
  findProblems,
  hashFields,
  keepFitting,
  ratingScale,
  readFeedback,
  readForm,
  type FormDefinition,
  type FormValues,
} from "../../../src/widget/panel/form.js";
import { FORM_FIELD_TYPES } from "../../../src/protocol/choices.js";
import { FORM_LIMITS } from "../../../src/protocol/limits.js";

const definition = {
  id: "pre",
  title: "Before we start",
  submit_label: "Go",
  fields: [
    { id: "name", type: "text", label: "Name", required: true, max: 20 },
    { id: "email", type: "email", label: "Email", required: true },
    { id: "phone", type: "phone", label: "Phone" },
    { id: "age", type: "number", label: "Age", min: 16, max: 120 },
    { id: "topic", type: "select", options: [{ value: "a", label: "A" }] },
    {
      id: "tags",
      type: "multiselect",
      options: [
        { value: "x", label: "X" },
        { value: "y", label: "Y" },
      ],
    },
    { id: "terms", type: "checkbox", label: "Terms", required: true },
    { id: "stars", type: "rating", min: 1, max: 5 },
    { id: "day", type: "date", min: "2026-01-01", max: "2026-12-31" },
    { id: "note", type: "textarea" },
  ],
};
const good: FormValues = { name: "Ada", email: "ada@example.com", terms: true };

describe("a form", () => {
  it("is read with every documented field type", () => {
    const form = read(definition);
    expect(form.fields.map(({ type }) => type).toSorted()).toEqual(
      [...FORM_FIELD_TYPES].toSorted(),
    );
    // The server's list: a type that only it knows would be left out of every form without a word.
    expect(form).toMatchObject({ title: "Before we start", submitLabel: "Go" });
    expect(form.fields[8]).toMatchObject({ minDate: "2026-01-01", min: undefined });
  });

  it("is read as large as the platform takes it, option by option and to the last character", () => {
    const label = "x".repeat(FORM_LIMITS.labelCharacters);
    const options = Array.from({ length: FORM_LIMITS.options }, (_, index) => ({
      value: `v${index}`,
      label,
    }));
    const fields = Array.from({ length: FORM_LIMITS.fields }, (_, index) => ({
      id: `f${index}`,
      type: "select",
      label,
      options,
    }));
    const form = read({ fields });
    expect(form.fields).toHaveLength(FORM_LIMITS.fields);
    expect(form.fields.at(-1)).toMatchObject({ label, options });
    expect(findProblems(form, { f0: "v999" })).toEqual({});
  });

  it("is none when it has no field that is known", () => {
    for (const nothing of [
      undefined,
      null,
      [],
      {},
      { fields: [] },
      { fields: [{ id: "x", type: "file" }] },
    ]) {
      expect(readForm(nothing)).toBeUndefined();
    }
  });

  it("is not sent before every required field is filled in, a required box included", () => {
    expect(findProblems(read(definition), {})).toEqual({
      name: "required",
      email: "required",
      terms: "required",
    });
    expect(findProblems(read(definition), { ...good, terms: false })).toEqual({
      terms: "required",
    });
    expect(findProblems(read(definition), { ...good, name: "  " })).toEqual({ name: "required" });
    expect(findProblems(read(definition), good)).toEqual({});
  });

  it.each<[string, FormValues, object]>([
    ["email", { email: "ada@" }, { email: "email" }],
    ["phone", { phone: "call me" }, { phone: "phone" }],
    ["number below", { age: 3 }, { age: "range" }],
    ["rating above", { stars: 6 }, { stars: "range" }],
    ["option", { topic: "b" }, { topic: "option" }],
    ["options", { tags: ["x", "z"] }, { tags: "option" }],
    ["date outside", { day: "2027-01-01" }, { day: "range" }],
    ["length", { name: "x".repeat(21) }, { name: "length" }],
  ])("names what is wrong: %s", (_, values, problems) => {
    expect(findProblems(read(definition), { ...good, ...values })).toEqual(problems);
  });

  it("takes no more of a text than the platform does, whether its field has a bound or not", () => {
    const form = read({
      fields: [
        { id: "note", type: "textarea" },
        { id: "essay", type: "textarea", max: 20_000 },
        { id: "email", type: "email" },
      ],
    });
    expect(findProblems(form, { note: "x".repeat(2000), essay: "é".repeat(5000) })).toEqual({});
    expect(findProblems(form, { note: "x".repeat(2001) })).toEqual({ note: "length" });
    expect(findProblems(form, { essay: "é".repeat(7000), note: "x" })).toEqual({ essay: "length" });
    expect(findProblems(form, { email: `${"x".repeat(2000)}@example.com` })).toEqual({
      email: "email",
    });
  });

  it("sends numbers as numbers, boxes as true or false, and nothing for what is empty", () => {
    const values = { ...good, name: " Ada ", phone: "", tags: [], age: 30 };
    expect(cleanValues(read(definition), values)).toEqual({
      name: "Ada",
      email: "ada@example.com",
      terms: true,
      age: 30,
    });
  });

  it("counts a rating from its lowest to its highest step", () => {
    expect(
      ratingScale(read({ fields: [{ id: "r", type: "rating" }] }).fields[0] ?? fail()),
    ).toEqual([1, 2, 3, 4, 5]);
    const ten = read({ fields: [{ id: "r", type: "rating", min: 0, max: 10 }] }).fields[0];
    expect(ratingScale(ten ?? fail())).toHaveLength(11);
  });
});

describe("the hash of a form's fields", () => {
  it("is the same for the same fields in whatever order their keys are", () => {
    expect(hashFields([{ id: "a", type: "text" }])).toBe(hashFields([{ type: "text", id: "a" }]));
  });

  it("changes with any change of the fields, and not with the form's title", () => {
    const before = read(definition).hash;
    expect(read({ ...definition, title: "Other" }).hash).toBe(before);
    const changed = definition.fields.map((field) => ({ ...field, label: "New" }));
    expect(read({ ...definition, fields: changed }).hash).not.toBe(before);
    expect(read({ ...definition, fields: definition.fields.toReversed() }).hash).not.toBe(before);
  });
});

describe("what an earlier visit filled in", () => {
  it("is kept as far as it fits the form of today", () => {
    const cached = { name: "Ada", email: "nonsense", gone: "x", age: "12", tags: ["x"] };
    expect(keepFitting(read(definition), cached)).toEqual({ name: "Ada", tags: ["x"] });
    expect(keepFitting(read(definition), null)).toEqual({});
  });
});

describe("the feedback form", () => {
  const form = { fields: [{ id: "stars", type: "rating" }] };

  it("may stand under `form` or inline", () => {
    expect(readFeedback({ form, thank_you_text: "Thanks" })).toMatchObject({ thankYou: "Thanks" });
    expect(readFeedback({ enabled: true, ...form })?.form.fields).toHaveLength(1);
  });

  it("is off when it says so or has nothing to ask", () => {
    expect(readFeedback({ enabled: false, form })).toBeUndefined();
    expect(readFeedback({ enabled: true })).toBeUndefined();
    expect(readFeedback(null)).toBeUndefined();
  });
});

function read(value: unknown): FormDefinition {
  return readForm(value) ?? fail();
}

function fail(): never {
  throw new Error("There is no such form or field.");
}
