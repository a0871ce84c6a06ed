import type { JSX } from "preact";
import { ratingScale, type FormField } from "../../form.js";
import { explainField } from "../../explain-field.js";
import { STRINGS } from "../../strings.js";
import { Icon } from "../icon.js";
import { Control, type ControlProps } from "./control.js";
import { Choices, Rating } from "./groups.js";

interface FieldProps extends ControlProps {
  index: number;
}

/** A field of a form: its label, what it is filled in with, and what is wrong with that. */
export function Field({ field: asked, ...others }: FieldProps): JSX.Element {
  const props = { ...others, field: asNumber(asked) };
  const { id, index, field, problem, value } = props;
  const message = problem !== undefined && (
    <span class="problem" id={`${id}-problem`}>
      <Icon name="alert" />
      <span>{explainField(asked, problem, value)}</span>
    </span>
  );
  const isGroup = field.type === "multiselect" || field.type === "rating";
  if (isGroup) {
    return (
      <fieldset class="field" data-field={index} aria-describedby={problem && `${id}-problem`}>
        <legend dir="auto">
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
