import { NAMED_COLORS } from "../css-colors.js";

const SPACE = String.raw`[ \t\n\f\r]`;
const NUMBER = String.raw`[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)`;
const HEX = "#(?:[0-9A-Fa-f]{3,4}|[0-9A-Fa-f]{6}|[0-9A-Fa-f]{8})";
const RGB = functionPattern("rgba?", `${NUMBER}%?`);
const HSL = functionPattern("hsla?", `${NUMBER}(?:%|deg|rad|grad|turn)?`);
const NAMES = [...NAMED_COLORS.keys(), "transparent"].join("|");
export const MAX_COLOR_LENGTH = 80;

/** A colour for a JSON Schema. Its words are in lower case; we take any. */
export const COLOR_PATTERN = `^(?:${HEX}|${RGB}|${HSL}|${NAMES})$`;
const COLOR = new RegExp(COLOR_PATTERN, "i");

/** Whether a text is a colour that a config may hold: hex, rgb(), hsl() or a CSS name (CSS Color 4). */
export function isCssColor(text: string): boolean {
  return text.length <= MAX_COLOR_LENGTH && COLOR.test(text);
}

/** Three components and an optional alpha, by commas or by spaces with a slash. */
function functionPattern(name: string, component: string): string {
  const alpha = `${NUMBER}%?`;
  const commas = String.raw`${component}(?:${SPACE}*,${SPACE}*${component}){2}(?:${SPACE}*,${SPACE}*${alpha})?`;
  const spaces = String.raw`${component}(?:${SPACE}+${component}){2}(?:${SPACE}*/${SPACE}*${alpha})?`;
  return String.raw`${name}\(${SPACE}*(?:${commas}|${spaces})${SPACE}*\)`;
}
