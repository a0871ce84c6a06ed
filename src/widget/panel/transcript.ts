import { signal, type Signal } from "@preact/signals";
import type { Show } from "./card.js";
import type { Answer } from "../../protocol/room-words.js";
import type { FormValues } from "./form.js";
import { randomId } from "./random-id.js";
import type { PastMessage } from "./runtime-api.js";

export type Role = "user" | "agent";
/** "cut": whoever said it is gone, and what was begun may be said anew in its place. */
export type MessageState = "sending" | "streaming" | "cut" | "done" | "failed";

export interface MessageEntry {
  kind: "message";
  id: string;
  role: Role;
  mode: "text" | "voice";
  /** When it began, in milliseconds since 1970; undefined: nobody knows. */
  at: number | undefined;
  /** Signals of their own: while words arrive only their message is drawn again. */
  text: Signal<string>;
  state: Signal<MessageState>;
}

export type CardAnswer = Answer<FormValues>;

export interface CardEntry {
  kind: "card";
  id: string;
  show: Show;
  answer: Signal<CardAnswer | undefined>;
  /** Whether the agent has the answer. */
  state: Signal<"open" | "sending" | "answered" | "failed">;
}

export interface PastCard {
  show: Show;
  /** How many messages stand before it. */
  after: number;
  answer: CardAnswer | undefined;
}

interface NoteEntry {
  kind: "note";
  id: string;
  text: string;
}

export type Entry = MessageEntry | CardEntry | NoteEntry;

type Plain<E> = { [K in keyof E]: E[K] extends Signal<infer V> ? V : E[K] };
/** An entry as another window can be told of it. */
export type PlainEntry = Plain<MessageEntry> | Plain<CardEntry> | NoteEntry;

export interface Caption {
  segment: string;
  role: Role;
  text: string;
  isFinal: boolean;
  isCut?: boolean;
  mode: "text" | "voice";
}

/** The ids of what earlier visits left begin with this. */
export const PAST = "past-";

/** One list for written and spoken words, in the order in which they began. */
export class Transcript {
  readonly entries = signal<readonly Entry[]>([]);
  #lastId = 0;

  say(text: string, id = randomId()): MessageEntry {
    return this.#addMessage(id, "user", "text", text, "sending");
  }

  get messageCount(): number {
    return this.entries.value.filter((entry) => entry.kind === "message").length;
  }

  /** @returns which of these messages of the visitor's are not there yet, be it from an earlier visit */
  lacking<M extends Pick<MessageEntry, "id"> & { text: string }>(messages: readonly M[]): M[] {
    const known = new Set(this.entries.value.map(({ id }) => id));
    const past = this.entries.value.flatMap((entry) =>
      entry.kind === "message" && entry.role === "user" && entry.id.startsWith(PAST)
        ? [entry.text.value]
        : [],
    );
    // Not everything that the platform has was sent under an id.
    const last = past.slice(-messages.length);
    return messages.filter(
      ({ id, text }) => !known.has(id) && !known.has(PAST + id) && !last.includes(text),
    );
  }

  /** What was kept of earlier visits, before everything of this one. */
  restore(messages: readonly PastMessage[], cards: readonly PastCard[] = []): void {
    const restored: Entry[] = messages.map(({ id = `${++this.#lastId}`, ...said }) =>
      message({ ...said, at: said.at, id: PAST + id, state: "done" }),
    );
    const known = new Set(messages.map(({ id }) => id));
    // From the end, so that each place still counts messages only.
    // oxlint-disable-next-line unicorn/no-array-reverse -- the oldest browsers that we build for have no `toReversed`
    for (const { show, after, answer } of [...cards].reverse()) {
      if (this.#has(show)) continue;
      restored.splice(Math.min(after, messages.length), 0, card(show, answer));
    }
    const others = this.entries.value.filter(({ id }) => !known.has(id));
    this.entries.value = [...restored, ...others];
  }

  /**
   * Captions come as a growing text of one segment; a repeated or late one changes its own entry only.
   * What was cut off begins anew when its segment does.
   *
   * @returns the entry when this caption completed it.
   */
  hear({ segment, role, text, isFinal, isCut = false, mode }: Caption): MessageEntry | undefined {
    const id = `${role}-${segment}`;
    const state = isCut ? "cut" : isFinal ? "done" : "streaming";
    const known = this.entries.value.find((entry) => entry.id === id);
    if (known?.kind !== "message") {
      if (text.trim() === "") return undefined;
      const added = this.#addMessage(id, role, mode, text, state);
      return state === "done" ? added : undefined;
    }
    const wasDone = known.state.value === "done";
    if (wasDone && state !== "done") return undefined;
    if (text !== "") known.text.value = text;
    known.state.value = state;
    return wasDone || state !== "done" ? undefined : known;
  }

  /** The same card may be shown again to a panel that joined late: it stays the one it is. */
  show(show: Show): CardEntry | undefined {
    if (this.#has(show)) return undefined;
    const entry = card(show, undefined);
    this.entries.value = [...this.entries.value, entry];
    return entry;
  }

  note(text: string): void {
    const id = `note-${++this.#lastId}`;
    this.entries.value = [...this.entries.value, { kind: "note", id, text }];
  }

  /**
   * Becomes what another window shows. Of what was written here, what is not there yet stays at the end.
   *
   * @returns what came by that: cards, and messages that are whole.
   */
  follow(
    order: readonly string[],
    changed: readonly PlainEntry[],
    own: readonly MessageEntry[],
  ): (MessageEntry | CardEntry)[] {
    const known = new Map(this.entries.value.map((entry) => [entry.id, entry]));
    const news: (MessageEntry | CardEntry)[] = [];
    for (const plain of changed) {
      const before = known.get(plain.id);
      const wasThere = before !== undefined && isWhole(plainOf(before));
      const entry = update(before, plain);
      known.set(plain.id, entry);
      if (!wasThere && isWhole(plain) && entry.kind !== "note") news.push(entry);
    }
    const shown = order.flatMap((id) => known.get(id) ?? []);
    const entries = [...shown, ...own.filter(({ id }) => !order.includes(id))];
    const { value: now } = this.entries;
    const isSame = entries.length === now.length && entries.every((one, i) => one === now[i]);
    if (!isSame) this.entries.value = entries;
    return news;
  }

  /** What could not be sent. */
  get failed(): MessageEntry[] {
    const messages = this.entries.value.filter((entry) => entry.kind === "message");
    return messages.filter(({ state }) => state.value === "failed");
  }

  /** Ends what is still open: whoever began it is gone. */
  settle(): void {
    for (const entry of this.entries.value) {
      if (entry.kind === "message" && entry.state.value === "streaming") entry.state.value = "cut";
    }
  }

  clear(except: readonly Entry[] = []): void {
    this.entries.value = this.entries.value.filter((entry) => except.includes(entry));
  }

  #has(show: Show): boolean {
    return this.entries.value.some((entry) => entry.id === cardId(show));
  }

  #addMessage(
    id: string,
    role: Role,
    mode: "text" | "voice",
    text: string,
    state: MessageState,
  ): MessageEntry {
    const entry = message({ id, role, mode, text, state, at: Date.now() });
    this.entries.value = [...this.entries.value, entry];
    return entry;
  }
}

export function plainOf(entry: Entry): PlainEntry {
  if (entry.kind === "note") return entry;
  const state = entry.state.value;
  if (entry.kind === "message") return { ...entry, text: entry.text.value, state } as PlainEntry;
  const answer = entry.answer.value;
  // What was typed into it is nobody else's.
  const told = answer !== undefined && "values" in answer ? { values: {} } : answer;
  return { ...entry, answer: told, state } as PlainEntry;
}

/** Whether all of it is there that pages and visitors are told of; earlier visits are no news. */
function isWhole(entry: PlainEntry): boolean {
  if (entry.kind !== "message") return true;
  if (entry.id.startsWith(PAST)) return false;
  // What is written comes at once, whoever has heard it.
  return entry.state === "done" || (entry.role === "user" && entry.mode === "text");
}

function update(known: Entry | undefined, plain: PlainEntry): Entry {
  switch (plain.kind) {
    case "note":
      return known ?? plain;
    case "message": {
      if (known?.kind !== "message") return message(plain);
      known.text.value = plain.text;
      known.state.value = plain.state;
      return known;
    }
    case "card": {
      const entry = known?.kind === "card" ? known : card(plain.show, plain.answer);
      entry.answer.value = plain.answer;
      entry.state.value = plain.state;
      return entry;
    }
  }
}

function cardId(show: Show): string {
  return `card-${show.id}`;
}

function card(show: Show, answer: CardAnswer | undefined): CardEntry {
  const state = answer === undefined ? "open" : "answered";
  return { kind: "card", id: cardId(show), show, answer: signal(answer), state: signal(state) };
}

function message({
  text,
  state,
  ...fixed
}: Pick<MessageEntry, "id" | "role" | "mode" | "at"> & {
  text: string;
  state: MessageState;
}): MessageEntry {
  return { ...fixed, kind: "message", text: signal(text), state: signal(state) };
}
