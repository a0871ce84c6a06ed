import { readNumber, readText } from "../../protocol/read.js";
import { TRIGGER_DEFAULTS, type UnreadConfig } from "../../protocol/widget-reading.js";

/** `config.v1.trigger` in the words of the style sheet. */
export interface Trigger {
  side: "left" | "right";
  /** Custom properties; numbers only, so that nothing but lengths can get in. */
  css: string;
  label: string;
  iconUrl: string | undefined;
}

export function readTrigger(v1: UnreadConfig): Trigger {
  const trigger = v1.trigger ?? {};
  const size = readNumber(trigger.size, TRIGGER_DEFAULTS.size);
  // Whatever is asked for, an icon of some size remains. The border is a part of the padding.
  const padding = Math.min(readNumber(trigger.padding, size / 4), size / 2 - 6);
  const z = readNumber(trigger.z_index, TRIGGER_DEFAULTS.z_index);
  const radius = trigger.shape === "square" ? 14 : size;
  const side = trigger.position === "bottom-left" ? "left" : "right";
  const others = `parley-widget[${side}]`;
  const x = readNumber(trigger.offset_x, TRIGGER_DEFAULTS.offset_x);
  // Widgets of one corner stand above one another, unless their owner placed them.
  const lowest = 20 + document.querySelectorAll(others).length * (size + 14);
  const y = readNumber(trigger.offset_y, lowest);
  return {
    side,
    // Never past the middle of the window, however small that is.
    css: `--z:${z};--s:${size}px;--p:${padding - 1}px;--r:${radius}px;--x:min(${x}px,50vw - var(--s)/2);--y:min(${y}px,50vh - var(--s)/2)`,
    label: readText(trigger.label) ?? "",
    iconUrl: readText(trigger.icon_url),
  };
}
