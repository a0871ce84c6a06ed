import { signal } from "@preact/signals";
import { logError } from "../log.js";
import type { Identity } from "../protocol.js";
import type { Fields } from "../read.js";
import { MAX_METADATA_BYTES } from "./identity.js";
import { jsonBytes } from "./json-bytes.js";
import type { ParentLink } from "./parent-link.js";
import type { PreForm } from "./pre-form.js";
import { randomId } from "./random-id.js";
import { isGone, RuntimeError, type RuntimeApi, type Started } from "./runtime-api.js";
import type { KeptCard, Session, SessionStore } from "./session-store.js";
import type { CardAnswer } from "./transcript.js";

/** Of 15 KB each at most, where a browser keeps a few MB. */
const KEPT_CARDS = 20;

export interface ConversationOptions {
  api: RuntimeApi;
  parent: ParentLink;
  sessions: SessionStore;
  preForm: PreForm;
}

export interface StartedConversation extends Started {
  isResumed: boolean;
  /** The one that was to go on is gone: this is another. */
  isReplaced: boolean;
}

/** Who the visitor is, and which of the platform's conversations is theirs: kept in this browser, as far as it may be. */
export class Conversation {
  /** Whether there is one to go on with. One that ended still has its session, for feedback. */
  readonly isOpen = signal(false);
  readonly #options: ConversationOptions;
  /** This window, among all that the visitor has open. */
  readonly #owner = randomId();
  #identity: Identity | undefined;
  #guestId: string | undefined;
  #session: Session | undefined;

  constructor(options: ConversationOptions) {
    this.#options = options;
  }

  get session(): Session | undefined {
    return this.#session;
  }

  /** The name that the page gave them. */
  get visitor(): string | undefined {
    return this.#identity?.userId;
  }

  get id(): string | undefined {
    return this.#session?.conversationId;
  }

  /** @returns whether this is somebody else, whose own conversation is to be shown instead. */
  identify(identity: Identity): boolean {
    const before = this.#identity;
    this.#identity = identity;
    if (before?.userId === identity.userId) return false;
    const { sessions, preForm } = this.#options;
    preForm.identify(identity.userId);
    // A guest who gives a name goes on with the same talk; anybody else gets their own.
    if (before !== undefined || this.#stored() !== undefined) return true;
    if (this.isOpen.value && this.#session !== undefined) {
      sessions.save(identity.userId, this.#session);
      sessions.forget(undefined, this.#session.conversationId);
    }
    return false;
  }

  logout(): void {
    this.#options.sessions.forgetAll();
    this.#identity = undefined;
    this.#guestId = undefined;
  }

  /** Takes up what this browser keeps of the visitor. */
  takeUp(): Session | undefined {
    const session = this.#stored();
    if (session !== undefined) this.#set(session);
    return session;
  }

  /**
   * Starts a conversation, or the next room of this one.
   * @param check throws when nobody waits for it any more
   * @throws RuntimeError what the platform refused
   */
  async start(check: () => void): Promise<StartedConversation> {
    // As another window left it, where the talk went on there.
    const stored = this.#stored();
    const session = stored?.conversationId === this.id ? stored : this.#session;
    // First: the platform ends another window's room, and that one reads here where the talk went on.
    if (session !== undefined) this.#keep({ ...session, owner: this.#owner });
    let started: Started;
    try {
      started = await this.#request(session, check);
    } catch (error) {
      if (session === undefined || !isGone(error)) throw error;
      check();
      this.drop();
      started = await this.#request(undefined, check);
    }
    check();
    const { conversationId, visitorToken } = started;
    const isResumed = session?.conversationId === conversationId;
    this.#keep({
      userId: this.#userId(isResumed),
      conversationId,
      visitorToken: visitorToken ?? (isResumed ? session.visitorToken : undefined),
      owner: this.#owner,
      cards: (isResumed ? this.#session?.cards : undefined) ?? [],
    });
    return { ...started, isResumed, isReplaced: session !== undefined && !isResumed };
  }

  /** Whether another window of the same visitor has joined since. */
  isElsewhere(): boolean {
    const stored = this.#stored();
    return stored?.conversationId === this.id && stored?.owner !== this.#owner;
  }

  renewToken(visitorToken: string): void {
    this.#amend({ visitorToken });
  }

  keepCard(card: KeptCard): void {
    this.#keepCards([...this.#cards, card]);
  }

  keepAnswer(id: string, answer: CardAnswer): void {
    // A code or a telephone number is nothing to leave in a browser.
    const kept = "values" in answer ? { values: {} } : answer;
    this.#keepCards(this.#cards.map((card) => (card.id === id ? { ...card, answer: kept } : card)));
  }

  /** It is over: the browser forgets it, this window not yet. */
  end(): void {
    if (this.id !== undefined) this.#options.sessions.forget(this.visitor, this.id);
    this.isOpen.value = false;
  }

  /** The next one is another. */
  clear(): void {
    this.#session = undefined;
    this.isOpen.value = false;
  }

  drop(): void {
    this.end();
    this.clear();
  }

  async #request(session: Session | undefined, check: () => void): Promise<Started> {
    const { api, parent } = this.#options;
    const answer = await parent.ticket();
    check();
    if (answer !== undefined && answer.ticket === undefined) {
      throw new RuntimeError(answer.status, "There is no ticket.", undefined);
    }
    return api.start({
      userId: this.#userId(session !== undefined),
      metadata: this.#metadata(session !== undefined),
      conversationId: session?.conversationId,
      visitorToken: session?.visitorToken,
      ticket: answer?.ticket,
    });
  }

  /** A conversation belongs to the name under which it began. */
  #userId(isResume: boolean): string {
    if (isResume && this.#session !== undefined) return this.#session.userId;
    if (this.#identity !== undefined) return this.#identity.userId;
    return (this.#guestId ??= `guest_${randomId()}`);
  }

  #metadata(isResume: boolean): Fields {
    const identity = this.#identity;
    // Named only after it began: the owner learns it as a note.
    const isNamedLate = isResume && identity && identity.userId !== this.#session?.userId;
    const own = {
      ...this.#options.preForm.values.value,
      ...(isNamedLate ? { identified_as: identity.userId } : {}),
    };
    const metadata = { ...identity?.metadata, ...own };
    if (jsonBytes(metadata) <= MAX_METADATA_BYTES) return metadata;
    logError("The visitor's metadata does not fit beside their form's answers: left out.");
    return own;
  }

  #stored(): Session | undefined {
    return this.#options.sessions.load(this.visitor);
  }

  #set(session: Session): void {
    this.#session = session;
    this.isOpen.value = true;
  }

  #keep(session: Session): void {
    this.#set(session);
    this.#options.sessions.save(this.visitor, session);
  }

  get #cards(): readonly KeptCard[] {
    return this.#session?.cards ?? [];
  }

  #keepCards(cards: readonly KeptCard[]): void {
    this.#amend({ cards: cards.slice(-KEPT_CARDS) });
  }

  /** Another window that joined meanwhile stays the owner. */
  #amend(part: Partial<Pick<Session, "visitorToken" | "cards">>): void {
    if (this.#session === undefined) return;
    this.#session = { ...this.#session, ...part };
    const stored = this.#stored();
    if (stored === undefined || stored.conversationId !== this.id) return;
    this.#options.sessions.save(this.visitor, { ...stored, ...part });
  }
}
