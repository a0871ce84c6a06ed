import { computed, signal } from "@preact/signals";
import { isFields } from "../read.js";
import { readStored, removeStored, writeStored } from "../storage.js";
import { findProblems, keepFitting, type FormDefinition, type FormValues } from "./form.js";

/** The form before the conversation, and what an earlier visit already told. */
export class PreForm {
  readonly form: FormDefinition | undefined;
  readonly values = signal<FormValues | undefined>(undefined);
  readonly isMissing = computed(() => this.form !== undefined && this.values.value === undefined);
  readonly #key: string;
  readonly #isShownOnce: boolean;

  constructor(widgetId: string, form: FormDefinition | undefined, isShownOnce: boolean) {
    // The documented name of this entry.
    this.#key = `anyreach-widget-form-${widgetId}`;
    this.form = form;
    this.#isShownOnce = isShownOnce;
    this.#reuse();
  }

  /** What the visitor wrote before, as far as it fits the form of today. */
  get prefilled(): FormValues {
    return this.form === undefined ? {} : keepFitting(this.form, this.#cached()?.values);
  }

  submit(values: FormValues): void {
    this.values.value = values;
    if (this.form === undefined || !this.#isShownOnce) return;
    writeStored("localStorage", this.#key, JSON.stringify({ hash: this.form.hash, values }));
  }

  /** A new conversation asks again, unless once was enough. */
  reset(): void {
    this.values.value = undefined;
    this.#reuse();
  }

  forget(): void {
    removeStored("localStorage", this.#key);
    this.values.value = undefined;
  }

  #reuse(): void {
    const cached = this.#cached();
    if (this.form === undefined || !this.#isShownOnce || cached?.hash !== this.form.hash) return;
    const values = keepFitting(this.form, cached.values);
    if (Object.keys(findProblems(this.form, values)).length === 0) this.values.value = values;
  }

  #cached(): { hash: unknown; values: unknown } | undefined {
    try {
      const cached: unknown = JSON.parse(readStored("localStorage", this.#key) ?? "null");
      return isFields(cached) ? { hash: cached["hash"], values: cached["values"] } : undefined;
    } catch {
      return undefined;
    }
  }
}
