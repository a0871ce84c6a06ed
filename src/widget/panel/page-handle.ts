import { Backoff } from "../backoff.js";
import { endKey } from "./end-key.js";
import type { ParentLink } from "./parent-link.js";
import {
  isRefusal,
  RuntimeError,
  type Recalled,
  type RuntimeApi,
  type ToKeep,
} from "./runtime-api.js";
import { sleep } from "./sleep.js";

/** Until another tab's page has kept the handle that the platform gave it. */
const RACE_MS = 1000;

/** What the website's page keeps for a panel whose own storage is blocked (contract section 8). */
export class PageHandle {
  readonly #api: RuntimeApi;
  readonly #parent: ParentLink;
  /** One thing after the other: a handle is good once. */
  #turn: Promise<unknown> = Promise.resolve();
  #kept: ToKeep | undefined;
  #wanted: ToKeep | undefined;
  /** Counts how often everybody was to leave. */
  #ends = 0;

  constructor(api: RuntimeApi, parent: ParentLink) {
    this.#api = api;
    this.#parent = parent;
  }

  /** @returns undefined when the page has none, or none that is good. Waits for a platform that is out of reach. */
  recall(): Promise<Recalled | undefined> {
    const ends = this.#ends;
    return this.#inTurn(async () => {
      const recalled = await this.#exchange();
      this.#parent.tell({ type: "keep_handle", handle: recalled?.handle ?? "" });
      // Whoever it belongs to has left meanwhile: it is ended next.
      if (ends !== this.#ends) return undefined;
      if (recalled) this.#kept = { ...recalled };
      return recalled;
    });
  }

  /** The page needs none any more. */
  drop(): void {
    this.#wanted = undefined;
    this.#kept = undefined;
    this.#parent.tell({ type: "keep_handle", handle: "" });
  }

  keep(wanted: ToKeep): void {
    const isNew = this.#wanted === undefined;
    if (isSame(wanted, this.#wanted ?? this.#kept)) return;
    this.#wanted = wanted;
    if (isNew) void this.#inTurn(() => this.#keepWanted());
  }

  /** Ends what the page keeps, whoever it belongs to. It is the page's until that is done. */
  end(): void {
    this.#ends++;
    this.#wanted = undefined;
    this.#kept = undefined;
    void this.#inTurn(async () => {
      const recalled = await this.#exchange();
      if (recalled) await endKey(this.#api, recalled.visitorToken);
      if (this.#wanted === undefined) this.drop();
    });
  }

  async #exchange(): Promise<Recalled | undefined> {
    const backoff = new Backoff();
    for (;;) {
      const handle = await this.#parent.handle();
      if (handle === undefined) return undefined;
      try {
        return await this.#api.exchangeHandle(handle, await this.#ticket());
      } catch (error) {
        if (isTaken(error)) await sleep(RACE_MS);
        else if (isRefusal(error)) return undefined;
        else await backoff.wait();
      }
    }
  }

  async #keepWanted(): Promise<void> {
    const backoff = new Backoff();
    while (this.#wanted !== undefined) {
      const wanted = this.#wanted;
      try {
        const handle = await this.#api.createHandle(wanted, await this.#ticket());
        // Meanwhile it may be another conversation's turn, or nobody's.
        if (this.#wanted !== wanted) continue;
        this.#parent.tell({ type: "keep_handle", handle });
        this.#kept = wanted;
        this.#wanted = undefined;
      } catch (error) {
        if (!isRefusal(error)) await backoff.wait();
        else if (this.#wanted === wanted) this.#wanted = undefined;
      }
    }
  }

  async #ticket(): Promise<string> {
    const answer = await this.#parent.ticket();
    if (answer?.ticket !== undefined) return answer.ticket;
    throw new RuntimeError(answer?.status ?? 0, "There is no ticket.", undefined);
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(run);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

/** By another tab of this browser, a moment ago. */
function isTaken(error: unknown): boolean {
  return error instanceof RuntimeError && error.status === 409;
}

function isSame(one: ToKeep, other: ToKeep | undefined): boolean {
  return (
    one.conversationId === other?.conversationId &&
    one.visitor === other.visitor &&
    one.isOver === other.isOver
  );
}
