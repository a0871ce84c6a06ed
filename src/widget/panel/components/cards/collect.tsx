import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import type { Card } from "../../card.js";
import { FIELD_PROBLEMS, fill, LANGUAGE, STRINGS } from "../../strings.js";
import type { AnswerProps } from "./parts.js";

type Code = Extract<Card, { type: "collect_otp" }>;
type PhoneNumber = Extract<Card, { type: "collect_phone_number" }>;
type CollectProps<T> = Pick<AnswerProps, "answer"> & { card: T };
type Phones = typeof import("../../phones.js");

export function CodeCard({ card, answer }: CollectProps<Code>): JSX.Element {
  const empty = Array.from({ length: card.length }, () => "");
  const [digits, setDigits] = useState(empty);
  const isWhole = digits.every((digit) => digit !== "");
  return (
    <Collect
      title={card.title ?? STRINGS.code}
      text={card.description}
      problem={isWhole ? undefined : fill(STRINGS.digits, { digits: card.length })}
      onSubmit={() => answer({ values: { otp: digits.join("") } })}
    >
      {(about) => <Boxes {...about} digits={digits} onChange={setDigits} />}
    </Collect>
  );
}

interface About {
  titleId: string;
  /** What describes it, the text and the problem. */
  describedBy: string;
  isInvalid: boolean;
}

/** One digit in each: a group for a screen reader, from left to right in every language. */
function Boxes({
  titleId,
  describedBy,
  isInvalid,
  digits,
  onChange,
}: About & { digits: string[]; onChange: (digits: string[]) => void }): JSX.Element {
  const group = useRef<HTMLDivElement>(null);
  const goTo = (index: number): void => {
    const box = group.current?.children.item(Math.max(0, Math.min(index, digits.length - 1)));
    if (box instanceof HTMLInputElement) {
      box.focus();
      box.select();
    }
  };
  /** Several at once, as they are pasted or filled in by the browser, take the boxes that follow. */
  const put = (index: number, text: string): void => {
    const given = [...readDigits(text)];
    const next = digits.map((digit, place) => given[place - index] ?? digit);
    onChange(next);
    if (given.length > 0) goTo(index + given.length);
  };
  const clear = (index: number): void =>
    onChange(digits.map((digit, place) => (place === index ? "" : digit)));

  const onInput = (index: number, box: HTMLInputElement): void => {
    const typed = readDigits(box.value);
    // Beside the digit that was there the other one is meant.
    const isBeside = typed.length === 2 && digits[index] !== "";
    const text = isBeside ? typed.replace(digits[index] ?? "", "") : typed;
    box.value = digits[index] ?? "";
    if (text === "" && typed === "") clear(index);
    else put(text.length >= digits.length ? 0 : index, text);
  };
  const onKeyDown = (index: number, event: KeyboardEvent): void => {
    const places: Record<string, number> = {
      ArrowLeft: index - 1,
      ArrowRight: index + 1,
      Home: 0,
      End: digits.length - 1,
    };
    const place = places[event.key];
    if (place !== undefined) goTo(place);
    else if (event.key === "Backspace" && digits[index] === "" && index > 0) {
      clear(index - 1);
      goTo(index - 1);
    } else return;
    event.preventDefault();
  };
  return (
    <div
      class="code-boxes"
      role="group"
      dir="ltr"
      ref={group}
      aria-labelledby={titleId}
      aria-describedby={describedBy}
    >
      {digits.map((digit, index) => (
        <input
          // oxlint-disable-next-line react/no-array-index-key -- a place is all that a box is
          key={index}
          class="code"
          inputMode="numeric"
          autocomplete={index === 0 ? "one-time-code" : "off"}
          aria-label={fill(STRINGS.rating, { value: index + 1, last: digits.length })}
          aria-invalid={isInvalid && digit === ""}
          value={digit}
          onFocus={(event) => event.currentTarget.select()}
          onInput={(event) => onInput(index, event.currentTarget)}
          onKeyDown={(event) => onKeyDown(index, event)}
          onPaste={(event) => {
            event.preventDefault();
            const text = event.clipboardData?.getData("text") ?? "";
            put(readDigits(text).length >= digits.length ? 0 : index, text);
          }}
        />
      ))}
    </div>
  );
}

/** The digits of a text, also those of an Arabic or a wide keyboard, as those that codes are made of. */
function readDigits(text: string): string {
  return text
    .normalize("NFKC")
    .replace(/[\u0660-\u0669\u06F0-\u06F9]/g, (sign) => String(sign.charCodeAt(0) & 15))
    .replace(/\D/g, "");
}

export function PhoneNumberCard({ card, answer }: CollectProps<PhoneNumber>): JSX.Element {
  const [text, setText] = useState("");
  const [country, setCountry] = useState(card.default_country ?? homeCountry());
  const phones = usePhones();
  const countries = useMemo(() => phones?.listCountries(LANGUAGE), [phones]);
  const number = phones?.readPhoneNumber(text, country);
  const write = (value: string): void => {
    setText(value);
    // Who writes the country's number has said which it is.
    const named = value.trim().startsWith("+") && phones?.readPhoneNumber(value, country)?.country;
    if (typeof named === "string") setCountry(named);
  };
  return (
    <Collect
      title={card.title ?? STRINGS.phoneNumber}
      text={card.description}
      problem={number === undefined ? FIELD_PROBLEMS.phone : undefined}
      onSubmit={() => answer({ values: { phone_number: number?.e164 ?? "" } })}
    >
      {({ titleId, describedBy, isInvalid }) => (
        <>
          <select
            class="country"
            aria-label={STRINGS.country}
            value={country}
            autocomplete="tel-country-code"
            onChange={(event) => setCountry(event.currentTarget.value)}
          >
            <option value="">{STRINGS.country}</option>
            {countries?.map(({ code, name, dialling }) => (
              <option key={code} value={code}>
                {`${name} (\u2066${dialling}\u2069)`}
              </option>
            ))}
          </select>
          <input
            type="tel"
            autocomplete="tel"
            dir="ltr"
            aria-labelledby={titleId}
            aria-describedby={describedBy}
            aria-invalid={isInvalid}
            value={text}
            onInput={(event) => write(event.currentTarget.value)}
          />
        </>
      )}
    </Collect>
  );
}

/** A download that failed is tried again when the visitor goes on. */
function usePhones(): Phones | undefined {
  const [phones, setPhones] = useState<Phones>();
  useEffect(() => {
    const load = (): void => {
      import("../../phones.js").then(setPhones, () => undefined);
    };
    load();
    window.addEventListener("online", load);
    return () => window.removeEventListener("online", load);
  }, []);
  return phones;
}

/** Where the browser's language is spoken. */
function homeCountry(): string {
  return new Intl.Locale(navigator.language).region ?? "";
}

/** A question and its button: nothing is sent before it fits, and what does not is said when it is tried. */
function Collect({
  title,
  text,
  problem,
  onSubmit,
  children,
}: {
  title: string;
  text: string | undefined;
  problem: string | undefined;
  onSubmit: () => void;
  children: (about: About) => ComponentChildren;
}): JSX.Element {
  const [isTried, setTried] = useState(false);
  const id = useId();
  const isInvalid = isTried && problem !== undefined;
  const form = useRef<HTMLFormElement>(null);
  const submit = (event: Event): void => {
    event.preventDefault();
    if (problem === undefined) return onSubmit();
    setTried(true);
    form.current?.querySelector("input")?.focus();
  };
  return (
    <form class="collect" ref={form} noValidate onSubmit={submit}>
      <strong id={`${id}-title`} dir="auto">
        {title}
      </strong>
      {text !== undefined && (
        <span id={`${id}-text`} class="muted" dir="auto">
          {text}
        </span>
      )}
      <div class="collect-row">
        {children({
          titleId: `${id}-title`,
          describedBy: `${id}-text ${id}-problem`,
          isInvalid,
        })}
        <button type="submit" class="button primary">
          {STRINGS.formSubmit}
        </button>
      </div>
      {isInvalid && (
        <span id={`${id}-problem`} class="problem" role="alert">
          {problem}
        </span>
      )}
    </form>
  );
}
