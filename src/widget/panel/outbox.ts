import type { RoomLink } from "./room-link.js";
import type { SessionStore, UnheardMessage } from "./session-store.js";
import type { Entry, MessageEntry } from "./transcript.js";

export interface OutboxOptions {
  sessions: SessionStore;
  /** The name under which the visitor writes. */
  visitor: () => string | undefined;
  /** The room, while its agent is there to listen; asked before each message. */
  listeningRoom: () => RoomLink | undefined;
}

/** What the visitor wrote and the agent has not heard yet: a room keeps no message for an agent that comes later. */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #entries: MessageEntry[] = [];
  /** The waiting messages that this room's agent was sent. */
  readonly #underWay = new Set<MessageEntry>();
  /** What the page before this one left. */
  #left: readonly UnheardMessage[] | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  get entries(): readonly MessageEntry[] {
    return this.#entries;
  }

  add(entry: MessageEntry): void {
    this.#entries.push(entry);
    this.#keep();
  }

  /** What the page before this one had not got rid of: from now on it is this page's. */
  takeLeft(): readonly UnheardMessage[] {
    const left = this.#loadLeft();
    this.#left = [];
    this.#keep();
    return left;
  }

  /** Sends what waits, one after the other. */
  async deliver(): Promise<void> {
    const room = this.#options.listeningRoom();
    const entry = this.#entries.find((one) => !this.#underWay.has(one));
    if (room === undefined || entry === undefined) return;
    this.#underWay.add(entry);
    const outcome = await room.sendMessage(entry.text.value, entry.id).then(
      (isConfirmed) => (isConfirmed ? "sending" : "done"),
      () => "failed" as const,
    );
    // Unless it waits again by now, for a better connection or the next agent.
    const isCurrent = room === this.#options.listeningRoom() && this.#underWay.has(entry);
    if (isCurrent && outcome !== "sending") this.#settle([entry], outcome);
    await this.deliver();
  }

  /** Another window has told the agent, or has failed to: that is no matter of this one any more. */
  settle(): void {
    this.#drop(this.#entries.filter(({ state }) => state.value !== "sending"));
  }

  /** What another window had not got rid of. */
  adopt(entries: readonly Entry[]): void {
    for (const entry of entries) {
      if (entry.kind !== "message" || entry.role !== "user" || this.#entries.includes(entry))
        continue;
      if (entry.mode === "text" && entry.state.value === "sending") this.#entries.push(entry);
    }
    this.#keep();
  }

  /** The platform has these: they were heard, whoever was told so. */
  known(ids: readonly string[]): void {
    this.#settle(
      this.#entries.filter(({ id }) => ids.includes(id)),
      "done",
    );
  }

  /** The agent has this message, and those before it. */
  heard(id: string): void {
    const index = this.#entries.findIndex((entry) => entry.id === id);
    this.#settle(this.#entries.slice(0, index + 1), "done");
  }

  /** What was sent may be lost. What was not is heard once all the same: the agent knows it by its id. */
  sendAgain(): void {
    this.#underWay.clear();
  }

  fail(): void {
    this.#settle([...this.#entries], "failed");
  }

  clear(): void {
    this.#left = [];
    this.#entries.length = 0;
    this.#underWay.clear();
    this.#keep();
  }

  #settle(entries: readonly MessageEntry[], state: "done" | "failed"): void {
    this.#drop(entries);
    for (const entry of entries) entry.state.value = state;
  }

  #drop(entries: readonly MessageEntry[]): void {
    if (entries.length === 0) return;
    for (const entry of entries) {
      this.#entries.splice(this.#entries.indexOf(entry), 1);
      this.#underWay.delete(entry);
    }
    this.#keep();
  }

  /** A page that goes away takes nothing with it that the visitor believes to be sent. */
  #keep(): void {
    const { sessions, visitor } = this.#options;
    const waiting = this.#entries.map(({ id, text }) => ({ id, text: text.value }));
    sessions.saveUnheard(visitor(), [...this.#loadLeft(), ...waiting]);
  }

  #loadLeft(): readonly UnheardMessage[] {
    const { sessions, visitor } = this.#options;
    return (this.#left ??= sessions.loadUnheard(visitor()));
  }
}
