import { readFields, readNumber, readText, type Fields } from "../read.js";

/** `config.v1.trigger` in the words of the style sheet. */
export interface Trigger {
  side: "left" | "right";
  zIndex: number;
  /** Custom properties; numbers only, so that nothing but lengths can get in. */
  css: string;
  label: string;
  iconUrl: string | undefined;
}

export function readTrigger(v1: Fields): Trigger {
  const trigger = readFields(v1["trigger"]);
  const size = readNumber(trigger["size"], 56);
  // Whatever is asked for, an icon of some size remains.
  const padding = Math.min(readNumber(trigger["padding"], size / 4), size / 2 - 6);
  const radius = trigger["shape"] === "square" ? 14 : size;
  const x = readNumber(trigger["offset_x"], 20);
  const y = readNumber(trigger["offset_y"], 20);
  return {
    side: trigger["position"] === "bottom-left" ? "left" : "right",
    zIndex: readNumber(trigger["z_index"], 2147483000),
    css: `--s:${size}px;--p:${padding}px;--r:${radius}px;--x:${x}px;--y:${y}px`,
    label: readText(trigger["label"]) ?? "",
    iconUrl: readText(trigger["icon_url"]),
  };
}
