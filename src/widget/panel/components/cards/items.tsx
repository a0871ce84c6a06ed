import type { ComponentChildren, JSX } from "preact";
import type { Card, CardThing } from "../../card.js";
import { Actions, Picture, Title, type AnswerProps } from "./parts.js";

type Detail = Extract<Card, { type: "detail" }>;
type ItemList = Extract<Card, { type: "carousel" | "list" }>;

/** One thing, with its facts. */
export function DetailCard({ card, ...props }: AnswerProps & { card: Detail }): JSX.Element {
  return (
    <div class="detail">
      <Item item={card} {...props}>
        {card.fields.length > 0 && (
          <dl>
            {card.fields.map((fact, index) => (
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
}

/** Several things, below or beside each other. */
export function ItemListCard({ card, ...props }: AnswerProps & { card: ItemList }): JSX.Element {
  return (
    <>
      <Title text={card.title} />
      <ul class={card.type} tabIndex={card.type === "carousel" ? 0 : undefined}>
        {card.items.map((item, index) => (
          <li key={index}>
            <Item item={item} {...props} />
          </li>
        ))}
      </ul>
    </>
  );
}

function Item({
  item,
  children,
  ...props
}: AnswerProps & { item: CardThing; children?: ComponentChildren }): JSX.Element {
  return (
    <article class="item">
      <Picture url={item.image_url} />
      <div class="item-body">
        <h3 dir="auto">{item.title}</h3>
        {item.subtitle !== undefined && (
          <p class="muted" dir="auto">
            {item.subtitle}
          </p>
        )}
        {item.description !== undefined && <p dir="auto">{item.description}</p>}
        {children}
        {item.actions.length > 0 && <Actions actions={item.actions} {...props} />}
      </div>
    </article>
  );
}
