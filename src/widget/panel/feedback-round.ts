import { signal } from "@preact/signals";
import { logError } from "../log-error.js";
import type { Conversation } from "./conversation.js";
import type { FormDefinition, FormValues } from "./form.js";
import { isRefusal, RuntimeError, type RuntimeApi } from "./runtime-api.js";

export interface FeedbackRoundOptions {
  api: RuntimeApi;
  conversation: Conversation;
  /** What the owner asks for; nothing: no question is asked. */
  form: FormDefinition | undefined;
  /** The visitor wanted a new conversation, and nothing stands before it any more. */
  onNext: () => void;
}

/** The question after a conversation, and the next conversation that waits for its answer. */
export class FeedbackRound {
  readonly isOpen = signal(false);
  readonly #options: FeedbackRoundOptions;
  #isNextDue = false;

  constructor(options: FeedbackRoundOptions) {
    this.#options = options;
  }

  /** Whether the end of this conversation is followed by the question. */
  get isWanted(): boolean {
    const { form, conversation } = this.#options;
    return form !== undefined && conversation.isOpen.value;
  }

  /** The next conversation begins once the question is done with. */
  holdNext(): void {
    this.#isNextDue = true;
  }

  async send(values: FormValues): Promise<void> {
    const { api, conversation } = this.#options;
    const { session } = conversation;
    if (session === undefined) return;
    if (Object.keys(values).length === 0) return this.close();
    try {
      await api.feedback(session.conversationId, session.visitorToken, values);
    } catch (error) {
      // Somebody was faster: the visitor's opinion is known.
      if (error instanceof RuntimeError && error.status === 409) return;
      if (!isRefusal(error)) throw error;
      logError("The platform did not take the feedback:", error);
      this.close();
    }
  }

  close(): void {
    this.isOpen.value = false;
    if (this.#isNextDue) this.#options.onNext();
  }

  reset(): void {
    this.#isNextDue = false;
    this.isOpen.value = false;
  }
}
