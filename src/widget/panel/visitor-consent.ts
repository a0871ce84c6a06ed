import { computed, signal } from "@preact/signals";
import { FIRST_CONSENT_VERSION } from "../../protocol/consent-keys.js";
import { readFields, readJson, readText } from "../../protocol/read.js";
import type { PanelConfig } from "../../protocol/widget-reading.js";
import { readStored, removeStored, writeStored } from "../storage.js";

/** What the visitor has agreed to, as a start tells it. */
export interface Agreement {
  version: string;
  /** Of the words that they were shown. */
  language: string;
}

/** Whether the visitor has agreed to what the widget asks, in this browser (contract section 4, `consent`). */
export class VisitorConsent {
  readonly given = signal<Agreement | undefined>(undefined);
  /** They said no, or not any more: the words are not put before them again by themselves. */
  readonly refusal = signal<"declined" | "withdrawn" | undefined>(undefined);
  /** Today's, as far as it is known here; undefined: nothing is asked. */
  readonly #version = signal<string | undefined>(undefined);
  readonly isMissing = computed(
    () => this.#version.value !== undefined && this.given.value?.version !== this.#version.value,
  );
  readonly #key: string;
  #isRefused = false;

  constructor(widgetId: string, consent: PanelConfig["consent"]) {
    this.#key = `parley-consent-${widgetId}`;
    if (!consent.required) return;
    this.#version.value = consent.version ?? FIRST_CONSENT_VERSION;
    this.reset();
  }

  /** Before the next conversation: the visitor may have agreed in another window meanwhile. */
  reset(): void {
    if (this.#version.value === undefined || this.given.value !== undefined) return;
    const stored = readFields(readJson(readStored("localStorage", this.#key) ?? ""));
    const [version, language] = [readText(stored["version"]), readText(stored["language"])];
    if (version !== undefined && language !== undefined) this.given.value = { version, language };
  }

  /** Where this browser does not know, the platform may: a conversation keeps what was agreed to. */
  get isUnknown(): boolean {
    return this.given.value === undefined && !this.#isRefused && this.refusal.value === undefined;
  }

  agree(agreement: Agreement): void {
    this.#isRefused = false;
    this.refusal.value = undefined;
    this.#version.value = agreement.version;
    this.given.value = agreement;
    writeStored("localStorage", this.#key, JSON.stringify(agreement));
  }

  /** The platform asks for it: for another version than is known here, or for any at all. */
  refuse(): void {
    this.#isRefused = true;
    this.#version.value ??= FIRST_CONSENT_VERSION;
    this.#forget();
  }

  decline(refusal: "declined" | "withdrawn"): void {
    this.refusal.value = refusal;
    this.#forget();
  }

  /** Another person may sit here. */
  forget(): void {
    this.refusal.value = undefined;
    this.#forget();
  }

  #forget(): void {
    this.given.value = undefined;
    removeStored("localStorage", this.#key);
  }
}
