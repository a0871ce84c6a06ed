import { NAMED_COLORS } from "../css-colors.js";

/** An opaque sRGB colour, each channel a whole number from 0 to 255. */
export interface Color {
  red: number;
  green: number;
  blue: number;
}

/** WCAG 2 AA: the least contrast of text on its background. */
const TEXT_CONTRAST = 4.5;

export const WHITE: Color = { red: 255, green: 255, blue: 255 };
export const BLACK: Color = { red: 0, green: 0, blue: 0 };

/**
 * Reads `#rgb[a]`, `#rrggbb[aa]`, `rgb()`, `hsl()` and named colours. Transparency is laid over
 * white; null when it is no colour, or one that cannot be seen at all.
 */
export function parseColor(text: string): Color | null {
  const value = text.trim().toLowerCase();
  if (value.length > 64) return null;
  const named = NAMED_COLORS.get(value);
  if (named !== undefined) return parseHex(named);
  if (value.startsWith("#")) return parseHex(value.slice(1));
  const call = /^(rgb|hsl)a?\(([^()]*)\)$/.exec(value);
  const parts = call?.[2]?.split(/[\s,/]+/).filter((part) => part !== "") ?? [];
  if (parts.length !== 3 && parts.length !== 4) return null;
  return call?.[1] === "rgb" ? parseRgb(parts) : parseHsl(parts);
}

/** `#rrggbb`, lower case. */
export function toHex({ red, green, blue }: Color): string {
  return `#${[red, green, blue].map((c) => c.toString(16).padStart(2, "0")).join("")}`;
}

/** WCAG's relative luminance, 0 (black) to 1 (white). */
export function luminance({ red, green, blue }: Color): number {
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

/** WCAG's contrast ratio, 1 to 21, the same both ways round. */
export function contrast(one: Color, other: Color): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

/** How colourful, 0 (grey) to 255. */
export function colorfulness({ red, green, blue }: Color): number {
  return Math.max(red, green, blue) - Math.min(red, green, blue);
}

/** How far apart two colours look, roughly: 0 to 765 (the "redmean" approximation). */
export function distance(one: Color, other: Color): number {
  const red = one.red - other.red;
  const green = one.green - other.green;
  const blue = one.blue - other.blue;
  const mean = (one.red + other.red) / 2;
  return Math.sqrt(
    (2 + mean / 256) * red ** 2 + 4 * green ** 2 + (2 + (255 - mean) / 256) * blue ** 2,
  );
}

/** White where it can be read, else a soft black, else black: always 4.5:1 or more. */
export function readableTextOn(background: Color): Color {
  const choices = [WHITE, SOFT_BLACK];
  return choices.find((text) => contrast(text, background) >= TEXT_CONTRAST) ?? BLACK;
}

/**
 * The same hue, made darker (on a light ground) or lighter (on a dark one) no further than the
 * wanted contrast asks; black or white when even that falls short.
 */
export function withContrast(color: Color, ground: Color, ratio: number): Color {
  if (contrast(color, ground) >= ratio) return color;
  const end = contrast(BLACK, ground) > contrast(WHITE, ground) ? 0 : 1;
  const { hue, saturation, lightness } = toHsl(color);
  const steps = 100;
  for (let step = 1; step < steps; step += 1) {
    const moved = fromHsl(hue, saturation, lightness + ((end - lightness) * step) / steps);
    if (contrast(moved, ground) >= ratio) return moved;
  }
  return end === 0 ? BLACK : WHITE;
}

const SOFT_BLACK: Color = { red: 0x11, green: 0x18, blue: 0x27 };

function linear(channel: number): number {
  const value = channel / 255;
  return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

function parseHex(digits: string): Color | null {
  if (!/^(?:[\da-f]{3,4}|[\da-f]{6}|[\da-f]{8})$/.test(digits)) return null;
  const long = digits.length < 6 ? digits.replace(/./g, "$&$&") : digits;
  const [red = 0, green = 0, blue = 0, alpha = 255] = Buffer.from(long, "hex");
  return overWhite({ red, green, blue }, alpha / 255);
}

function parseRgb(parts: readonly string[]): Color | null {
  const [red, green, blue] = parts.slice(0, 3).map((part) => scaled(part, 255, 255));
  const alpha = scaled(parts[3] ?? "1", 1, 1);
  if (red === undefined || green === undefined || blue === undefined) return null;
  return alpha === undefined ? null : overWhite({ red, green, blue }, alpha);
}

function parseHsl(parts: readonly string[]): Color | null {
  const turn = /^([+-]?(?:\d+\.?\d*|\.\d+))(deg|turn|rad|grad)?$/.exec(parts[0] ?? "");
  const degrees = { deg: 1, turn: 360, rad: 180 / Math.PI, grad: 0.9 };
  const unit = turn?.[2];
  const hue = Number(turn?.[1]) * (unit === undefined || !isKey(degrees, unit) ? 1 : degrees[unit]);
  const saturation = scaled(parts[1] ?? "", 1, 100);
  const lightness = scaled(parts[2] ?? "", 1, 100);
  const alpha = scaled(parts[3] ?? "1", 1, 1);
  if (!Number.isFinite(hue) || saturation === undefined) return null;
  if (lightness === undefined || alpha === undefined) return null;
  return overWhite(fromHsl(hue, saturation, lightness), alpha);
}

function isKey<T extends object>(object: T, key: PropertyKey): key is keyof T {
  return Object.hasOwn(object, key);
}

/** A number of which `full` is all, or a percentage, as 0 to `top`; undefined when it is neither. */
function scaled(text: string, top: number, full: number): number | undefined {
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+))(%?)$/.exec(text);
  if (match === null) return undefined;
  const share = Number(match[1]) / (match[2] === "%" ? 100 : full);
  return Math.min(1, Math.max(0, share)) * top;
}

function overWhite({ red, green, blue }: Color, alpha: number): Color | null {
  if (alpha === 0) return null;
  const mix = (channel: number) => Math.round(channel * alpha + 255 * (1 - alpha));
  return { red: mix(red), green: mix(green), blue: mix(blue) };
}

function toHsl({ red, green, blue }: Color): {
  hue: number;
  saturation: number;
  lightness: number;
} {
  const high = Math.max(red, green, blue) / 255;
  const low = Math.min(red, green, blue) / 255;
  const spread = high - low;
  const lightness = (high + low) / 2;
  if (spread === 0) return { hue: 0, saturation: 0, lightness };
  const saturation = spread / (1 - Math.abs(2 * lightness - 1));
  const sixth = 255 * spread;
  let hue = (red - green) / sixth + 4;
  if (red / 255 === high) hue = (green - blue) / sixth;
  else if (green / 255 === high) hue = (blue - red) / sixth + 2;
  return { hue: hue * 60, saturation, lightness };
}

function fromHsl(hue: number, saturation: number, lightness: number): Color {
  const reach = saturation * Math.min(lightness, 1 - lightness);
  const channel = (offset: number) => {
    const place = (((offset + hue / 30) % 12) + 12) % 12;
    const value = lightness - reach * Math.max(-1, Math.min(place - 3, 9 - place, 1));
    return Math.min(255, Math.max(0, Math.round(value * 255)));
  };
  return { red: channel(0), green: channel(8), blue: channel(4) };
}
