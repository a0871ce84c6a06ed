import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { useId, useRef } from "preact/hooks";
import {
  cleanValues,
  findProblems,
  ratingScale,
  type FieldProblem,
  type FieldValue,
  type FormDefinition,
  type FormField,
  type FormValues,
} from "../form.js";
import { FIELD_PROBLEMS, STRINGS } from "../strings.js";
import { Icon } from "./icon.js";

interface FormProps {
  form: FormDefinition;
  initial?: FormValues;
  submitLabel: string;
  isBusy?: boolean;
  error?: string | undefined;
  onSubmit: (values: FormValues) => void;
  dismiss?: { label: string; run: () => void };
}

/** Draws any FormDefinition; nothing is sent before everything fits. */
export function Form(props: FormProps): JSX.Element {
  const { form, onSubmit, dismiss } = props;
  // Signals, not state: a click may come before the last keystroke has been drawn.
  const values = useSignal<FormValues>(props.initial ?? {});
  const problems = useSignal<Record<string, FieldProblem>>({});
  const element = useRef<HTMLFormElement>(null);
  const prefix = useId();

  const change = (id: string, value: FieldValue | undefined): void => {
    values.value = replaced(values.value, id, value);
    problems.value = replaced(problems.value, id, undefined);
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    const found = findProblems(form, values.value);
    problems.value = found;
    const firstWrong = form.fields.findIndex(({ id }) => found[id] !== undefined);
    if (firstWrong === -1) return onSubmit(cleanValues(form, values.value));
    element.current
      ?.querySelector<HTMLElement>(`[data-field="${firstWrong}"]`)
      ?.querySelector<HTMLElement>("input, select, textarea")
      ?.focus();
  };

  return (
    <form class="form" ref={element} noValidate onSubmit={submit}>
      {form.fields.map((field, index) => (
        <Field
          key={field.id}
          id={`${prefix}-${index}`}
          index={index}
          field={field}
          value={values.value[field.id]}
          problem={problems.value[field.id]}
          onChange={(value) => change(field.id, value)}
        />
      ))}
      {props.error !== undefined && (
        <p class="form-error" role="alert">
          {props.error}
        </p>
      )}
      <div class="form-actions">
        {dismiss !== undefined && (
          <button type="button" class="button quiet" onClick={dismiss.run}>
            {dismiss.label}
          </button>
        )}
        <button type="submit" class="button primary" disabled={props.isBusy}>
          {form.submitLabel ?? props.submitLabel}
        </button>
      </div>
    </form>
  );
}

function replaced<T>(
  record: Record<string, T>,
  key: string,
  value: T | undefined,
): Record<string, T> {
  const { [key]: _before, ...others } = record;
  return value === undefined ? others : { ...others, [key]: value };
}

interface FieldProps {
  id: string;
  index: number;
  field: FormField;
  value: FieldValue | undefined;
  problem: FieldProblem | undefined;
  onChange: (value: FieldValue | undefined) => void;
}

function Field({ field: asked, ...others }: FieldProps): JSX.Element {
  const props = { ...others, field: asNumber(asked) };
  const { id, index, field, problem } = props;
  const message = problem !== undefined && (
    <span class="problem" id={`${id}-problem`}>
      {FIELD_PROBLEMS[problem]}
    </span>
  );
  const isGroup = field.type === "multiselect" || field.type === "rating";
  if (isGroup) {
    return (
      <fieldset class="field" data-field={index} aria-describedby={problem && `${id}-problem`}>
        <legend>
          <FieldLabel field={field} />
        </legend>
        {field.type === "rating" ? <Rating {...props} /> : <Choices {...props} />}
        {message}
      </fieldset>
    );
  }
  if (field.type === "checkbox") {
    return (
      <div class="field" data-field={index}>
        <label class="choice">
          <Control {...props} />
          <span dir="auto">
            <FieldLabel field={field} />
          </span>
        </label>
        {message}
      </div>
    );
  }
  return (
    <div class="field" data-field={index}>
      <label for={id} dir="auto">
        <FieldLabel field={field} />
      </label>
      <Control {...props} />
      {message}
    </div>
  );
}

/** A rating of more steps than are drawn is written: each of them can be given. */
function asNumber(field: FormField): FormField {
  const { type, min = 1, max = 5, placeholder = `${min}–${max}` } = field;
  const isLong = type === "rating" && max > (ratingScale(field).at(-1) ?? max);
  return isLong ? { ...field, type: "number", placeholder } : field;
}

function FieldLabel({ field }: { field: FormField }): JSX.Element {
  return (
    <>
      {field.label}
      {!field.required && field.type !== "checkbox" && (
        <span class="optional"> {STRINGS.optional}</span>
      )}
    </>
  );
}

const INPUT_TYPES = {
  text: "text",
  email: "email",
  phone: "tel",
  number: "number",
  date: "date",
} as const;
const AUTOCOMPLETE: Record<string, string> = { email: "email", phone: "tel" };

function Control({ id, field, value, problem, onChange }: FieldProps): JSX.Element {
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

function Choices({ id, field, value, onChange }: FieldProps): JSX.Element {
  const chosen = Array.isArray(value) ? value : [];
  return (
    <div class="choices">
      {field.options.map((option, index) => (
        <label key={option.value} class="choice">
          <input
            type="checkbox"
            id={`${id}-${index}`}
            checked={chosen.includes(option.value)}
            onChange={(event) =>
              onChange(
                event.currentTarget.checked
                  ? [...chosen, option.value]
                  : chosen.filter((one) => one !== option.value),
              )
            }
          />
          <span dir="auto">{option.label}</span>
        </label>
      ))}
    </div>
  );
}

function Rating({ id, field, value, onChange }: FieldProps): JSX.Element {
  const scale = ratingScale(field);
  const isStars = scale.length <= 5;
  const last = scale[scale.length - 1] ?? 5;
  return (
    <div class={isStars ? "rating stars" : "rating"}>
      {scale.map((step) => (
        <label key={step} data-on={typeof value === "number" && step <= value}>
          <input
            type="radio"
            class="sr-only"
            name={id}
            value={step}
            checked={value === step}
            onChange={() => onChange(step)}
          />
          <span class="sr-only">{STRINGS.rating(step, last)}</span>
          {isStars ? <Icon name="star" /> : <span aria-hidden="true">{step}</span>}
        </label>
      ))}
    </div>
  );
}
