import type { JSX } from "preact";
import { useId, useState } from "preact/hooks";
import type { Card } from "../../card.js";
import { STRINGS } from "../../strings.js";
import type { AnswerProps } from "./parts.js";

type Code = Extract<Card, { type: "collect_otp" }>;
type PhoneNumber = Extract<Card, { type: "collect_phone_number" }>;
type CollectProps<T> = Pick<AnswerProps, "answer"> & { card: T };

export function CodeCard({ card, answer }: CollectProps<Code>): JSX.Element {
  return (
    <Collect
      title={card.title ?? STRINGS.code}
      text={card.description}
      input={{
        inputMode: "numeric",
        autocomplete: "one-time-code",
        maxLength: card.length,
        class: "code",
      }}
      accepts={(value) => new RegExp(`^\\d{${card.length}}$`).test(value)}
      onSubmit={(otp) => answer({ values: { otp } })}
    />
  );
}

export function PhoneNumberCard({ card, answer }: CollectProps<PhoneNumber>): JSX.Element {
  return (
    <Collect
      title={card.title ?? STRINGS.phoneNumber}
      text={card.description}
      input={{ type: "tel", autocomplete: "tel" }}
      accepts={(value) => /^\+?[\d\s().-]{5,24}$/.test(value)}
      onSubmit={(phone_number) => answer({ values: { phone_number } })}
    />
  );
}

/** One field and its button: nothing is sent before it fits. */
function Collect({
  title,
  text,
  input,
  accepts,
  onSubmit,
}: {
  title: string;
  text: string | undefined;
  input: JSX.IntrinsicElements["input"];
  accepts: (value: string) => boolean;
  onSubmit: (value: string) => void;
}): JSX.Element {
  const [value, setValue] = useState("");
  const id = useId();
  const submit = (event: Event): void => {
    event.preventDefault();
    if (accepts(value.trim())) onSubmit(value.trim());
  };
  return (
    <form class="collect" onSubmit={submit}>
      <label for={id}>
        <strong dir="auto">{title}</strong>
        {text !== undefined && (
          <span class="muted" dir="auto">
            {text}
          </span>
        )}
      </label>
      <div>
        <input
          {...input}
          id={id}
          dir="ltr"
          value={value}
          onInput={(event) => setValue(event.currentTarget.value)}
        />
        <button type="submit" class="button primary" disabled={!accepts(value.trim())}>
          {STRINGS.formSubmit}
        </button>
      </div>
    </form>
  );
}
