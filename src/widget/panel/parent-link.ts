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

const TICKET_WAIT_MS = 15_000;

export interface TicketAnswer {
  ticket: string | undefined;
  /** The platform's answer to the loader; 0 when it was not reached. */
  status: number;
  /** That the visitor is on. */
  page: HostPage | undefined;
}

/** The panel's side of the frame's border. */
export class ParentLink {
  readonly #targetOrigin: TargetOrigin;
  readonly #source: string;
  readonly #waiting = new Map<number, (answer: TicketAnswer) => void>();
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
      if (message.type !== "ticket") return onMessage(message);
      const { request, ticket, status, page } = message;
      this.#waiting.get(request)?.({ ticket, status, page: readHostPage(targetOrigin, page) });
    });
  }

  /** Whether a loader is on the other side, and says when to begin. */
  get hasLoader(): boolean {
    const isThere = this.#source !== "*" && this.#targetOrigin !== "null";
    return isThere && window.parent !== window;
  }

  tell(message: ToLoader): void {
    if (window.parent === window || this.#targetOrigin === "null") return;
    if (this.#targetOrigin === "*" && !isHarmless(message)) return;
    window.parent.postMessage(seal(message), this.#targetOrigin);
  }

  /** @returns nothing where there is no loader to ask. */
  async ticket(): Promise<TicketAnswer | undefined> {
    // Of a page without an origin nobody can say that it is the widget's: it is not asked, and is told nothing.
    if (!this.hasLoader || this.#targetOrigin === "*") return undefined;
    const request = ++this.#lastRequest;
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      return await new Promise<TicketAnswer>((resolve) => {
        this.#waiting.set(request, resolve);
        timer = setTimeout(
          () => resolve({ ticket: undefined, status: 0, page: undefined }),
          TICKET_WAIT_MS,
        );
        this.tell({ type: "need_ticket", request });
      });
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(request);
    }
  }
}
