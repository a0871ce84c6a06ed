import { signal } from "@preact/signals";
import { logError } from "../log-error.js";
import type { Identity } from "../../protocol/panel-messages.js";
import type { Fields } from "../../protocol/read.js";
import type { VisitorConsent } from "./visitor-consent.js";
import { endKey } from "./end-key.js";
import { VISITOR_LIMITS } from "../../protocol/limits.js";
import { jsonBytes } from "../../protocol/json-bytes.js";
import { NamedVisitor } from "./named-visitor.js";
import { PageHandle } from "./page-handle.js";
import type { ParentLink } from "./parent-link.js";
import type { PreForm } from "./pre-form.js";
import { randomId } from "./random-id.js";
import {
  isGone,
  isIdentityRefused,
  isIdentityRequired,
  RuntimeError,
  type RuntimeApi,
  type Started,
} from "./runtime-api.js";
import type { KeptCard, VisitorSession, SessionStore } from "./session-store.js";
import type { CardAnswer } from "./transcript.js";

/** A card has 15 KB at most, and a browser keeps a few MB. */
const KEPT_CARDS = 20;

export interface ConversationOptions {
  api: RuntimeApi;
  parent: ParentLink;
  sessions: SessionStore;
  preForm: PreForm;
  consent: VisitorConsent;
}

/** What opens a conversation, for another window of the same visitor. */
export type SharedSession = Pick<VisitorSession, "userId" | "conversationId" | "visitorToken">;

export interface StartedConversation extends Started {
  isResumed: boolean;
  /** Whether the conversation that was to go on is gone, and this is another. */
  isReplaced: boolean;
}

/** Who the visitor is, and which of the platform's conversations is theirs: kept in this browser, as far as it may be. */
export class Conversation {
  /** Whether there is a conversation to go on with. One that ended still has its session, for feedback. */
  readonly isOpen = signal(false);
  readonly #options: ConversationOptions;
  /** This window, among all that the visitor has open. */
  readonly #owner = randomId();
  readonly #named: NamedVisitor;
  readonly #page: PageHandle;
  /** Whether the page can keep something where this browser does not. */
  #mayPageKeep = false;
  /** Until what the page has kept is here, nothing starts. */
  #recalling: Promise<void> | undefined;
  #guestId: string | undefined;
  #session: VisitorSession | undefined;
  /** Outlives a conversation in this window, so that the next one has the same key and proof. */
  #visitorToken: string | undefined;
  /** Names one start until it is answered: tried again it makes no second conversation. */
  #startKey: string | undefined;

  constructor(options: ConversationOptions) {
    this.#options = options;
    this.#named = new NamedVisitor(options.parent);
    this.#page = new PageHandle(options.api, options.parent);
  }

  get session(): VisitorSession | undefined {
    return this.#session;
  }

  /** The name that the page gave them. */
  get visitor(): string | undefined {
    return this.#named.userId;
  }

  get id(): string | undefined {
    return this.#session?.conversationId;
  }

  /** Opens all that the visitor has here; undefined: nothing yet. */
  get visitorToken(): string | undefined {
    return this.#visitorToken;
  }

  /**
   * Brings back what the page has kept, where this browser keeps nothing.
   * @param isKept whether it has a handle; undefined where it can have none
   * @returns undefined when there is nothing to wait for
   */
  recall(isKept: boolean | undefined): Promise<void> | undefined {
    this.#mayPageKeep = isKept !== undefined && this.#options.parent.isPageKnown;
    const isNeeded =
      this.#mayPageKeep &&
      isKept === true &&
      this.#options.sessions.last(this.visitor) === undefined;
    this.#recalling = isNeeded ? this.#recall() : undefined;
    return this.#recalling;
  }

  /**
   * The same person again, or a guest's name: whoever had another name has logged out before.
   *
   * @returns whether they have a conversation of their own, which is to be shown instead.
   */
  identify(identity: Identity): boolean {
    const isKnown = this.visitor === identity.userId;
    this.#named.name(identity);
    if (isKnown) return false;
    const { sessions, preForm } = this.#options;
    preForm.identify(identity.userId);
    // A page before this one may have named somebody who left without a word.
    this.#endKeys(sessions.forgetOthers(identity.userId));
    if (this.#stored() !== undefined) {
      this.#visitorToken = undefined;
      return true;
    }
    if (this.isOpen.value && this.#session !== undefined) {
      sessions.forget(undefined, this.#session.conversationId);
      this.#keep(this.#session);
    } else {
      // Of the talk that they left before.
      this.#visitorToken = sessions.last(identity.userId)?.visitorToken ?? this.#visitorToken;
    }
    return false;
  }

  /** Here at once, whether or not the platform is in reach; there with all that these tokens open. */
  logout(): void {
    this.#endKeys([...this.#options.sessions.forgetAll(), this.#visitorToken]);
    this.#page.end();
    this.#named.forget();
    this.#guestId = undefined;
    this.#visitorToken = undefined;
  }

  /** Takes up what this browser keeps of the visitor. */
  takeUp(): VisitorSession | undefined {
    const session = this.#options.sessions.last(this.visitor);
    if (session === undefined) return undefined;
    this.#visitorToken = session.visitorToken;
    // The next conversation of the same guest.
    if (this.visitor === undefined) this.#guestId = session.userId;
    if (session.isOver) return undefined;
    this.#set(session);
    return session;
  }

  /**
   * Starts a conversation, or the next room of this one.
   * @param check throws when nobody waits for it any more
   * @throws RuntimeError what the platform refused
   */
  async start(check: () => void): Promise<StartedConversation> {
    if (this.#recalling !== undefined) {
      await this.#recalling;
      check();
    }
    // As another window left it, where the talk went on there.
    const stored = this.#stored();
    const session = stored?.conversationId === this.id ? stored : this.#session;
    // First: the platform ends another window's room, and that one reads here where the talk went on.
    if (session !== undefined) this.#keep({ ...session, owner: this.#owner });
    let started: Started;
    try {
      started = await this.#request(session, check);
    } catch (error) {
      // A guest's talk cannot be vouched for under their name, where that is required since.
      const isLost = isGone(error) || (isIdentityRequired(error) && this.#isVouchedFor);
      if (session === undefined || !isLost) throw error;
      check();
      this.drop();
      started = await this.#request(undefined, check);
    }
    check();
    this.#startKey = undefined;
    const { conversationId, visitorToken } = started;
    this.#visitorToken = visitorToken ?? this.#visitorToken;
    const isResumed = session?.conversationId === conversationId;
    this.#keep({
      userId: this.#userId(isResumed),
      conversationId,
      visitorToken: visitorToken ?? (isResumed ? session.visitorToken : undefined),
      owner: this.#owner,
      cards: (isResumed ? this.#session?.cards : undefined) ?? [],
      isOver: false,
    });
    return { ...started, isResumed, isReplaced: session !== undefined && !isResumed };
  }

  /** Another of the visitor's is the one that goes on, with the first thing that they say. */
  open(opened: SharedSession): void {
    this.#keep({ ...opened, owner: this.#owner, cards: [], isOver: false });
    this.takeUp();
  }

  /** Whether another window of the same visitor has joined since. */
  isElsewhere(): boolean {
    const stored = this.#stored();
    return stored?.conversationId === this.id && stored?.owner !== this.#owner;
  }

  get shared(): SharedSession | undefined {
    if (this.#session === undefined) return undefined;
    const { userId, conversationId, visitorToken } = this.#session;
    return { userId, conversationId, visitorToken };
  }

  /** Another window has begun this conversation, goes on with it, or has none. */
  follow(told: SharedSession | undefined): void {
    if (told === undefined) return this.clear();
    const known = [this.#stored(), this.#session];
    const session = known.find((one) => one?.conversationId === told.conversationId);
    this.#set(session ?? { ...told, owner: "", cards: [], isOver: false });
    this.#visitorToken = told.visitorToken;
    if (this.visitor === undefined) this.#guestId = told.userId;
  }

  renewToken(visitorToken: string): void {
    this.#visitorToken = visitorToken;
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

  /** It is over: the browser keeps no more than what opens it again, this window all of it. */
  end(): void {
    const { sessions } = this.#options;
    if (this.id !== undefined) sessions.end(this.visitor, this.id);
    const last = sessions.last(this.visitor);
    if (last?.conversationId === this.id && last !== undefined) this.#keepByPage(last);
    this.isOpen.value = false;
  }

  /** The next one is another. */
  clear(): void {
    this.#session = undefined;
    this.#startKey = undefined;
    this.isOpen.value = false;
  }

  /** The platform knows it no more. */
  drop(): void {
    const { sessions } = this.#options;
    if (this.id !== undefined) sessions.forget(this.visitor, this.id);
    this.clear();
  }

  async #recall(): Promise<void> {
    const recalled = await this.#page.recall();
    if (recalled === undefined) return;
    const { visitor, userId, conversationId, visitorToken, isOver, metadata } = recalled;
    const { sessions, preForm } = this.#options;
    const session = { userId, conversationId, visitorToken, isOver, owner: "", cards: [] };
    sessions.save(visitor, session);
    preForm.recall(metadata, visitor);
    if (sessions.outlives(visitor)) this.#page.drop();
    // As if it had been here when the page named them.
    if (this.visitor !== undefined) this.#endKeys(sessions.forgetOthers(this.visitor));
    this.takeUp();
  }

  async #request(session: VisitorSession | undefined, check: () => void): Promise<Started> {
    const { api, consent, parent } = this.#options;
    const answer = await parent.ticket();
    check();
    if (answer !== undefined && answer.ticket === undefined) {
      throw new RuntimeError(answer.status, "There is no ticket.", undefined);
    }
    const userId = this.#userId(session !== undefined);
    const identityToken = this.#named.tokenFor(userId);
    try {
      const started = await api.start({
        userId,
        metadata: this.#metadata(session !== undefined),
        conversationId: session?.conversationId,
        visitorToken: session?.visitorToken ?? this.#visitorToken,
        identityToken,
        ticket: answer?.ticket,
        page: answer?.page,
        consent: consent.given.value,
        idempotencyKey: (this.#startKey ??= randomId()),
      });
      check();
      this.#named.accepted(identityToken);
      return started;
    } catch (error) {
      if (identityToken !== undefined && isIdentityRefused(error)) {
        check();
        this.#named.refused(identityToken, error);
        return await this.#request(session, check);
      }
      // The token came while the platform said that it was missing.
      const hasCome = this.#named.tokenFor(this.#userId(session !== undefined)) !== undefined;
      if (!isIdentityRequired(error) || identityToken !== undefined || !hasCome) throw error;
      check();
      return await this.#request(session, check);
    }
  }

  get #isVouchedFor(): boolean {
    return this.visitor !== undefined && this.#named.tokenFor(this.visitor) !== undefined;
  }

  #endKeys(visitorTokens: readonly (string | undefined)[]): void {
    for (const token of new Set(visitorTokens)) {
      if (token !== undefined) void endKey(this.#options.api, token);
    }
  }

  /** A conversation belongs to the name under which it began. */
  #userId(isResume: boolean): string {
    if (isResume && this.#session !== undefined) return this.#session.userId;
    if (this.visitor !== undefined) return this.visitor;
    return (this.#guestId ??= `guest_${randomId()}`);
  }

  #metadata(isResume: boolean): Fields {
    const { visitor } = this;
    // Named only after it began: the owner learns it as a note.
    const isNamedLate = isResume && visitor !== undefined && visitor !== this.#session?.userId;
    const own = {
      ...this.#options.preForm.values.value,
      ...(isNamedLate ? { identified_as: visitor } : {}),
    };
    const metadata = { ...this.#named.metadata, ...own };
    if (jsonBytes(metadata) <= VISITOR_LIMITS.metadataBytes) return metadata;
    logError("The visitor's metadata does not fit beside their form's answers: left out.");
    return own;
  }

  #stored(): VisitorSession | undefined {
    return this.#options.sessions.load(this.visitor);
  }

  #set(session: VisitorSession): void {
    this.#session = session;
    this.isOpen.value = true;
  }

  #keep(session: VisitorSession): void {
    this.#set(session);
    this.#options.sessions.save(this.visitor, session);
    this.#keepByPage(session);
  }

  #keepByPage({ conversationId, visitorToken, isOver }: VisitorSession): void {
    const isNeeded = this.#mayPageKeep && !this.#options.sessions.outlives(this.visitor);
    if (!isNeeded || visitorToken === undefined) return;
    this.#page.keep({ conversationId, visitorToken, isOver, visitor: this.visitor });
  }

  get #cards(): readonly KeptCard[] {
    return this.#session?.cards ?? [];
  }

  #keepCards(cards: readonly KeptCard[]): void {
    this.#amend({ cards: cards.slice(-KEPT_CARDS) });
  }

  /** Another window that joined meanwhile stays the owner. */
  #amend(part: Partial<Pick<VisitorSession, "visitorToken" | "cards">>): void {
    if (this.#session === undefined) return;
    this.#session = { ...this.#session, ...part };
    const stored = this.#stored();
    if (stored === undefined || stored.conversationId !== this.id) return;
    this.#options.sessions.save(this.visitor, { ...stored, ...part });
  }
}
