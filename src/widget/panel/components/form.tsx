import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { useId, useRef } from "preact/hooks";
import {
  cleanValues,
  findProblems,
  type FieldProblem,
  type FieldValue,
  type FormDefinition,
  type FormValues,
} from "../form.js";
import { Field } from "./fields/field.js";

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
