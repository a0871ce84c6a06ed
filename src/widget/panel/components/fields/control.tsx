import type { JSX } from "preact";
import type { FieldProblem, FieldValue, FormField } from "../../form.js";
import { STRINGS } from "../../strings.js";

export interface ControlProps {
  id: string;
  field: FormField;
  value: FieldValue | undefined;
  problem: FieldProblem | undefined;
  onChange: (value: FieldValue | undefined) => void;
}

const INPUT_TYPES = {
  text: "text",
  email: "email",
  phone: "tel",
  number: "number",
  date: "date",
} as const;
const AUTOCOMPLETE: Record<string, string> = { email: "email", phone: "tel" };

/** The one element that takes a value; fields of several have a group. */
export function Control({ id, field, value, problem, onChange }: ControlProps): JSX.Element {
  const common = {
    id,
    name: field.id,
    required: field.required,
    "aria-invalid": problem !== undefined,
    "aria-describedby": problem === undefined ? undefined : `${id}-problem`,
  };
  const text = typeof value === "string" ? value : "";
  switch (field.type) {
    case "checkbox":
      return (
        <input
          {...common}
          type="checkbox"
          checked={value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case "textarea":
      return (
        <textarea
          {...common}
          rows={3}
          dir="auto"
          placeholder={field.placeholder}
          value={text}
          onInput={(event) => onChange(event.currentTarget.value)}
        />
      );
    case "select":
      return (
        <select {...common} value={text} onChange={(event) => onChange(event.currentTarget.value)}>
          <option value="">{field.placeholder ?? STRINGS.choose}</option>
          {field.options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      );
    case "number":
      return (
        <input
          {...common}
          type="number"
          inputMode="decimal"
          step="any"
          min={field.min}
          max={field.max}
          placeholder={field.placeholder}
          value={typeof value === "number" ? value : ""}
          onInput={({ currentTarget }) =>
            onChange(currentTarget.value === "" ? undefined : currentTarget.valueAsNumber)
          }
        />
      );
    case "multiselect":
    case "rating":
      return <></>;
    case "text":
    case "email":
    case "phone":
    case "date":
      return (
        <input
          {...common}
          // The typings want one literal; all of these take the same attributes.
          type={INPUT_TYPES[field.type] as "text"}
          dir={field.type === "text" ? "auto" : "ltr"}
          autocomplete={AUTOCOMPLETE[field.type]}
          min={field.type === "date" ? field.minDate : undefined}
          max={field.type === "date" ? field.maxDate : undefined}
          placeholder={field.placeholder}
          value={text}
          onInput={(event) => onChange(event.currentTarget.value)}
        />
      );
  }
}
