import type { JSX } from "preact";
import type { Card } from "../../card.js";
import { STRINGS } from "../../strings.js";
import { Icon } from "../icon.js";
import { Title } from "./parts.js";

type Order = Extract<Card, { type: "order_tracker" }>;

export function OrderTrackerCard({ card }: { card: Order }): JSX.Element {
  // The eye sees a tick, a core or an empty ring; of the step that is current `aria-current` tells.
  const states = { done: STRINGS.stepDone, current: undefined, pending: STRINGS.stepPending };
  return (
    <>
      <Title text={titleOrder(card)} />
      <p class="muted" dir="auto">
        {[card.status, card.eta && `${STRINGS.expected} ${card.eta}`].filter(Boolean).join(" · ")}
      </p>
      <ol class="steps">
        {card.steps.map((step, index) => (
          <li
            key={index}
            data-state={step.state}
            aria-current={step.state === "current" ? "step" : undefined}
          >
            {step.state === "done" && <Icon name="check" />}
            <span dir="auto">{step.label}</span>
            {states[step.state] && <span class="sr-only"> ({states[step.state]})</span>}
            {step.at !== undefined && <small>{step.at}</small>}
          </li>
        ))}
      </ol>
    </>
  );
}

export function titleOrder({ title, order_id }: Order): string {
  return title ?? `${STRINGS.order} ${order_id ?? ""}`.trim();
}
