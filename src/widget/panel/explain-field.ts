import { MAX_TEXT, type FieldProblem, type FieldValue, type FormField } from "./form.js";
import { FIELD_PROBLEMS, fill, LANGUAGE } from "./strings.js";

/** What a visitor can do about a field that is wrong: what is asked for, by the field's own name and bounds. */
export function explainField(
  field: FormField,
  problem: FieldProblem,
  value: FieldValue | undefined,
): string {
  const words = FIELD_PROBLEMS;
  switch (problem) {
    case "required":
      return explainMissing(field);
    case "range":
      return field.type === "date" ? explainDate(field, value) : explainNumber(field, value);
    case "length": {
      const { min = 0, max = MAX_TEXT } = field;
      const isShort = typeof value === "string" && value.trim().length < min;
      return isShort
        ? fill(words.tooShort, { characters: min })
        : fill(words.tooLong, { characters: max });
    }
    case "option":
      return field.type === "date" ? words.date : words.option;
    case "email":
    case "phone":
    case "number":
      return words[problem];
  }
}

function explainMissing({ type, label }: FormField): string {
  const isChoice = type === "select" || type === "multiselect" || type === "rating";
  if (type === "checkbox") return FIELD_PROBLEMS.tick;
  return fill(isChoice ? FIELD_PROBLEMS.choose : FIELD_PROBLEMS.required, { label });
}

function explainNumber({ min, max }: FormField, value: FieldValue | undefined): string {
  const isLow = min !== undefined && Number(value) < min;
  return isLow || max === undefined
    ? fill(FIELD_PROBLEMS.atLeast, { least: min ?? 0 })
    : fill(FIELD_PROBLEMS.atMost, { most: max });
}

function explainDate({ minDate, maxDate }: FormField, value: FieldValue | undefined): string {
  const isEarly = minDate !== undefined && String(value) < minDate;
  return isEarly || maxDate === undefined
    ? fill(FIELD_PROBLEMS.notBefore, { date: formatDate(minDate ?? "") })
    : fill(FIELD_PROBLEMS.notAfter, { date: formatDate(maxDate) });
}

/** A day is the same day everywhere. */
function formatDate(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(date.getTime())) return day;
  return new Intl.DateTimeFormat(LANGUAGE, { dateStyle: "long", timeZone: "UTC" }).format(date);
}
