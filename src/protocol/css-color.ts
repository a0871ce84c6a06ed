import { colorsNamed, converter, parse, type Rgb } from "culori";

/** What the contract names; culori knows more, such as `hwb()` and `lab()`. */
const NOTATION = /^(?:#|rgba?\(|hsla?\(|[a-z]+$)/;
export const MAX_COLOR_LENGTH = 80;

const SPACE = String.raw`[ \t\n\f\r]`;
const NUMBER = String.raw`[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:e[+-]?[0-9]+)?`;
const PERCENT = `${NUMBER}%`;
const ANGLE = `${NUMBER}(?:deg|rad|grad|turn)?`;
const ANY = `(?:${NUMBER}%?|none)`;

/** The same colours as a JSON Schema's pattern, whose words are in lower case; a test holds the two together. */
export const COLOR_PATTERN = `^(?:${[
  "#(?:[0-9A-Fa-f]{3,4}|[0-9A-Fa-f]{6}|[0-9A-Fa-f]{8})",
  byCommas("rgba?", NUMBER, NUMBER),
  byCommas("rgba?", PERCENT, PERCENT),
  byCommas("hsla?", ANGLE, PERCENT),
  bySpaces("rgba?", ANY, ANY),
  bySpaces("hsla?", `(?:${ANGLE}|none)`, ANY),
  ...Object.keys(colorsNamed),
  "transparent",
].join("|")})$`;

const toRgb = converter("rgb");

/**
 * Reads `#rgb[a]`, `#rrggbb[aa]`, `rgb()`, `hsl()` and named colours as browsers do (contract section 4).
 *
 * @returns red, green, blue and alpha from 0 to 1; undefined when it is no such colour.
 */
export function parseCssColor(
  text: string,
): Required<Pick<Rgb, "r" | "g" | "b" | "alpha">> | undefined {
  const color = text.toLowerCase();
  if (color.length > MAX_COLOR_LENGTH || !NOTATION.test(color)) return undefined;
  const parsed = parse(color);
  if (!parsed) return undefined;
  // A component of `none` is 0 in what is drawn; culori leaves it out.
  const { r = 0, g = 0, b = 0, alpha = /\/\s*none\s*\)$/.test(color) ? 0 : 1 } = toRgb(parsed);
  return { r: within(r), g: within(g), b: within(b), alpha: within(alpha) };
}

/** Whether a text is a colour that a config may hold. */
export function isCssColor(text: string): boolean {
  return parseCssColor(text) !== undefined;
}

/** The older notation: commas, and an alpha that follows like the rest. */
function byCommas(name: string, first: string, other: string): string {
  const comma = `${SPACE}*,${SPACE}*`;
  const parts = `${first}(?:${comma}${other}){2}(?:${comma}${NUMBER}%?)?`;
  return String.raw`${name}\(${SPACE}*${parts}${SPACE}*\)`;
}

/** The newer one: spaces, and an alpha behind a slash. */
function bySpaces(name: string, first: string, other: string): string {
  const parts = `${first}(?:${SPACE}+${other}){2}(?:${SPACE}*/${SPACE}*${ANY})?`;
  return String.raw`${name}\(${SPACE}*${parts}${SPACE}*\)`;
}

function within(part: number): number {
  return Math.min(1, Math.max(0, part));
}
