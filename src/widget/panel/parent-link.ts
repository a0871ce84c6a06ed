import {
  isHarmless,
  open,
  seal,
  TO_PANEL,
  type ToLoader,
  type ToPanel,
} from "../../protocol/panel-messages.js";
import { readHostPage, type HostPage } from "./host-page.js";
import type { TargetOrigin } from "./target-origin.js";

const ANSWER_WAIT_MS = 15_000;

export interface TicketAnswer {
  ticket: string | undefined;
  /** The platform's answer to the loader; 0 when it was not reached. */
  status: number;
  /** That the visitor is on. */
  page: HostPage | undefined;
}

/** What the page keeps for the panel. */
export interface KeptHandle {
  handle: string;
  attempt: string;
}

type Answer = Extract<ToPanel, { request: number }>;

/** The panel's side of the frame's border. */
export class ParentLink {
  readonly #targetOrigin: TargetOrigin;
  readonly #source: string;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #lastRequest = 0;

  /** @param isSandboxed whether the parent says that a sandbox took its origin */
  constructor(
    targetOrigin: TargetOrigin,
    onMessage: (message: ToPanel) => void,
    isSandboxed = false,
  ) {
    this.#targetOrigin = targetOrigin;
    this.#source = targetOrigin === "*" && isSandboxed ? "null" : targetOrigin;
    if (!this.hasLoader) return;
    window.addEventListener("message", (event) => {
      const message = open<ToPanel>(event, TO_PANEL, window.parent, this.#source);
      if (message === undefined) return;
      if (!("request" in message)) return onMessage(message);
      this.#waiting.get(message.request)?.(message);
    });
  }

  /** Whether a loader is on the other side, and says when to begin. */
  get hasLoader(): boolean {
    const isThere = this.#source !== "*" && this.#targetOrigin !== "null";
    return isThere && window.parent !== window;
  }

  /** Whether the page says truly where it is: only then it may keep something. */
  get isPageKnown(): boolean {
    return this.hasLoader && this.#targetOrigin !== "*";
  }

  tell(message: ToLoader): void {
    if (window.parent === window || this.#targetOrigin === "null") return;
    if (this.#targetOrigin === "*" && !isHarmless(message)) return;
    window.parent.postMessage(seal(message), this.#targetOrigin);
  }

  /** @returns nothing where there is no loader to ask. */
  async ticket(): Promise<TicketAnswer | undefined> {
    // Of a page without an origin nobody can say that it is the widget's: it is not asked, and is told nothing.
    if (!this.isPageKnown) return undefined;
    const answer = await this.#ask("need_ticket");
    if (answer?.type !== "ticket") return { ticket: undefined, status: 0, page: undefined };
    const { ticket, status, page } = answer;
    return { ticket, status, page: readHostPage(this.#targetOrigin, page) };
  }

  /** @returns nothing where the page keeps none, or cannot. */
  async handle(): Promise<KeptHandle | undefined> {
    if (!this.isPageKnown) return undefined;
    const answer = await this.#ask("need_handle");
    if (answer?.type !== "handle") return undefined;
    const { handle, attempt } = answer;
    return handle === undefined || attempt === undefined ? undefined : { handle, attempt };
  }

  /** @returns nothing from a loader that does not answer in time, as an older one does not. */
  async #ask(type: "need_ticket" | "need_handle"): Promise<Answer | undefined> {
    const request = ++this.#lastRequest;
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      return await new Promise<Answer | undefined>((resolve) => {
        this.#waiting.set(request, resolve);
        timer = setTimeout(() => resolve(undefined), ANSWER_WAIT_MS);
        this.tell({ type, request });
      });
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(request);
    }
  }
}
