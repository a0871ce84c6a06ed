import { logError } from "../log-error.js";
import type { Conversation } from "./conversation.js";
import type { Gate } from "./gate.js";
import type { Notices } from "./notices.js";
import type { Outbox } from "./outbox.js";
import type { PreForm } from "./pre-form.js";
import { isConsentRequired, isIdentityRequired, isRefusal } from "./runtime-api.js";
import { explainStart } from "./start-failure.js";
import { STRINGS } from "./strings.js";
import type { VisitorConsent } from "./visitor-consent.js";

export interface StartTroubleOptions {
  consent: VisitorConsent;
  conversation: Conversation;
  gate: Gate;
  notices: Notices;
  outbox: Outbox;
  preForm: PreForm;
  retry: () => void;
}

/** A start that came to nothing, and what becomes of what was to be said. */
export class StartTrouble {
  /** The website has to vouch for its visitor first: what they wrote waits for that. */
  isIdentityAwaited = false;
  readonly #options: StartTroubleOptions;

  constructor(options: StartTroubleOptions) {
    this.#options = options;
  }

  /** What waits for the website's word. */
  get unsaid(): string[] {
    if (!this.isIdentityAwaited) return [];
    return this.#options.outbox.entries.map(({ text }) => text.value);
  }

  /** What could not be sent for now waits until it can be. */
  meet(error: unknown): void {
    this.#explain(error);
    if (isRefusal(error) && !this.isIdentityAwaited) this.#options.outbox.fail();
  }

  #explain(error: unknown): void {
    const { consent, conversation, gate, notices, preForm, retry } = this.#options;
    if (isIdentityRequired(error)) return this.#awaitIdentity();
    if (isConsentRequired(error)) {
      consent.refuse();
      gate.holds(retry);
      return notices.clear("connection");
    }
    const failure = explainStart(error);
    if (failure.status !== 422) return notices.startFailed(failure);
    logError("The platform refused to start a conversation:", error);
    // The answers of a conversation that goes on were taken when it began.
    if (preForm.values.value === undefined || conversation.id !== undefined) {
      return notices.startFailed(failure);
    }
    preForm.refuse();
    gate.holds(retry);
    notices.startFailed({ ...failure, text: STRINGS.formRefused });
  }

  #awaitIdentity(): void {
    this.isIdentityAwaited = true;
    logError("This widget needs an identity token: call identify with one.");
    this.#options.notices.identityNeeded();
  }
}
