import { converter, wcagContrast, wcagLuminance, type Rgb } from "culori";
import { parseCssColor } from "./css-color.js";

/** An opaque sRGB colour, each channel a whole number from 0 to 255. */
export interface Color {
  red: number;
  green: number;
  blue: number;
}

/** WCAG 2 AA: the least contrast of text on its background. */
export const TEXT_CONTRAST = 4.5;

export const WHITE: Color = { red: 255, green: 255, blue: 255 };
export const BLACK: Color = { red: 0, green: 0, blue: 0 };

/** Reads what a browser reads. Transparency is laid over white; null when it is no colour, or one that cannot be seen at all. */
export function parseColor(text: string): Color | null {
  const parsed = parseCssColor(text.trim());
  if (parsed === undefined || parsed.alpha === 0) return null;
  const { r, g, b, alpha } = parsed;
  const mix = (part: number): number => Math.round(255 * (part * alpha + 1 - alpha));
  return { red: mix(r), green: mix(g), blue: mix(b) };
}

/** `#rrggbb`, lower case. */
export function toHex({ red, green, blue }: Color): string {
  return `#${[red, green, blue].map((c) => c.toString(16).padStart(2, "0")).join("")}`;
}

/** WCAG's relative luminance, 0 (black) to 1 (white). */
export function luminance(color: Color): number {
  return wcagLuminance(toRgb(color));
}

/** WCAG's contrast ratio, 1 to 21, the same both ways round. */
export function contrast(one: Color, other: Color): number {
  return wcagContrast(toRgb(one), toRgb(other));
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
  const { h, s, l } = toHsl(toRgb(color));
  const steps = 100;
  for (let step = 1; step < steps; step += 1) {
    const moved = fromRgb(fromHsl({ mode: "hsl", h, s, l: l + ((end - l) * step) / steps }));
    if (contrast(moved, ground) >= ratio) return moved;
  }
  return end === 0 ? BLACK : WHITE;
}

const SOFT_BLACK: Color = { red: 0x11, green: 0x18, blue: 0x27 };

const toHsl = converter("hsl");
const fromHsl = converter("rgb");

function toRgb({ red, green, blue }: Color): Rgb {
  return { mode: "rgb", r: red / 255, g: green / 255, b: blue / 255 };
}

function fromRgb({ r, g, b }: Rgb): Color {
  const whole = (part: number): number => Math.min(255, Math.max(0, Math.round(part * 255)));
  return { red: whole(r), green: whole(g), blue: whole(b) };
}
