import type { ReadonlySignal } from "@preact/signals";

/** What the frame around the panel can do. */
export interface FrameControls {
  close: () => void;
  expand: (expanded: boolean) => void;
  /** Whether there is room for a larger window. */
  isWide: ReadonlySignal<boolean>;
}
