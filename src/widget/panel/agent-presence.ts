import { signal } from "@preact/signals";
import type { AgentState } from "../../protocol/room-words.js";

const WAIT_MS = 10_000;
/** An agent that never says what it does is taken for ready after this. */
const SETTLE_MS = 3000;
/** A room that ends lets its agent go first: only one that stays open has been left. */
const LEFT_SETTLE_MS = 1500;

export interface AgentEvents {
  came(): void;
  /** The agent is there and listens. */
  settled(): void;
  gone(): void;
  /** The agent is gone, and the room is not. */
  left(): void;
  /** No agent came in time. */
  missing(): void;
}

/** Whether the room has an agent, and since when it can be spoken to. */
export class AgentPresence {
  readonly isPresent = signal(false);
  readonly state = signal<AgentState | undefined>(undefined);
  readonly #events: AgentEvents;
  #identity: string | undefined;
  #isSettled = false;
  #waiting: ReturnType<typeof setTimeout> | undefined;
  #settling: ReturnType<typeof setTimeout> | undefined;
  #leaving: ReturnType<typeof setTimeout> | undefined;

  constructor(events: AgentEvents) {
    this.#events = events;
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** A room was joined: its agent is on the way. */
  expect(): void {
    if (this.isPresent.value) return;
    clearTimeout(this.#waiting);
    this.#waiting = setTimeout(() => this.#events.missing(), WAIT_MS);
  }

  /** What the room tells of its agent. One that goes and the next that comes may be told together. */
  see(identity: string | undefined, state: AgentState | undefined): void {
    const former = this.#identity;
    this.#identity = identity;
    this.isPresent.value = identity !== undefined;
    this.state.value = state;
    if (identity !== former) this.#lose();
    if (identity === undefined) {
      if (former !== undefined) {
        this.#leaving = setTimeout(() => this.#events.left(), LEFT_SETTLE_MS);
      }
      return;
    }
    clearTimeout(this.#waiting);
    clearTimeout(this.#leaving);
    this.#events.came();
    if (state !== undefined && state !== "initializing") this.#settle();
    else if (identity !== former) this.#settling = setTimeout(() => this.#settle(), SETTLE_MS);
  }

  /** The room is given back: nothing of its agent counts any more. */
  forget(): void {
    clearTimeout(this.#waiting);
    clearTimeout(this.#leaving);
    this.#identity = undefined;
    this.isPresent.value = false;
    this.state.value = undefined;
    this.#lose();
  }

  /** Whoever was there hears nothing any more. */
  #lose(): void {
    clearTimeout(this.#settling);
    this.#isSettled = false;
    this.#events.gone();
  }

  #settle(): void {
    clearTimeout(this.#settling);
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#events.settled();
  }
}
