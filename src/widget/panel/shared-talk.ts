import { computed, effect, signal } from "@preact/signals";
import type { AgentPresence } from "./agent-presence.js";
import type { Call } from "./call.js";
import type { Connection, Phase } from "./connection.js";
import type { Conversation } from "./conversation.js";
import type { Outbox } from "./outbox.js";
import type { Past } from "./past.js";
import type { Shown } from "./shown.js";
import { Tabs, type Wish } from "./tabs.js";
import {
  plainOf,
  type CardAnswer,
  type CardEntry,
  type MessageEntry,
  type Transcript,
} from "./transcript.js";
import type { Unread } from "./unread.js";

export interface SharedTalkOptions {
  agent: AgentPresence;
  call: Call;
  connection: Connection;
  conversation: Conversation;
  outbox: Outbox;
  past: Past;
  transcript: Transcript;
  unread: Unread;
  /** That the visitor's windows have in common; undefined: they share nothing. */
  channel: string | undefined;
  send: (entry: MessageEntry) => void;
  answer: (entry: CardEntry, answer: CardAnswer) => void;
  /** A message came whole from another window. */
  came: (message: MessageEntry) => void;
  /** Whoever was here has left, or is not the one who is. */
  forget: () => void;
}

/** A window that leads may be frozen: what it was asked to say, or to answer, is said here after this. */
const WISH_MS = 3000;

/** One talk in all windows of a visitor: this one shows it to the others, or shows what another one does. */
export class SharedTalk {
  readonly tabs: Tabs;
  readonly isCallElsewhere = computed(() => this.tabs.isFollowing.value && this.#isInCall.value);
  readonly #isInCall = signal(false);
  readonly #options: SharedTalkOptions;
  /** By entry: what the others were shown of it. */
  readonly #told = new Map<string, string>();
  #order: readonly string[] = [];
  /** Of the window that leads. */
  #phaseThere: Phase = "idle";
  #isShowing = false;

  constructor(options: SharedTalkOptions) {
    this.#options = options;
    this.tabs = new Tabs(options.channel, {
      visitor: () => options.conversation.visitor,
      shown: (shown, isNew) => this.#follow(shown, isNew),
      asked: () => this.#showAll(),
      wished: (wish) => this.#grant(wish),
      seen: () => options.unread.clear(),
      orphaned: () => this.#takeOver(),
      yielded: () => options.connection.leave(),
      person: (userId, conversationId) => this.#meet(userId, conversationId),
    });
  }

  /** @param userId that the page named: windows of somebody else have had their time */
  join(userId: string | undefined): void {
    this.tabs.join();
    if (userId !== undefined) this.tabs.name(userId);
    this.#options.unread.look();
    if (this.#options.channel === undefined) return;
    effect(() => {
      this.#look();
      if (this.#isShowing || !this.tabs.isLeading) return;
      // What changes together is told together.
      this.#isShowing = true;
      queueMicrotask(() => this.#show());
    });
  }

  /** The page has named the visitor. @param isSameTalk what is here goes on under this name */
  tell(userId: string, isSameTalk: boolean): void {
    const { id = "" } = this.#options.conversation;
    this.tabs.name(userId, isSameTalk ? id : undefined);
  }

  /** @returns whether a talk begins here, or goes on: in another window it does not, as long as none has begun there. */
  async mayStart(): Promise<boolean> {
    const { connection, conversation } = this.#options;
    if (await this.tabs.lead()) return true;
    if (this.#isIdleThere && !conversation.isOpen.value) {
      this.lead();
      return true;
    }
    connection.follow(this.#phaseThere);
    return false;
  }

  /** @returns whether another window says it, or this one if that does not. */
  say(entry: MessageEntry): boolean {
    const { tabs } = this;
    if (!tabs.isFollowing.value) return false;
    const { id, text } = entry;
    // Before a talk there is something to agree to or to fill in, and what was refused may want it again: that is done
    // in the window that the visitor looks at.
    const isOpen = this.#options.conversation.isOpen.value;
    if (this.#isIdleThere && (!isOpen || this.#order.includes(id))) {
      this.lead();
      return false;
    }
    tabs.wish({ type: "say", id, text: text.value });
    setTimeout(() => {
      if (tabs.isFollowing.value && !this.#order.includes(id)) tabs.giveUp();
    }, WISH_MS);
    return true;
  }

  /** @returns whether another window answers, or this one if that does not. */
  answer(id: string, answer: CardAnswer): boolean {
    const { tabs } = this;
    if (!tabs.isFollowing.value) return false;
    const { connection, transcript } = this.#options;
    const wish = { type: "answer", id, answer } as const;
    tabs.wish(wish);
    setTimeout(() => {
      const card = transcript.entries.value.find((entry) => entry.id === id);
      if (!tabs.isFollowing.value || card?.kind !== "card" || card.state.value !== "open") return;
      tabs.giveUp();
      // Its card may be drawn anew by then, as it was kept.
      connection.connect().then(
        () => this.#grant(wish),
        () => undefined,
      );
    }, WISH_MS);
    return true;
  }

  /** What the visitor wants in a window that follows this one. */
  #grant(wish: Wish): void {
    const { answer, came, connection, send, transcript } = this.#options;
    if (connection.phase.value === "ended") return;
    const known = transcript.entries.value.find(({ id }) => id === wish.id);
    if (wish.type === "answer") {
      if (known?.kind === "card") answer(known, wish.answer);
    } else if (known === undefined) {
      const entry = transcript.say(wish.text, wish.id);
      came(entry);
      send(entry);
    } else if (known.kind === "message" && known.state.value === "failed") {
      known.state.value = "sending";
      send(known);
    }
  }

  /** Another page of the website says who is there. */
  #meet(userId: string | undefined, conversationId: string | undefined): void {
    const { conversation, forget } = this.#options;
    const { visitor } = conversation;
    if (userId === visitor && userId !== undefined) return;
    if (userId === undefined || visitor !== undefined) return forget();
    // A guest who gives a name in one window goes on with the same talk in all.
    const isShared = this.tabs.isFollowing.value || this.tabs.isLeading;
    if (!isShared || (conversation.id ?? "") !== conversationId) return;
    conversation.identify({ userId, metadata: {} });
    conversation.takeUp();
    if (this.tabs.isLeading) this.#showAll();
    else this.tabs.look();
  }

  #showAll(): void {
    this.#told.clear();
    this.#show();
  }

  get #isIdleThere(): boolean {
    return this.#phaseThere === "idle";
  }

  #show(): void {
    this.#isShowing = false;
    const shown = this.#look();
    const entries = shown.entries.filter((entry) => {
      const text = JSON.stringify(entry);
      if (this.#told.get(entry.id) === text) return false;
      this.#told.set(entry.id, text);
      return true;
    });
    this.tabs.show({ ...shown, entries });
  }

  #look(): Shown {
    const { agent, call, connection, conversation, transcript } = this.#options;
    const entries = transcript.entries.value.map(plainOf);
    return {
      order: entries.map(({ id }) => id),
      entries,
      phase: connection.phase.value,
      hasAgent: agent.isPresent.value,
      agentState: agent.state.value,
      isInCall: call.phase.value === "on",
      session: conversation.shared,
    };
  }

  #follow(shown: Shown, isNew: boolean): boolean {
    const { agent, came, connection, conversation, outbox, transcript, unread } = this.#options;
    const { phase } = connection;
    const isOver = shown.phase === "ended";
    // What ended here is looked at until the visitor goes on.
    const isSame = conversation.id === shown.session?.conversationId;
    if (!isSame && (isOver || phase.value === "ended")) return false;
    if (isNew && shown.entries.length < shown.order.length) {
      // A window that knew nothing of this one says what has changed, and this one lacks the rest.
      this.tabs.look();
      return false;
    }
    this.#phaseThere = shown.phase;
    if (!isOver) conversation.follow(shown.session);
    this.#order = shown.order;
    const news = transcript.follow(shown.order, shown.entries, outbox.entries);
    // What was there before is no news.
    for (const entry of isNew ? [] : news) {
      if (entry.kind === "card") unread.add();
      else came(entry);
    }
    outbox.settle();
    agent.isPresent.value = shown.hasAgent;
    agent.state.value = shown.agentState;
    this.#isInCall.value = shown.isInCall;
    connection.follow(shown.phase);
    if (isOver) {
      outbox.fail();
      conversation.end();
      return false;
    }
    // What was written before it was known who says it.
    const untold = isNew ? outbox.entries.filter(({ id }) => !shown.order.includes(id)) : [];
    const tell = (entry: MessageEntry): void => {
      if (!this.say(entry)) connection.goOn();
    };
    if (untold.length > 0) queueMicrotask(() => untold.forEach(tell));
    return true;
  }

  /** From now on the talk is this window's, whichever had it. */
  lead(): void {
    const wasFollowing = this.tabs.isFollowing.value;
    this.tabs.claim();
    if (wasFollowing) this.#inherit();
  }

  #takeOver(): void {
    const { connection, outbox } = this.#options;
    const wasLive = connection.phase.value !== "idle";
    this.#inherit();
    connection.phase.value = "idle";
    if (wasLive || outbox.entries.length > 0) connection.goOn();
  }

  /** What the other window had not got rid of is said from here, and it may have heard more than it could tell. */
  #inherit(): void {
    const { agent, outbox, past, transcript } = this.#options;
    agent.forget();
    transcript.settle();
    past.fallBehind();
    outbox.adopt(transcript.entries.value);
  }
}
