import type { UnreadConfig } from "../../protocol/widget-reading.js";
import type { Scene } from "./scene.js";
import type { Site } from "./site.js";

/** One state of the panel, or of a website that has it, and how it comes about. */
export interface State {
  readonly name: string;
  readonly v1: UnreadConfig;
  /** Before the panel is drawn. */
  readonly play?: (scene: Scene) => Promise<void> | void;
  /** What the visitor does in the panel. */
  readonly act?: (root: HTMLElement, scene: Scene) => Promise<void> | void;
  /** Of a website: what is on it, in place of a panel. */
  readonly visit?: (site: Site) => Promise<void>;
}

export function press(root: HTMLElement, selector: string): void {
  root.querySelector<HTMLElement>(selector)?.click();
}
