import { chime } from "./chime.js";

/** Counts what came while nobody saw the panel. */
export class Unread {
  readonly #tell: (count: number) => void;
  #isVisible = false;
  #count = 0;

  constructor(tell: (count: number) => void) {
    this.#tell = tell;
  }

  setVisible(visible: boolean): void {
    this.#isVisible = visible;
    this.look();
  }

  /** The visitor may have come back to the page. */
  look(): void {
    if (this.#isVisible && !document.hidden) this.clear();
  }

  add(): void {
    if (this.#isVisible && !document.hidden) return;
    this.#set(this.#count + 1);
    chime();
  }

  clear(): void {
    if (this.#count > 0) this.#set(0);
  }

  #set(count: number): void {
    this.#count = count;
    this.#tell(count);
  }
}
