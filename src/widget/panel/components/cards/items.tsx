import type { ComponentChildren, JSX } from "preact";
import type { Card, CardThing } from "../../card.js";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { STRINGS } from "../../strings.js";
import { IconButton } from "../icon-button.js";
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
  if (card.type === "carousel") return <Carousel card={card} {...props} />;
  return (
    <>
      <Title text={card.title} />
      <ul class="list">{drawItems(card, props)}</ul>
    </>
  );
}

/** A finger or the wheel moves it; for everybody else there are arrows. */
function Carousel({ card, ...props }: AnswerProps & { card: ItemList }): JSX.Element {
  const row = useRef<HTMLUListElement>(null);
  const [ends, setEnds] = useState({ isFirst: true, isLast: false });
  const look = (): void => {
    if (row.current === null) return;
    const { scrollLeft, scrollWidth, clientWidth } = row.current;
    // From right to left the places are counted below zero.
    const place = Math.abs(scrollLeft);
    setEnds({ isFirst: place < 2, isLast: place + clientWidth > scrollWidth - 2 });
  };
  useLayoutEffect(look, []);
  const go = (step: number): void => {
    if (row.current === null) return;
    const width = row.current.firstElementChild?.getBoundingClientRect().width ?? 0;
    // A card has the direction of its words, not the panel's.
    const sign = getComputedStyle(row.current).direction === "rtl" ? -1 : 1;
    row.current.scrollBy({ left: step * sign * width });
  };
  return (
    <>
      <div class="carousel-head">
        <Title text={card.title} />
        {!(ends.isFirst && ends.isLast) && (
          <>
            <IconButton
              icon="previous"
              label={STRINGS.previous}
              isAtEnd={ends.isFirst}
              onClick={() => go(-1)}
            />
            <IconButton
              icon="next"
              label={STRINGS.next}
              isAtEnd={ends.isLast}
              onClick={() => go(1)}
            />
          </>
        )}
      </div>
      <ul
        class="carousel"
        ref={row}
        tabIndex={0}
        aria-label={card.title ?? card.items.map(({ title }) => title).join(", ")}
        onScroll={look}
      >
        {drawItems(card, props)}
      </ul>
    </>
  );
}

function drawItems({ title, items }: ItemList, props: AnswerProps): JSX.Element[] {
  return items.map((item, index) => (
    <li key={index}>
      <Item item={item} isPart={title !== undefined} {...props} />
    </li>
  ));
}

function Item({
  item,
  isPart = false,
  children,
  ...props
}: AnswerProps & {
  item: CardThing;
  /** Whether the card has a title above. */
  isPart?: boolean;
  children?: ComponentChildren;
}): JSX.Element {
  const Heading = isPart ? "h3" : "h2";
  return (
    <article class="item">
      <Picture url={item.image_url} />
      <div class="item-body">
        <Heading class="item-title" dir="auto">
          {item.title}
        </Heading>
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
