import type { JSX } from "preact";
import type { Card } from "../../card.js";
import { Icon } from "../icon.js";
import { Title } from "./parts.js";

export function InfoCard({ card }: { card: Extract<Card, { type: "info" }> }): JSX.Element {
  return (
    <div class={`info ${card.tone}`}>
      <Icon name={card.tone === "success" ? "check" : card.tone === "info" ? "info" : "alert"} />
      <div>
        <Title text={card.title} />
        {card.text !== undefined && <p dir="auto">{card.text}</p>}
      </div>
    </div>
  );
}
