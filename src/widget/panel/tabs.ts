import { signal } from "@preact/signals";
import { randomId } from "./random-id.js";
import type { Shown } from "./shown.js";
import type { CardAnswer } from "./transcript.js";

/** How long a window that leads may take to answer before it is taken for gone, a frozen one too. */
const ANSWER_MS = 4000;
/** How long a window that has just come waits to hear of one that leads. */
const ARRIVAL_MS = 250;
/** Among windows that find themselves alone together, by chance; one that is looked at comes first. */
const ELECTION_MS = 200;
const HIDDEN_MS = 400;

/** What a window that follows asks of the one that leads. */
export type Wish =
  | { type: "say"; id: string; text: string }
  | { type: "answer"; id: string; answer: CardAnswer };

type Word =
  | Wish
  /** Who leads? A window that has just come is shown everything. */
  | { type: "ask"; isNew: boolean }
  | { type: "here" }
  | { type: "bye" }
  /** The visitor looks at the talk in the writer's window. */
  | { type: "seen" }
  | { type: "show"; shown: Shown }
  /** `conversationId`: of a guest, which goes on under this name; empty: it has not begun. */
  | { type: "person"; userId: string | undefined; conversationId: string | undefined };

interface Letter {
  from: string;
  /** Whose talk it is about. */
  visitor: string | undefined;
  /** Since when the writer leads, in milliseconds since 1970; 0: it does not. The last to begin is right. */
  since: number;
  word: Word;
}

export interface TabsEvents {
  visitor(): string | undefined;
  /** @returns whether this window is to follow; `isNew`: it did not yet, or another one */
  shown(shown: Shown, isNew: boolean): boolean;
  /** Somebody has to be shown everything. */
  asked(): void;
  wished(wish: Wish): void;
  /** The visitor looks at the talk in another window. */
  seen(): void;
  /** The window that led is gone, and this one leads now. */
  orphaned(): void;
  /** Another window leads now. */
  yielded(): void;
  person(userId: string | undefined, conversationId: string | undefined): void;
}

/**
 * A room has place for one window of a visitor. That one leads, the others follow: they show what it shows, and say
 * through it. They meet in the panel's own origin, where no page listens.
 */
export class Tabs {
  readonly isFollowing = signal(false);
  readonly #me = randomId();
  readonly #name: string | undefined;
  readonly #events: TabsEvents;
  #channel: BroadcastChannel | undefined;
  #since = 0;
  #leader: string | undefined;
  #isUnanswered = false;
  #arrive: () => void = () => undefined;
  #arrival = this.#absence();
  #timer: ReturnType<typeof setInterval> | undefined;

  /** @param name that windows which may meet have in common; undefined: there are none */
  constructor(name: string | undefined, events: TabsEvents) {
    this.#name = name;
    this.#events = events;
  }

  get isLeading(): boolean {
    return this.#since > 0;
  }

  /** Until then nothing begins here either. */
  join(): void {
    this.#meet();
    if (this.#channel === undefined) this.#arrive();
    else this.#come();
  }

  #meet(): void {
    if (this.#name === undefined) return;
    try {
      this.#channel = new BroadcastChannel(this.#name);
    } catch {
      // Blocked: windows then take the talk over from each other.
      return;
    }
    // Only a panel of this very release can have written it.
    this.#channel.addEventListener("message", ({ data }: MessageEvent<Letter>) => this.#read(data));
    window.addEventListener("pagehide", () => {
      if (this.isLeading) this.#post({ type: "bye" });
      this.#since = 0;
      // It has left its room, and what would go on here belongs to a window that is there.
      this.#arrival = this.#absence();
    });
    window.addEventListener("pageshow", ({ persisted }) => {
      if (persisted) this.#come();
    });
  }

  /** Until `#come`, nothing begins here. */
  #absence(): Promise<void> {
    return new Promise((resolve) => {
      this.#arrive = resolve;
    });
  }

  #come(): void {
    this.look();
    void this.#arrival.then(this.#arrive);
  }

  /** Asks who leads: nothing begins here before there was time for an answer. */
  look(): void {
    if (this.#channel === undefined || this.isLeading) return;
    this.#arrival = new Promise((resolve) => setTimeout(resolve, ARRIVAL_MS));
    this.#post({ type: "ask", isNew: true });
  }

  /** @returns false where another window leads: then nothing begins here. */
  async lead(): Promise<boolean> {
    if (this.isLeading) return true;
    await this.#arrival;
    if (!this.isFollowing.value) this.claim();
    return !this.isFollowing.value;
  }

  /** This window leads from now on, whichever did. */
  claim(): void {
    if (this.isLeading) return;
    this.#since = Date.now();
    this.#unfollow();
    if (this.#channel !== undefined) this.#events.asked();
  }

  /** What was shared is over: nobody leads here, nobody is followed. */
  part(): void {
    this.#since = 0;
    this.#unfollow();
  }

  show(shown: Shown): void {
    if (this.isLeading) this.#post({ type: "show", shown });
  }

  /** Whether there may be other windows. */
  get isShared(): boolean {
    return this.#channel !== undefined;
  }

  /** The visitor looks at the talk in this window. */
  seen(): void {
    this.#post({ type: "seen" });
  }

  wish(wish: Wish): void {
    this.#post(wish);
  }

  /** The windows of whoever was here before forget them; those of a guest learn their name. */
  name(userId: string | undefined, conversationId?: string): void {
    this.#post({ type: "person", userId, conversationId });
  }

  /** The window that leads does not answer. */
  giveUp(): void {
    this.#leader = undefined;
    this.claim();
    this.#events.orphaned();
  }

  #post(word: Word): void {
    const letter: Letter = {
      from: this.#me,
      visitor: this.#events.visitor(),
      since: this.#since,
      word,
    };
    this.#channel?.postMessage(letter);
  }

  #read({ from, visitor, since, word }: Letter): void {
    if (word.type === "person") return this.#events.person(word.userId, word.conversationId);
    if (visitor !== this.#events.visitor()) return;
    if (from === this.#leader) this.#isUnanswered = false;
    if (since > 0 && this.isLeading && !this.#givesWay(from, since)) return;
    switch (word.type) {
      case "ask":
        if (!this.isLeading) return;
        if (word.isNew) this.#events.asked();
        else this.#post({ type: "here" });
        return;
      case "show":
        return this.#follow(from, word.shown);
      case "bye":
        if (from === this.#leader) this.#elect();
        return;
      case "say":
      case "answer":
        if (this.isLeading) this.#events.wished(word);
        return;
      case "seen":
        return this.#events.seen();
      case "here":
        // That it answers is all.
        return;
    }
  }

  /** Of two that lead the one that began last goes on. */
  #givesWay(to: string, since: number): boolean {
    if (since < this.#since || (since === this.#since && to < this.#me)) {
      this.#events.asked();
      return false;
    }
    this.#since = 0;
    this.#events.yielded();
    return true;
  }

  #follow(leader: string, shown: Shown): void {
    const isNew = leader !== this.#leader || !this.isFollowing.value;
    this.#leader = leader;
    if (!this.#events.shown(shown, isNew)) return this.#unfollow();
    this.isFollowing.value = true;
    this.#timer ??= setInterval(() => this.#check(), ANSWER_MS);
  }

  #check(): void {
    if (this.#isUnanswered) return this.#elect();
    this.#isUnanswered = true;
    this.#post({ type: "ask", isNew: false });
  }

  #elect(): void {
    const gone = this.#leader;
    const least = document.visibilityState === "hidden" ? HIDDEN_MS : 0;
    setTimeout(
      () => {
        if (this.isFollowing.value && this.#leader === gone) this.giveUp();
      },
      least + Math.random() * ELECTION_MS,
    );
  }

  #unfollow(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#isUnanswered = false;
    this.isFollowing.value = false;
  }
}
