import type { JSX } from "preact";
import type { Card } from "../../card.js";
import { Icon } from "../icon.js";
import { Title } from "./parts.js";

/** Told apart without their colours too. */
const ICONS = { info: "info", success: "check", warning: "alert", error: "failed" } as const;

export function InfoCard({ card }: { card: Extract<Card, { type: "info" }> }): JSX.Element {
  return (
    <div class={`info ${card.tone}`}>
      <Icon name={ICONS[card.tone]} />
      <div>
        <Title text={card.title} />
        {card.text !== undefined && <p dir="auto">{card.text}</p>}
      </div>
    </div>
  );
}
