import { computed, signal } from "@preact/signals";
import { readFields, readJson, readText, type Fields } from "../../protocol/read.js";
import { readStored, removeStored, writeStored } from "../storage.js";
import { findProblems, keepFitting, type FormDefinition, type FormValues } from "./form.js";

/** The form before the conversation, and what an earlier visit already told. */
export class PreForm {
  readonly form: FormDefinition | undefined;
  readonly values = signal<FormValues | undefined>(undefined);
  readonly isMissing = computed(() => this.form !== undefined && this.values.value === undefined);
  readonly #key: string;
  readonly #isShownOnce: boolean;
  #userId: string | undefined;
  #refused: FormValues | undefined;
  /** What the browser does not keep for us. */
  #unkept: string | undefined;

  constructor(widgetId: string, form: FormDefinition | undefined, isShownOnce: boolean) {
    // The documented name of this entry.
    this.#key = `anyreach-widget-form-${widgetId}`;
    this.form = form;
    this.#isShownOnce = isShownOnce;
    this.#reuse();
  }

  /** What the visitor wrote before, as far as it fits the form of today. */
  get prefilled(): FormValues {
    return this.form === undefined
      ? {}
      : keepFitting(this.form, this.#refused ?? this.#own()["values"]);
  }

  submit(values: FormValues): void {
    this.values.value = values;
    this.#refused = undefined;
    if (this.form === undefined || !this.#isShownOnce) return;
    this.#keep({ hash: this.form.hash, values, userId: this.#userId });
  }

  /**
   * What the platform has of an earlier visit, where the browser keeps nothing.
   * @param userId the name that the page had given
   */
  recall(metadata: Fields, userId: string | undefined): void {
    if (this.form === undefined) return;
    const values = keepFitting(this.form, metadata);
    // Which fields there were is not known; that these are answered is enough.
    const isWhole = Object.keys(findProblems(this.form, values)).length === 0;
    this.#keep({ hash: isWhole ? this.form.hash : "", values, userId });
    if (this.values.value === undefined) this.#reuse();
  }

  /** What a guest wrote goes on under the name they give; what somebody else wrote is forgotten. */
  identify(userId: string): void {
    const owner = this.#cached()["userId"];
    if (owner !== undefined && owner !== userId) this.forget();
    this.#userId = userId;
    if (this.values.value === undefined) this.#reuse();
    else this.submit(this.values.value);
  }

  /** The platform did not take them: they are asked for again, filled in as they were. */
  refuse(): void {
    this.#refused = this.values.value;
    this.values.value = undefined;
    this.#remove();
  }

  /** A new conversation asks again, unless once was enough. */
  reset(): void {
    this.values.value = undefined;
    this.#reuse();
  }

  forget(): void {
    this.#remove();
    this.values.value = undefined;
    this.#refused = undefined;
    this.#userId = undefined;
  }

  #reuse(): void {
    const { hash, values: before } = this.#own();
    if (this.form === undefined || !this.#isShownOnce || hash !== this.form.hash) return;
    const values = keepFitting(this.form, before);
    if (Object.keys(findProblems(this.form, values)).length === 0) this.values.value = values;
  }

  /** What somebody wrote under a name is shown to nobody without it. */
  #own(): Fields {
    const cached = this.#cached();
    return [undefined, this.#userId].includes(readText(cached["userId"])) ? cached : {};
  }

  #cached(): Fields {
    return readFields(readJson(readStored("localStorage", this.#key) ?? this.#unkept ?? ""));
  }

  #keep(entry: Fields): void {
    const text = JSON.stringify(entry);
    writeStored("localStorage", this.#key, text);
    this.#unkept = readStored("localStorage", this.#key) === text ? undefined : text;
  }

  #remove(): void {
    removeStored("localStorage", this.#key);
    this.#unkept = undefined;
  }
}
