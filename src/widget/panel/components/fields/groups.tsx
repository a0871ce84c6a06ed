import type { JSX } from "preact";
import { ratingScale } from "../../form.js";
import { fill, STRINGS } from "../../strings.js";
import { Icon } from "../icon.js";
import type { ControlProps } from "./control.js";

/** Fields of several elements: their label is the group's. */

export function Choices({ id, field, value, onChange }: ControlProps): JSX.Element {
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

export function Rating({ id, field, value, onChange }: ControlProps): JSX.Element {
  const scale = ratingScale(field);
  const isStars = scale.length <= 5;
  const last = scale[scale.length - 1] ?? 5;
  return (
    <div class={isStars ? "rating stars" : "rating"}>
      {scale.map((step) => (
        <label key={step} data-on={typeof value === "number" && step <= value}>
          <input
            type="radio"
            name={id}
            value={step}
            checked={value === step}
            onChange={() => onChange(step)}
          />
          <span class="sr-only">{fill(STRINGS.rating, { value: step, last })}</span>
          {isStars ? <Icon name="star" /> : <span aria-hidden="true">{step}</span>}
        </label>
      ))}
    </div>
  );
}
