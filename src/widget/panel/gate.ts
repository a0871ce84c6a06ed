import { computed, type ReadonlySignal } from "@preact/signals";
import type { PreForm } from "./pre-form.js";
import type { ConsentWords, RuntimeApi } from "./runtime-api.js";
import { LANGUAGE } from "./strings.js";
import type { VisitorConsent } from "./visitor-consent.js";

interface GateOptions {
  api: RuntimeApi;
  consent: VisitorConsent;
  preForm: PreForm;
  /** Whether there is a conversation that goes on. */
  hasTalk: ReadonlySignal<boolean>;
}

/** What stands before a talk, and what the visitor wants meanwhile: it waits until it is known who they are, then for their consent and for the form. */
export class Gate {
  readonly needsConsent = computed(() => {
    const { consent, hasTalk } = this.#options;
    // A conversation may keep what this browser does not know; the platform says if it does not.
    return consent.isMissing.value && !(hasTalk.value && consent.isUnknown);
  });
  readonly needsForm = computed(
    () => this.#options.preForm.isMissing.value && !this.#options.hasTalk.value,
  );
  readonly #options: GateOptions;
  #waiting: (() => void)[] = [];
  #hasBegun = false;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#hasBegun && !this.needsConsent.value && !this.needsForm.value;
  }

  get isWaitedFor(): boolean {
    return this.#waiting.length > 0;
  }

  begin(): void {
    this.#hasBegun = true;
    this.pass();
  }

  /** @returns whether it has to wait; else it is the caller's to do */
  holds(run: () => void): boolean {
    if (this.isOpen) return false;
    this.#waiting.push(run);
    return true;
  }

  /** What comes before all that waits. */
  first(run: () => void): void {
    this.#waiting.unshift(run);
    this.pass();
  }

  /** Something is there that was missing: there may be more of it. */
  pass(): void {
    if (!this.isOpen) return;
    for (const run of this.#waiting.splice(0)) run();
  }

  consentWords(): Promise<ConsentWords> {
    return this.#options.api.consent(LANGUAGE);
  }

  /** What they wanted to say or to begin is not kept either. */
  decline(): void {
    this.clear();
    this.#options.consent.decline("declined");
  }

  clear(): void {
    this.#waiting = [];
  }
}
