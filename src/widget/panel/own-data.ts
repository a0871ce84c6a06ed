import { signal } from "@preact/signals";
import type { Conversation } from "./conversation.js";
import type { RuntimeApi } from "./runtime-api.js";
import type { VisitorConsent } from "./visitor-consent.js";

interface OwnDataOptions {
  api: RuntimeApi;
  conversation: Conversation;
  consent: VisitorConsent;
  /** The talk is over, here too; with `isErased` nothing of it is shown any more. */
  over: (isErased: boolean) => void;
}

/** What visitors take along of their conversation, and what they take back (contract section 5). */
export class OwnData {
  /** What they are asked before it is done. */
  readonly question = signal<"erase" | "withdraw" | undefined>(undefined);
  readonly #options: OwnDataOptions;

  constructor(options: OwnDataOptions) {
    this.#options = options;
  }

  /** Whether there is a conversation that this browser has the token of. */
  get isThere(): boolean {
    return this.#own !== undefined;
  }

  /** All that is kept of it, as a file. @throws RuntimeError */
  async save(): Promise<void> {
    const own = this.#own;
    if (own === undefined) return;
    const all = await this.#options.api.export(own.id, own.token);
    const url = URL.createObjectURL(
      new Blob([JSON.stringify(all, undefined, 2)], { type: "application/json" }),
    );
    const link = Object.assign(document.createElement("a"), {
      href: url,
      download: `conversation-${own.id}.json`,
    });
    link.click();
    URL.revokeObjectURL(url);
  }

  /** Does what was asked about. @throws RuntimeError */
  async confirm(): Promise<void> {
    const { api, consent, over } = this.#options;
    const [own, question] = [this.#own, this.question.value];
    if (question === "erase" && own !== undefined) {
      await api.erase(own.id, own.token);
      over(true);
    }
    if (question === "withdraw") {
      if (own !== undefined) await api.withdrawConsent(own.id, own.token);
      over(false);
      consent.decline("withdrawn");
    }
    this.question.value = undefined;
  }

  get #own(): { id: string; token: string } | undefined {
    const { conversationId: id, visitorToken: token } = this.#options.conversation.session ?? {};
    return id === undefined || token === undefined ? undefined : { id, token };
  }
}
