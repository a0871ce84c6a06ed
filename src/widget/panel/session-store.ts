import {
  isFields,
  readFields,
  readJson,
  readList,
  readNumber,
  readText,
  type Fields,
} from "../../protocol/read.js";
import { readStored, removeStored, storedKeys, writeStored } from "../storage.js";
import type { CardAnswer } from "./transcript.js";

/** The platform keeps words only: what the agent showed is gone after a reload unless it is kept here. */
export interface KeptCard {
  id: string;
  /** As the agent sent it. */
  payload: string;
  /** How many messages stood before it. */
  after: number;
  /** What was chosen; of values only that they were given. */
  answer: CardAnswer | undefined;
}

/** What a visitor's browser remembers of a conversation. */
export interface VisitorSession {
  userId: string;
  conversationId: string;
  visitorToken: string | undefined;
  /** The window that joined last: a room has place for one. */
  owner: string;
  cards: readonly KeptCard[];
  /** Whether the visitor has left it: the next one is another, of the same key. */
  isOver: boolean;
}

/** A message that no agent has heard yet. */
export interface UnheardMessage {
  id: string;
  text: string;
}

/**
 * Guests and each named visitor have a session of their own: naming somebody opens no one else's talk.
 * Nothing is written before the visitor acts.
 */
export class SessionStore {
  readonly #widgetId: string;
  readonly #memory = new Map<string, VisitorSession>();

  constructor(widgetId: string) {
    this.#widgetId = widgetId;
  }

  /** The talk that goes on. What another window wrote counts, so storage is asked first. */
  load(visitor: string | undefined): VisitorSession | undefined {
    const session = this.last(visitor);
    return session?.isOver === false ? session : undefined;
  }

  /** The same, or the one that the visitor left last: the next has its key. */
  last(visitor: string | undefined): VisitorSession | undefined {
    return this.#read(this.#key(visitor));
  }

  /** Whether a page after this one finds here what is remembered. */
  outlives(visitor: string | undefined): boolean {
    return readStored("localStorage", this.#key(visitor)) !== undefined;
  }

  save(visitor: string | undefined, session: VisitorSession): void {
    const [key, text] = [this.#key(visitor), JSON.stringify(session)];
    writeStored("localStorage", key, text);
    // Beside a storage that works, a memory would bring back what another window has forgotten.
    if (readStored("localStorage", key) === text) this.#memory.delete(key);
    else this.#memory.set(key, session);
  }

  /** Another window may have begun another conversation meanwhile: that one goes on. */
  end(visitor: string | undefined, conversationId: string): void {
    const session = this.load(visitor);
    if (session?.conversationId !== conversationId) return;
    this.save(visitor, { ...session, cards: [], isOver: true });
  }

  /** As `end`, where it is another visitor's now, or nobody's. */
  forget(visitor: string | undefined, conversationId: string): void {
    if (this.load(visitor)?.conversationId !== conversationId) return;
    this.#memory.delete(this.#key(visitor));
    removeStored("localStorage", this.#key(visitor));
  }

  /**
   * Forgets everybody: who leaves a shared browser may not be named any more when the panel hears of it.
   *
   * @returns the visitor tokens that are forgotten.
   */
  forgetAll(): string[] {
    const guest = this.#key(undefined);
    return this.#remove((key) => key === guest || key.startsWith(`${guest}-`));
  }

  /**
   * Of everybody who has another name: they have left.
   *
   * @returns the visitor tokens that are forgotten.
   */
  forgetOthers(visitor: string): string[] {
    const { owner } = this.#unheard();
    if (owner !== undefined && owner !== visitor) this.saveUnheard(visitor, []);
    const [others, own] = [`${this.#key(undefined)}-`, this.#key(visitor)];
    return this.#remove((key) => key.startsWith(others) && key !== own);
  }

  /** This tab's messages, of this page or the one before. What a guest wrote goes on under the name they give. */
  loadUnheard(visitor: string | undefined): UnheardMessage[] {
    const { owner, messages } = this.#unheard();
    return owner === undefined || owner === visitor ? messages : [];
  }

  saveUnheard(visitor: string | undefined, messages: readonly UnheardMessage[]): void {
    const text = JSON.stringify({ visitor, messages });
    if (messages.length === 0) removeStored("sessionStorage", this.#unheardKey);
    else writeStored("sessionStorage", this.#unheardKey, text);
  }

  /** What was begun in this tab, on this page or the one before, by the same visitor or as a guest. */
  loadDraft(visitor: string | undefined): string {
    const { visitor: owner, text } = readFields(
      readJson(readStored("sessionStorage", this.#draftKey) ?? ""),
    );
    return owner === undefined || owner === visitor ? (readText(text) ?? "") : "";
  }

  saveDraft(visitor: string | undefined, text: string): void {
    if (text === "") removeStored("sessionStorage", this.#draftKey);
    else writeStored("sessionStorage", this.#draftKey, JSON.stringify({ visitor, text }));
  }

  #unheard(): { owner: string | undefined; messages: UnheardMessage[] } {
    const stored = readFields(readJson(readStored("sessionStorage", this.#unheardKey) ?? ""));
    const messages = readList(stored["messages"]).filter(isFields).flatMap(readUnheard);
    return { owner: readText(stored["visitor"]), messages };
  }

  #remove(isMeant: (key: string) => boolean): string[] {
    const keys = new Set([...storedKeys("localStorage"), ...this.#memory.keys()]);
    return [...keys].filter(isMeant).flatMap((key) => {
      const token = this.#read(key)?.visitorToken;
      this.#memory.delete(key);
      removeStored("localStorage", key);
      return token === undefined ? [] : [token];
    });
  }

  #read(key: string): VisitorSession | undefined {
    const text = readStored("localStorage", key);
    return (text === undefined ? undefined : parseSession(text)) ?? this.#memory.get(key);
  }

  get #draftKey(): string {
    return `parley-draft-${this.#widgetId}`;
  }

  get #unheardKey(): string {
    return `parley-unheard-${this.#widgetId}`;
  }

  #key(visitor: string | undefined): string {
    const base = `parley-session-${this.#widgetId}`;
    return visitor === undefined ? base : `${base}-${visitor}`;
  }
}

export function parseSession(text: string): VisitorSession | undefined {
  const value = readJson(text);
  if (!isFields(value)) return undefined;
  const userId = readText(value["userId"]);
  const conversationId = readText(value["conversationId"]);
  if (userId === undefined || conversationId === undefined) return undefined;
  return {
    userId,
    conversationId,
    visitorToken: readText(value["visitorToken"]),
    owner: readText(value["owner"]) ?? "",
    cards: readList(value["cards"]).filter(isFields).flatMap(readCard),
    isOver: value["isOver"] === true,
  };
}

function readUnheard(raw: Fields): UnheardMessage[] {
  const [id, text] = [readText(raw["id"]), readText(raw["text"])];
  return id === undefined || text === undefined ? [] : [{ id, text }];
}

function readCard(raw: Fields): KeptCard[] {
  const [id, payload] = [readText(raw["id"]), readText(raw["payload"])];
  if (id === undefined || payload === undefined) return [];
  return [{ id, payload, after: readNumber(raw["after"], 0), answer: readAnswer(raw["answer"]) }];
}

function readAnswer(value: unknown): CardAnswer | undefined {
  const { action, dismissed, values } = readFields(value);
  if (typeof action === "string") return { action };
  if (dismissed === true) return { dismissed };
  return isFields(values) ? { values: {} } : undefined;
}
