import { isFields, readList, readText } from "../../protocol/read.js";
import type { FormFieldKeys } from "../../protocol/forms.js";
import { FORM_FIELD_TYPES, type FormFieldType } from "../../protocol/choices.js";
import { FORM_LIMITS, MAX_CALL_BYTES } from "../../protocol/limits.js";
import { jsonBytes } from "../../protocol/json-bytes.js";

/** Characters, where a field has no bound of its own. */
export const MAX_TEXT = 2000;
/** They fit into an answer to the agent with its id, and into a conversation's metadata (16 KB). */
const MAX_VALUES_BYTES = MAX_CALL_BYTES - 1000;

export interface FormField {
  id: string;
  type: FormFieldType;
  label: string;
  required: boolean;
  placeholder: string | undefined;
  options: { value: string; label: string }[];
  min: number | undefined;
  max: number | undefined;
  /** Dates carry their bounds as text. */
  minDate: string | undefined;
  maxDate: string | undefined;
}

export interface FormDefinition {
  id: string;
  title: string | undefined;
  submitLabel: string | undefined;
  fields: FormField[];
  /** Changes whenever the fields do: what was filled in for other fields is not taken for an answer to these. */
  hash: string;
}

export type FieldValue = string | number | boolean | string[];
export type FormValues = Record<string, FieldValue>;
export type FieldProblem =
  | "required"
  | "email"
  | "phone"
  | "number"
  | "range"
  | "length"
  | "option";

export function readForm(form: unknown): FormDefinition | undefined {
  if (!isFields(form)) return undefined;
  const raw = readList(form["fields"]).filter(isFields);
  const fields = raw.flatMap(readField).slice(0, FORM_LIMITS.fields);
  if (fields.length === 0) return undefined;
  return {
    id: readText(form["id"]) ?? "form",
    title: readText(form["title"]) ?? readText(form["name"]),
    submitLabel: readText(form["submit_label"]),
    fields,
    hash: hashFields(raw),
  };
}

/** A form given inline (`fields` beside the other keys) counts as well as one under `form`. */
export function readFeedback(
  feedback: unknown,
): { form: FormDefinition; thankYou: string | undefined } | undefined {
  if (!isFields(feedback) || feedback["enabled"] === false) return undefined;
  const form = readForm(feedback["form"]) ?? readForm(feedback);
  return form && { form, thankYou: readText(feedback["thank_you_text"]) };
}

/** The same for the same fields, whatever the order of their keys. Not for security: it only spots a change. */
export function hashFields(fields: unknown): string {
  const text = canonical(fields);
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  const hex = (part: number): string => (part >>> 0).toString(16).padStart(8, "0");
  return hex(high) + hex(low);
}

/** Keeps what still fits: values of fields that are gone or changed their type are dropped. */
export function keepFitting(form: FormDefinition, values: unknown): FormValues {
  const kept: FormValues = {};
  if (!isFields(values)) return kept;
  for (const field of form.fields) {
    const value = values[field.id];
    if (isFieldValue(value) && findProblem(field, value) === undefined) kept[field.id] = value;
  }
  return kept;
}

/** The values to send: trimmed, numbers as numbers, what was left empty left out. */
export function cleanValues(form: FormDefinition, values: FormValues): FormValues {
  const clean: FormValues = {};
  for (const field of form.fields) {
    const value = values[field.id];
    if (field.type === "checkbox") clean[field.id] = value === true;
    else if (value !== undefined && !isEmpty(value)) {
      clean[field.id] = typeof value === "string" ? value.trim() : value;
    }
  }
  return clean;
}

export function findProblems(
  form: FormDefinition,
  values: FormValues,
): Record<string, FieldProblem> {
  const problems: Record<string, FieldProblem> = {};
  for (const field of form.fields) {
    const problem = findProblem(field, values[field.id]);
    if (problem !== undefined) problems[field.id] = problem;
  }
  const clean = cleanValues(form, values);
  if (jsonBytes(clean) > MAX_VALUES_BYTES) problems[longest(clean)] ??= "length";
  return problems;
}

function longest(values: FormValues): string {
  const size = (id: string): number => jsonBytes([values[id]]);
  return Object.keys(values).reduce((one, other) => (size(other) > size(one) ? other : one));
}

export function ratingScale(field: FormField): number[] {
  const first = Math.round(field.min ?? 1);
  const last = Math.min(Math.round(field.max ?? 5), first + 10);
  return Array.from({ length: Math.max(1, last - first + 1) }, (_, index) => first + index);
}

function findProblem(field: FormField, value: FieldValue | undefined): FieldProblem | undefined {
  if (field.type === "checkbox") {
    return field.required && value !== true ? "required" : undefined;
  }
  if (value === undefined || isEmpty(value)) return field.required ? "required" : undefined;
  const isOption = (option: string): boolean => field.options.some((one) => one.value === option);
  switch (field.type) {
    case "email":
      return typeof value === "string" &&
        value.length <= MAX_TEXT &&
        /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value.trim())
        ? undefined
        : "email";
    case "phone":
      return typeof value === "string" && /^\+?[\d\s().-]{5,24}$/.test(value.trim())
        ? undefined
        : "phone";
    case "number":
    case "rating":
      if (typeof value !== "number" || !Number.isFinite(value)) return "number";
      return isWithin(value, field) ? undefined : "range";
    case "select":
      return typeof value === "string" && isOption(value) ? undefined : "option";
    case "multiselect":
      return Array.isArray(value) && value.every(isOption) ? undefined : "option";
    case "date": {
      if (typeof value !== "string" || !/^\d{4,}-\d\d-\d\d$/.test(value)) return "option";
      const isLate = field.maxDate !== undefined && value > field.maxDate;
      const isEarly = field.minDate !== undefined && value < field.minDate;
      return isLate || isEarly ? "range" : undefined;
    }
    case "text":
    case "textarea":
      return typeof value === "string" &&
        isWithin(value.trim().length, { min: field.min, max: field.max ?? MAX_TEXT })
        ? undefined
        : "length";
  }
}

/** A field as somebody wrote it: by the names that the protocol has for its keys. */
type Sent = { readonly [K in keyof FormFieldKeys]?: unknown };

function readField(raw: Sent): FormField[] {
  const id = readText(raw.id);
  const type = FORM_FIELD_TYPES.find((known) => known === raw.type);
  if (id === undefined || type === undefined) return [];
  const options = readList(raw.options).flatMap((option) => {
    if (typeof option === "string") return [{ value: option, label: option }];
    if (!isFields(option)) return [];
    const value = readText(option["value"]);
    return value === undefined ? [] : [{ value, label: readText(option["label"]) ?? value }];
  });
  const bound = (given: unknown): number | undefined => {
    const value = Number.parseFloat(String(given));
    return type !== "date" && Number.isFinite(value) ? value : undefined;
  };
  return [
    {
      id,
      type,
      label: readText(raw.label) ?? id,
      required: raw.required === true,
      placeholder: readText(raw.placeholder),
      options,
      min: bound(raw.min),
      max: bound(raw.max),
      minDate: readText(raw.min),
      maxDate: readText(raw.max),
    },
  ];
}

function isWithin(value: number, { min, max }: Pick<FormField, "min" | "max">): boolean {
  return (min === undefined || value >= min) && (max === undefined || value <= max);
}

function isEmpty(value: FieldValue): boolean {
  if (typeof value === "string") return value.trim() === "";
  return Array.isArray(value) && value.length === 0;
}

function isFieldValue(value: unknown): value is FieldValue {
  if (Array.isArray(value)) return value.every((item) => typeof item === "string");
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (!isFields(value)) return JSON.stringify(value) ?? "null";
  const keys = Object.keys(value).filter((key) => value[key] !== undefined);
  keys.sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
}
