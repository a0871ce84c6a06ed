import type { JSX } from "preact";
import type { Card, Show } from "../card.js";
import { STRINGS } from "../strings.js";
import { readLanguage } from "../text-language.js";
import type { Talk } from "../talk.js";
import type { CardAnswer, CardEntry } from "../transcript.js";
import { CodeCard, PhoneNumberCard } from "./cards/collect.js";
import { ComparisonCard } from "./cards/comparison.js";
import { InfoCard } from "./cards/info.js";
import { DetailCard, ItemListCard } from "./cards/items.js";
import { OrderTrackerCard, titleOrder } from "./cards/order-tracker.js";
import { Actions, Title, type AnswerProps } from "./cards/parts.js";
import { Form } from "./form.js";
import { Icon } from "./icon.js";

/** What the agent showed, and the one answer that it takes. */
export function CardView({ entry, talk }: { entry: CardEntry; talk: Talk }): JSX.Element {
  const { show } = entry;
  const state = entry.state.value;
  const given = entry.answer.value;
  const answer = (value: CardAnswer): void => {
    if (state === "open" || state === "failed") void talk.answer(entry, value);
  };
  const isLocked = state === "sending" || state === "answered";
  return (
    <section
      class="card"
      role="group"
      dir={readLanguage(announceCard(show)).dir}
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
      ) : isLocked && given !== undefined && "values" in given ? (
        // What was given is sent: there is nothing left to do.
        <h2 dir="auto">{announceCard(show)}</h2>
      ) : (
        <fieldset class="bare" disabled={isLocked}>
          <CardBody card={show.card} answer={answer} given={given} />
        </fieldset>
      )}
      {isLocked && given !== undefined && (show.kind === "form" || "values" in given) && (
        <p class="card-state" data-dismissed={"dismissed" in given}>
          {!("dismissed" in given) && <Icon name="check" />}
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
      return card.title;
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
      return card.title ?? card.items.map(({ name }) => name).join(", ");
  }
}

function titleOf(show: Show): string | undefined {
  return show.kind === "form" ? show.form.title : undefined;
}

function CardBody({ card, ...props }: AnswerProps & { card: Card }): JSX.Element {
  switch (card.type) {
    case "detail":
      return <DetailCard card={card} {...props} />;
    case "carousel":
    case "list":
      return <ItemListCard card={card} {...props} />;
    case "info":
      return <InfoCard card={card} />;
    case "action_grid":
      return (
        <>
          <Title text={card.title} />
          <Actions class="grid" actions={card.actions} {...props} />
        </>
      );
    case "collect_otp":
      return <CodeCard card={card} answer={props.answer} />;
    case "collect_phone_number":
      return <PhoneNumberCard card={card} answer={props.answer} />;
    case "order_tracker":
      return <OrderTrackerCard card={card} />;
    case "comparison":
      return <ComparisonCard card={card} />;
  }
}
