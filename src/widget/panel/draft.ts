import { signal } from "@preact/signals";
import type { SessionStore } from "./session-store.js";

/** What the visitor has begun to write. It outlives page and conversation, and not the visitor. */
export class Draft {
  readonly text = signal("");
  readonly #sessions: SessionStore;
  readonly #visitor: () => string | undefined;

  constructor(sessions: SessionStore, visitor: () => string | undefined) {
    this.#sessions = sessions;
    this.#visitor = visitor;
  }

  /** From the page before this one; where nothing may be stored it ends with its page. */
  takeUp(): void {
    if (this.text.value === "") this.text.value = this.#sessions.loadDraft(this.#visitor());
  }

  write(text: string): void {
    this.text.value = text;
    this.#sessions.saveDraft(this.#visitor(), text);
  }
}
