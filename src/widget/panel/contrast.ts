/** Red, green and blue, 0 to 255. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** WCAG 2.2, 1.4.3: of text. */
const READABLE = 4.5;
const BLACK: Rgb = [21, 23, 26];
const WHITE: Rgb = [255, 255, 255];

/** @returns 1 to 21, by WCAG's definition */
export function contrastRatio(one: Rgb, other: Rgb): number {
  const [first, second] = [luminance(one), luminance(other)];
  return (Math.max(first, second) + 0.05) / (Math.min(first, second) + 0.05);
}

/** @returns what is written on the ground: the wanted colour, or the shade of it that can be read there; without one black or white. */
export function textOn(ground: Rgb, wanted?: Rgb): Rgb {
  if (wanted !== undefined) return readableOn(ground, wanted);
  return contrastRatio(ground, WHITE) >= READABLE ||
    contrastRatio(ground, WHITE) > contrastRatio(ground, BLACK)
    ? WHITE
    : BLACK;
}

/** @returns the colour, or the nearest of its shades that can be read on the ground */
export function readableOn(ground: Rgb, colour: Rgb): Rgb {
  const end = contrastRatio(ground, WHITE) > contrastRatio(ground, BLACK) ? WHITE : BLACK;
  for (let share = 0; share < 1; share += 0.05) {
    const shade = mix(colour, end, share);
    if (contrastRatio(ground, shade) >= READABLE) return shade;
  }
  return end;
}

/** @param css what a browser made of a colour: `#rrggbb`, or `rgba(…)` where some of the ground is seen through it. */
export function readRgb(css: string, ground: Rgb): Rgb {
  const hex = /^#(..)(..)(..)$/.exec(css);
  if (hex !== null) return triple(hex.slice(1).map((part) => Number.parseInt(part, 16)));
  const [red, green, blue, opacity = 1] = (css.match(/[\d.]+/g) ?? []).map(Number);
  return mix(ground, triple([red, green, blue]), opacity);
}

export function writeRgb(colour: Rgb): string {
  return `rgb(${colour.map(Math.round).join(" ")})`;
}

function mix(one: Rgb, other: Rgb, share: number): Rgb {
  return triple(one.map((part, index) => part + ((other[index] ?? 0) - part) * share));
}

function triple([red = 0, green = 0, blue = 0]: readonly (number | undefined)[]): Rgb {
  return [red, green, blue];
}

function luminance(colour: Rgb): number {
  const [red = 0, green = 0, blue = 0] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
