import { signal } from "@preact/signals";
import { readShow } from "./card.js";
import type { Conversation } from "./conversation.js";
import type { Outbox } from "./outbox.js";
import { isGone, type RuntimeApi } from "./runtime-api.js";
import type { Transcript } from "./transcript.js";

export interface PastOptions {
  api: RuntimeApi;
  conversation: Conversation;
  transcript: Transcript;
  outbox: Outbox;
  /** Whether another window shows all of it by now. */
  isShown: () => boolean;
}

/** What was said before this page, or in another window: the platform has it, and the transcript begins with it. */
export class Past {
  readonly isRestoring = signal(false);
  readonly #options: PastOptions;
  #isBehind = false;

  constructor(options: PastOptions) {
    this.#options = options;
  }

  /** The talk goes on in another window: from now on only the platform has all of it. */
  fallBehind(): void {
    this.#isBehind = true;
  }

  async catchUp(): Promise<void> {
    if (this.#isBehind) await this.restore();
  }

  /**
   * First of all what the page has kept, where this browser keeps nothing.
   * @param meanwhile lets the visitor write: it is shown, and waits
   * @returns undefined when there is nothing to wait for
   */
  recall(isKept: boolean | undefined, meanwhile: () => void): Promise<void> | undefined {
    const recalled = this.#options.conversation.recall(isKept);
    if (recalled === undefined) return undefined;
    this.isRestoring.value = true;
    meanwhile();
    return recalled;
  }

  async restore(): Promise<void> {
    const { api, conversation, transcript, outbox } = this.#options;
    const session = conversation.takeUp();
    if (session?.visitorToken === undefined) {
      this.isRestoring.value = false;
      return;
    }
    this.isRestoring.value = true;
    try {
      const past = await api.messages(session.conversationId, session.visitorToken);
      const now = conversation.session;
      if (now?.conversationId !== session.conversationId || this.#options.isShown()) return;
      const cards = now.cards.flatMap(({ payload, after, answer }) => {
        const show = readShow(payload);
        return show === undefined ? [] : [{ show, after, answer }];
      });
      outbox.known(past.messages.flatMap(({ id = [] }) => id));
      if (this.#isBehind) transcript.clear(outbox.entries);
      this.#isBehind = false;
      transcript.restore(past.messages, cards);
      if (past.visitorToken !== undefined) conversation.renewToken(past.visitorToken);
    } catch (error) {
      if (isGone(error) && conversation.session === session) conversation.drop();
    } finally {
      this.isRestoring.value = false;
    }
  }

  /** The next conversation has none. */
  reset(): void {
    this.#isBehind = false;
  }
}
