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
    if (visible) this.clear();
  }

  add(): void {
    if (!this.#isVisible) this.#set(this.#count + 1);
  }

  clear(): void {
    if (this.#count > 0) this.#set(0);
  }

  #set(count: number): void {
    this.#count = count;
    this.#tell(count);
  }
}
