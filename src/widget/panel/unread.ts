import { chime } from "./chime.js";
import type { Tabs } from "./tabs.js";

/** How long it takes to hear of another window that the visitor looks at. */
const SEEN_MS = 150;

/** Counts what came while nobody saw the panel, in this window or in another one of the visitor's. */
export class Unread {
  readonly #tell: (count: number) => void;
  readonly #tabs: () => Tabs;
  #isVisible = false;
  #count = 0;
  /** What has just come, and is perhaps seen elsewhere. */
  #fresh = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(tell: (count: number) => void, tabs: () => Tabs) {
    this.#tell = tell;
    this.#tabs = tabs;
  }

  setVisible(visible: boolean): void {
    this.#isVisible = visible;
    this.look();
  }

  /** The visitor may have come back to the page. */
  look(): void {
    if (!this.#isSeen) return;
    this.#tabs().seen();
    this.clear();
  }

  add(): void {
    // The others are told of it first, and then that it was seen.
    if (this.#isSeen) return void setTimeout(() => this.#tabs().seen());
    this.#fresh++;
    if (this.#tabs().isShared) this.#timer ??= setTimeout(() => this.#settle(), SEEN_MS);
    else this.#settle();
  }

  /** The visitor has seen all of it, here or elsewhere. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#fresh = 0;
    if (this.#count > 0) this.#set(0);
  }

  get #isSeen(): boolean {
    return this.#isVisible && !document.hidden;
  }

  #settle(): void {
    this.#timer = undefined;
    this.#set(this.#count + this.#fresh);
    this.#fresh = 0;
    // Once for all windows.
    if (!this.#tabs().isFollowing.value) chime();
  }

  #set(count: number): void {
    this.#count = count;
    this.#tell(count);
  }
}
