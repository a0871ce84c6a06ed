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
  readonly #waiting = new Map<number, (answer: TicketAnswer) => void>();
  #lastRequest = 0;

  constructor(targetOrigin: TargetOrigin, onMessage: (message: ToPanel) => void) {
    this.#targetOrigin = targetOrigin;
    if (!this.hasLoader) return;
    window.addEventListener("message", (event) => {
      const message = open<ToPanel>(event, TO_PANEL, window.parent, targetOrigin);
      if (message === undefined) return;
      if (message.type !== "ticket") return onMessage(message);
      const { request, ticket, status, page } = message;
      this.#waiting.get(request)?.({ ticket, status, page: readHostPage(targetOrigin, page) });
    });
  }

  /** Whether somebody known by origin is on the other side. */
  get hasLoader(): boolean {
    const isNamed = this.#targetOrigin !== "*" && this.#targetOrigin !== "null";
    return isNamed && window.parent !== window;
  }

  tell(message: ToLoader): void {
    if (window.parent === window || this.#targetOrigin === "null") return;
    if (this.#targetOrigin === "*" && !isHarmless(message)) return;
    window.parent.postMessage(seal(message), this.#targetOrigin);
  }

  /** @returns nothing where there is no loader to ask. */
  async ticket(): Promise<TicketAnswer | undefined> {
    if (!this.hasLoader) return undefined;
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
