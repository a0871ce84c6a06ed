import { NAMED_COLORS } from "../css-colors.js";

const NUMBER = String.raw`[+-]?(?:\d+\.?\d*|\.\d+)`;
const HEX = /^#(?:[\da-f]{3,4}|[\da-f]{6}|[\da-f]{8})$/i;
const RGB = functionPattern("rgba?", `${NUMBER}%?`);
const HSL = functionPattern("hsla?", `${NUMBER}(?:%|deg|rad|grad|turn)?`);

/** Whether a text is a colour that a config may hold: hex, rgb(), hsl() or a CSS name (CSS Color 4). */
export function isCssColor(text: string): boolean {
  if (text.length > 80) return false;
  const name = text.toLowerCase();
  if (NAMED_COLORS.has(name) || name === "transparent") return true;
  return HEX.test(text) || RGB.test(text) || HSL.test(text);
}

/** Three components and an optional alpha, by commas or by spaces with a slash. */
function functionPattern(name: string, component: string): RegExp {
  const alpha = `${NUMBER}%?`;
  const commas = String.raw`${component}(?:\s*,\s*${component}){2}(?:\s*,\s*${alpha})?`;
  const spaces = String.raw`${component}(?:\s+${component}){2}(?:\s*/\s*${alpha})?`;
  return new RegExp(String.raw`^${name}\(\s*(?:${commas}|${spaces})\s*\)$`, "i");
}
