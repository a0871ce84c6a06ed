/** What a page, its JSON-LD or its manifest say of themselves; links are absolute. */
export interface BrandFacts {
  /** From the most to the least telling; the page title comes apart, for it needs cutting. */
  names: string[];
  title: string | null;
  descriptions: string[];
  /** Declared theme colours as written, those for light mode first. */
  themeColors: string[];
  backgroundColor: string | null;
  /** Whether the page says that it is made for dark mode only. */
  darkOnly: boolean;
  manifestUrl: string | null;
  images: ImageLink[];
}

export type ImageSource = "organization" | "open-graph-logo" | "icon" | "open-graph-image";

export interface ImageLink {
  url: string;
  source: ImageSource;
  /** The declared longer edge in pixels; null when unknown, Infinity for "any". */
  declaredSize: number | null;
}

export function emptyFacts(): BrandFacts {
  return {
    names: [],
    title: null,
    descriptions: [],
    themeColors: [],
    backgroundColor: null,
    darkOnly: false,
    manifestUrl: null,
    images: [],
  };
}

/** The absolute http or https address, or null. Nothing, or a place in the page itself, leads nowhere. */
export function absoluteUrl(link: string, base: string): string | null {
  const reference = link.trim();
  if (reference === "" || reference.startsWith("#") || reference.length > 2048) return null;
  if (!URL.canParse(reference, base)) return null;
  const url = new URL(reference, base);
  const fetchable = url.protocol === "https:" || url.protocol === "http:";
  return fetchable && url.username === "" && url.password === "" ? url.href : null;
}

/** The longer edge of the largest entry of a `sizes` attribute such as `16x16 180x180`. */
export function largestSize(sizes: string | undefined): number | null {
  let largest: number | null = null;
  for (const size of (sizes ?? "").toLowerCase().split(/\s+/)) {
    const match = /^(\d{1,5})x(\d{1,5})$/.exec(size);
    if (size === "any") largest = Number.POSITIVE_INFINITY;
    else if (match) largest = Math.max(largest ?? 0, Number(match[1]), Number(match[2]));
  }
  return largest;
}

/**
 * A line that is fit to show and to store: no controls, no lone surrogates, one space at most
 * between words, cut between whole characters.
 *
 * @param maxLength in UTF-16 units, as JavaScript and JSON schemas count
 */
export function cleanLine(text: string, maxLength: number): string | null {
  const line = text
    .replace(/[\p{Cc}\s]+/gu, " ")
    .replace(/[\p{Surrogate}\p{Bidi_Control}\uFFFD\uFEFF]/gu, "")
    .trim();
  if (line.length <= maxLength) return line === "" ? null : line;
  let cut = "";
  for (const { segment } of new Intl.Segmenter().segment(line.slice(0, maxLength))) {
    if (cut.length + segment.length >= maxLength) break;
    cut += segment;
  }
  return `${cut.trimEnd()}…`;
}
