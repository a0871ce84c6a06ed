import type { ComponentChildren, JSX } from "preact";
import { useId, useState } from "preact/hooks";
import type { Card, CardAction, CardItem, Show } from "../card.js";
import { STRINGS } from "../strings.js";
import type { Talk } from "../talk.js";
import type { CardAnswer, CardEntry } from "../transcript.js";
import { Form } from "./form.js";
import { Icon } from "./icon.js";

type Answer = (answer: CardAnswer) => void;

/** What the agent showed, and the one answer that it takes. */
export function CardView({ entry, talk }: { entry: CardEntry; talk: Talk }): JSX.Element {
  const { show } = entry;
  const state = entry.state.value;
  const given = entry.answer.value;
  const answer: Answer = (value) => {
    if (state === "open" || state === "failed") void talk.answer(entry, value);
  };
  const isLocked = state === "sending" || state === "answered";
  return (
    <section
      class="card"
      role="group"
      aria-label={titleOf(show) ?? announceCard(show)}
      data-state={state}
    >
      {show.kind === "form" ? (
        <>
          {show.form.title !== undefined && <h2 dir="auto">{show.form.title}</h2>}
          {!isLocked && (
            <Form
              form={show.form}
              submitLabel={STRINGS.formSubmit}
              onSubmit={(values) => answer({ values })}
              dismiss={{ label: STRINGS.formDismiss, run: () => answer({ dismissed: true }) }}
            />
          )}
        </>
      ) : (
        <fieldset class="bare" disabled={isLocked}>
          <CardBody card={show.card} answer={answer} given={given} />
        </fieldset>
      )}
      {isLocked && given !== undefined && (show.kind === "form" || "values" in given) && (
        <p class="card-state">
          <Icon name="check" />
          {"dismissed" in given ? STRINGS.formDismissed : STRINGS.formSent}
        </p>
      )}
      {state === "failed" && given !== undefined && (
        <p class="card-state failed" role="alert">
          {STRINGS.formFailed}{" "}
          <button type="button" class="link" onClick={() => answer(given)}>
            {STRINGS.retry}
          </button>
        </p>
      )}
    </section>
  );
}

/** In a few words what has come: the agent's sentence before it has already said why. */
export function announceCard(show: Show): string {
  if (show.kind === "form") return show.form.fields.map(({ label }) => label).join(", ");
  const { card } = show;
  switch (card.type) {
    case "detail":
      return card.item.title;
    case "carousel":
    case "list":
      return card.title ?? card.items.map(({ title }) => title).join(", ");
    case "info":
      return [card.title, card.text].filter(Boolean).join(". ");
    case "action_grid":
      return card.title ?? card.actions.map(({ label }) => label).join(", ");
    case "collect_otp":
      return card.title ?? STRINGS.code;
    case "collect_phone_number":
      return card.title ?? STRINGS.phoneNumber;
    case "order_tracker":
      return [titleOrder(card), card.status].filter(Boolean).join(", ");
    case "comparison":
      return card.title ?? card.columns.map(({ name }) => name).join(", ");
  }
}

function titleOf(show: Show): string | undefined {
  return show.kind === "form" ? show.form.title : undefined;
}

function titleOrder({ title, orderId }: Extract<Card, { type: "order_tracker" }>): string {
  return title ?? `${STRINGS.order} ${orderId ?? ""}`.trim();
}

function CardBody({
  card,
  answer,
  given,
}: {
  card: Card;
  answer: Answer;
  given: CardAnswer | undefined;
}): JSX.Element {
  switch (card.type) {
    case "detail":
      return (
        <div class="detail">
          <Item item={card.item} answer={answer} given={given}>
            {card.facts.length > 0 && (
              <dl>
                {card.facts.map((fact, index) => (
                  <div key={index}>
                    <dt dir="auto">{fact.label}</dt>
                    <dd dir="auto">{fact.value}</dd>
                  </div>
                ))}
              </dl>
            )}
          </Item>
        </div>
      );
    case "carousel":
    case "list":
      return (
        <>
          <Title text={card.title} />
          <ul class={card.type} tabIndex={card.type === "carousel" ? 0 : undefined}>
            {card.items.map((item, index) => (
              <li key={index}>
                <Item item={item} answer={answer} given={given} />
              </li>
            ))}
          </ul>
        </>
      );
    case "info":
      return (
        <div class={`info ${card.tone}`}>
          <Icon
            name={card.tone === "success" ? "check" : card.tone === "info" ? "info" : "alert"}
          />
          <div>
            <Title text={card.title} />
            {card.text !== undefined && <p dir="auto">{card.text}</p>}
          </div>
        </div>
      );
    case "action_grid":
      return (
        <>
          <Title text={card.title} />
          <Actions class="grid" actions={card.actions} answer={answer} given={given} />
        </>
      );
    case "collect_otp":
      return (
        <Collect
          title={card.title ?? STRINGS.code}
          text={card.text}
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
    case "collect_phone_number":
      return (
        <Collect
          title={card.title ?? STRINGS.phoneNumber}
          text={card.text}
          input={{ type: "tel", autocomplete: "tel" }}
          accepts={(value) => /^\+?[\d\s().-]{5,24}$/.test(value)}
          onSubmit={(phone_number) => answer({ values: { phone_number } })}
        />
      );
    case "order_tracker":
      return (
        <>
          <Title text={titleOrder(card)} />
          <p class="muted" dir="auto">
            {[card.status, card.eta && `${STRINGS.expected} ${card.eta}`]
              .filter(Boolean)
              .join(" · ")}
          </p>
          <ol class="steps">
            {card.steps.map((step, index) => (
              <li
                key={index}
                data-state={step.state}
                aria-current={step.state === "current" ? "step" : undefined}
              >
                <span dir="auto">{step.label}</span>
                {step.at !== undefined && <small>{step.at}</small>}
              </li>
            ))}
          </ol>
        </>
      );
    case "comparison":
      return (
        <>
          <Title text={card.title} />
          <div class="table" tabIndex={0} role="group">
            <table>
              <thead>
                <tr>
                  <td />
                  {card.columns.map((column, index) => (
                    <th key={index} scope="col">
                      <Picture url={column.image} />
                      {column.name}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {card.rows.map((row, index) => (
                  <tr key={index}>
                    <th scope="row">{row.label}</th>
                    {card.columns.map((_, column) => (
                      <td key={column}>{row.values[column] ?? ""}</td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      );
  }
}

function Title({ text }: { text: string | undefined }): JSX.Element | null {
  return text === undefined ? null : <h2 dir="auto">{text}</h2>;
}

function Picture({ url }: { url: string | undefined }): JSX.Element | null {
  const [isBroken, setBroken] = useState(false);
  if (url === undefined || isBroken) return null;
  return (
    <img
      src={url}
      alt=""
      loading="lazy"
      referrerpolicy="no-referrer"
      onError={() => setBroken(true)}
    />
  );
}

function Item({
  item,
  answer,
  given,
  children,
}: {
  item: CardItem;
  answer: Answer;
  given: CardAnswer | undefined;
  children?: ComponentChildren;
}): JSX.Element {
  return (
    <article class="item">
      <Picture url={item.image} />
      <div class="item-body">
        <h3 dir="auto">{item.title}</h3>
        {item.subtitle !== undefined && (
          <p class="muted" dir="auto">
            {item.subtitle}
          </p>
        )}
        {item.text !== undefined && <p dir="auto">{item.text}</p>}
        {children}
        {item.actions.length > 0 && (
          <Actions actions={item.actions} answer={answer} given={given} />
        )}
      </div>
    </article>
  );
}

function Actions({
  actions,
  answer,
  given,
  class: className = "",
}: {
  actions: CardAction[];
  answer: Answer;
  given: CardAnswer | undefined;
  class?: string;
}): JSX.Element {
  return (
    <div class={`actions ${className}`}>
      {actions.map((action) => {
        const isChosen = given !== undefined && "action" in given && given.action === action.id;
        const choose = (): void => answer({ action: action.id });
        return action.href === undefined ? (
          <button
            key={action.id}
            type="button"
            class="button"
            aria-pressed={isChosen}
            onClick={choose}
          >
            {action.label}
          </button>
        ) : (
          <a
            key={action.id}
            class="button"
            href={action.href}
            target="_blank"
            rel="noopener noreferrer nofollow"
            onClick={choose}
          >
            {action.label}
            <Icon name="external" />
            <span class="sr-only"> {STRINGS.newWindow}</span>
          </a>
        );
      })}
    </div>
  );
}

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
