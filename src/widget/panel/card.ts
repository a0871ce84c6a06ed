import type { CardFields, CardType } from "../../protocol/cards.js";
import { CARD_TONES, STEP_STATES } from "../../protocol/choices.js";
import { CODE_DIGITS } from "../../protocol/limits.js";
import { isFields, readFields, readJson, readList, readText } from "../../protocol/read.js";
import type { Fields, Known } from "../../protocol/read.js";
import { readForm, type FormDefinition } from "./form.js";
import { safeLink } from "./link-address.js";

/** What the agent asks the panel to show, read leniently: agents make mistakes. */
export type Show =
  | { id: string; kind: "form"; form: FormDefinition }
  | { id: string; kind: "card"; card: Card };

/** A card as it is shown: its fields have the names that they have for the agent. */
export type Card = { [T in CardType]: { type: T } & Read<(typeof CARDS)[T]> }[CardType];
export type CardThing = Read<typeof THING>;
export type CardAction = ReturnType<typeof readActions>[number];

/** Reads a field from its value and, where it is missing, from what a model may have written in its place. */
type Reader = (value: unknown, beside: Fields) => unknown;
/** One for each field that the protocol has: a new one, or a name that is wrong, does not compile. */
type Readers<T> = { readonly [K in keyof Known<T>]-?: Reader };
/** A reader gives null for what a card cannot be without. */
type Read<R> = { [K in keyof R]: R[K] extends Reader ? Exclude<ReturnType<R[K]>, null> : never };
type Item = CardFields["list"]["items"][number];
type Of<T> = NonNullable<T> extends readonly (infer Each)[] ? Each : never;

/** The agent may give it, and nothing is done with it here. */
const unused = (): undefined => undefined;

const ACTION = {
  id: readText,
  label: show,
  url: (value) => safeLink(readText(value) ?? ""),
} satisfies Readers<Of<Item["actions"]>>;

const THING = {
  title: (value: unknown, { name }: Fields) => show(value) ?? show(name) ?? "",
  subtitle: show,
  description: readDescription,
  image_url: readImage,
  actions: readActions,
};

const ITEM = { ...THING, id: unused } satisfies Readers<Item>;

const FACT = { label: showAny, value: showAny } satisfies Readers<
  Of<CardFields["detail"]["fields"]>
>;

const STEP = {
  label: showAny,
  state: (value) => STEP_STATES.find((known) => known === value) ?? "pending",
  at: show,
} satisfies Readers<Of<CardFields["order_tracker"]["steps"]>>;

const COLUMN = {
  name: (value, { title }) => show(value) ?? show(title) ?? "",
  image_url: readImage,
} satisfies Readers<Of<CardFields["comparison"]["items"]>>;

const ROW = {
  label: showAny,
  values: (value) => readList(value).map(showAny),
} satisfies Readers<Of<CardFields["comparison"]["rows"]>>;

const ITEMS = { title: show, items: (value) => needed(readEach(ITEM, value)) } satisfies Readers<
  CardFields["list"]
>;

const CARDS = {
  detail: {
    ...THING,
    fields: (value) =>
      readEach(FACT, value).filter((fact) => fact.label !== "" || fact.value !== ""),
  },
  carousel: ITEMS,
  list: ITEMS,
  info: {
    title: show,
    text: (value, { description }) => show(value) ?? show(description),
    tone: (value) => CARD_TONES.find((known) => known === value) ?? CARD_TONES[0],
  },
  action_grid: { title: show, actions: (value) => needed(readActions(value)) },
  collect_otp: {
    title: show,
    description: readDescription,
    length: (value) => {
      const { min, max, default: usual } = CODE_DIGITS;
      const length = Number(value);
      return length >= min && length <= max ? Math.round(length) : usual;
    },
  },
  collect_phone_number: {
    title: show,
    description: readDescription,
    default_country: (value) => show(value)?.toUpperCase(),
  },
  order_tracker: {
    order_id: show,
    title: show,
    status: show,
    eta: show,
    steps: (value) => readEach(STEP, value),
  },
  comparison: {
    title: show,
    items: (value) => needed(readEach(COLUMN, value)),
    rows: (value) => readEach(ROW, value),
  },
} satisfies { [T in CardType]: Readers<CardFields[T]> };

/** @returns undefined when there is nothing that could be shown. */
export function readShow(payload: string): Show | undefined {
  const value = readJson(payload);
  if (!isFields(value)) return undefined;
  const id = readText(value["id"]);
  const data = readFields(value["data"]);
  if (id === undefined) return undefined;
  if (value["kind"] === "form") {
    const form = readForm(data);
    return form && { id, kind: "form", form };
  }
  const card = readCard(readText(value["type"]) ?? "", data);
  return card && { id, kind: "card", card };
}

function readCard(type: string, data: Fields): Card | undefined {
  if (!Object.hasOwn(CARDS, type)) {
    // A type that this panel does not know yet still says what it can.
    const { title, text } = readBy(CARDS.info, data);
    return title === undefined && text === undefined
      ? undefined
      : { type: "info", title, text, tone: "info" };
  }
  const fields = readBy(CARDS[type as CardType], data);
  // Type and fields are of the same entry.
  return Object.values(fields).includes(null) ? undefined : ({ ...fields, type } as Card);
}

function readBy<R extends Readers<object>>(readers: R, raw: Fields): Read<R> {
  const fields = Object.entries<Reader>(readers).map(([key, read]) => [key, read(raw[key], raw)]);
  // One value by each reader.
  return Object.fromEntries(fields) as Read<R>;
}

function readEach<R extends Readers<object>>(readers: R, value: unknown): Read<R>[] {
  return readList(value)
    .filter(isFields)
    .map((raw) => readBy(readers, raw));
}

function needed<T>(list: T[]): T[] | null {
  return list.length > 0 ? list : null;
}

function readActions(value: unknown) {
  return readEach(ACTION, value).flatMap(({ id, label, url }, index) =>
    label === undefined ? [] : [{ id: id ?? String(index), label, url }],
  );
}

/** Only encrypted addresses: an image is loaded without asking the visitor. */
function readImage(value: unknown): string | undefined {
  const href = safeLink(readText(value) ?? "");
  return href?.startsWith("https:") === true ? href : undefined;
}

function readDescription(value: unknown, { text }: Fields): string | undefined {
  return show(value) ?? show(text);
}

/** Models write a number where a text was asked for. */
function show(value: unknown): string | undefined {
  return typeof value === "number" ? String(value) : readText(value);
}

function showAny(value: unknown): string {
  return show(value) ?? "";
}
