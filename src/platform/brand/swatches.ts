import { colorfulness, distance, luminance, type Color } from "../../protocol/color.js";

/** A colour of a picture and its share of the visible pixels, 0 to 1. */
export interface Swatch {
  color: Color;
  share: number;
}

/** Below this a colour reads as grey; it lies above what JPEG noise makes of grey. */
const GREY_BELOW = 24;
const SAME_COLOR = 60;
const MAX_SWATCHES = 6;

/** The leading colours of RGBA pixels, most frequent first. Transparent pixels do not count. */
export function readPalette(rgba: Uint8Array): Swatch[] {
  const buckets = new Map<number, { red: number; green: number; blue: number; count: number }>();
  let visible = 0;
  for (let at = 0; at + 3 < rgba.length; at += 4) {
    const [red = 0, green = 0, blue = 0, alpha = 0] = rgba.subarray(at, at + 4);
    if (alpha < 128) continue;
    visible += 1;
    const key = ((red >> 4) << 8) | ((green >> 4) << 4) | (blue >> 4);
    const bucket = buckets.get(key) ?? { red: 0, green: 0, blue: 0, count: 0 };
    bucket.red += red;
    bucket.green += green;
    bucket.blue += blue;
    bucket.count += 1;
    buckets.set(key, bucket);
  }
  const found = [...buckets.values()].map(({ red, green, blue, count }) => ({
    color: {
      red: Math.round(red / count),
      green: Math.round(green / count),
      blue: Math.round(blue / count),
    },
    share: count / visible,
  }));
  return mergeSwatches(found);
}

/** Joins colours that look the same under the more frequent one; leaves out traces. */
export function mergeSwatches(swatches: readonly Swatch[]): Swatch[] {
  const merged: Swatch[] = [];
  for (const { color, share } of swatches.toSorted((a, b) => b.share - a.share)) {
    const near = merged.find((other) => distance(other.color, color) < SAME_COLOR);
    if (near !== undefined) near.share += share;
    else if (merged.length < 4 * MAX_SWATCHES) merged.push({ color, share });
  }
  return merged
    .filter(({ share }) => share >= 0.01)
    .toSorted((a, b) => b.share - a.share)
    .slice(0, MAX_SWATCHES);
}

export function isColorful(color: Color): boolean {
  return colorfulness(color) >= GREY_BELOW;
}

/**
 * The colour that stands for the brand: a colourful theme colour, else the picture's leading
 * colourful one, else a dark grey of either; null when all is white or pale grey, or nothing known.
 */
export function pickPrimary(theme: Color | null, palette: readonly Swatch[]): Color | null {
  if (theme !== null && isColorful(theme)) return theme;
  const vivid = palette
    .filter(({ color }) => isColorful(color))
    .toSorted((a, b) => weight(b) - weight(a))[0];
  if (vivid !== undefined) return vivid.color;
  const greys = theme === null ? palette : [{ color: theme, share: 1 }, ...palette];
  return greys.find(({ color }) => luminance(color) < 0.4)?.color ?? null;
}

function weight({ color, share }: Swatch): number {
  return share * colorfulness(color);
}
