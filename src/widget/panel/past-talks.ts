import { signal } from "@preact/signals";
import type { Conversation } from "./conversation.js";
import type { PastTalk, RuntimeApi } from "./runtime-api.js";
import type { Transcript } from "./transcript.js";

interface PastTalksOptions {
  api: RuntimeApi;
  conversation: Conversation;
  transcript: Transcript;
  /** Leaves the talk that is here: the panel shows nothing then. */
  leave: () => void;
}

/** The visitor's earlier conversations: each can be opened again, and goes on with the first thing that they say. */
export class PastTalks {
  /** Whether they are looked at. */
  readonly isOpen = signal(false);
  readonly #options: PastTalksOptions;
  /** Counts what the visitor chose, so that the last choice counts. */
  #choice = 0;

  constructor(options: PastTalksOptions) {
    this.#options = options;
  }

  /** Whether this browser has what opens them. */
  get mayBeThere(): boolean {
    return this.#options.conversation.visitorToken !== undefined;
  }

  /** Those in which the visitor has said something, newest first, without the one that is here. @throws RuntimeError */
  async list(): Promise<PastTalk[]> {
    const { api, conversation } = this.#options;
    const { visitorToken } = conversation;
    if (visitorToken === undefined) return [];
    const talks = await api.conversations(visitorToken);
    const here = conversation.isOpen.value ? conversation.id : undefined;
    return talks.filter(({ id, messages }) => messages > 0 && id !== here);
  }

  /** Until all of it has come the talk that is here stays. @throws RuntimeError */
  async open({ id, userId }: PastTalk): Promise<void> {
    const { api, conversation, transcript, leave } = this.#options;
    const { visitorToken: token } = conversation;
    if (token === undefined) return;
    const choice = ++this.#choice;
    const { messages, visitorToken = token } = await api.messages(id, token);
    if (choice !== this.#choice) return;
    leave();
    conversation.open({ userId, conversationId: id, visitorToken });
    transcript.restore(messages);
  }

  /** Back to the talk that is here; what was chosen is not wanted any more. */
  close(): void {
    this.#choice++;
    this.isOpen.value = false;
  }
}
