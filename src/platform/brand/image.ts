import sharp from "sharp";
import { readIco } from "./ico.js";
import { parseColor } from "../../protocol/color.js";
import { mergeSwatches, readPalette, type Swatch } from "./swatches.js";

/** What was learnt of a picture. Sizes in pixels, null where an SVG leaves them open. */
export interface ImageFacts {
  width: number | null;
  height: number | null;
  mediaType: string;
  palette: Swatch[];
  /** Whether nothing but white would be seen of it: it vanishes on a light ground. */
  whiteOnly: boolean;
}

/** Pixels that a picture may have to be decoded: 16 megapixels. */
const MAX_PIXELS = 16_000_000;

const SAMPLE_EDGE = 128;

/**
 * Reads size and colours of a picture, going by its content alone. Null when it is no picture that
 * we decode, is broken, or has more than 16 megapixels. An SVG is read as text, never drawn.
 *
 * @param timeoutSeconds how long decoding may take
 */
export async function readImage(file: Buffer, timeoutSeconds: number): Promise<ImageFacts | null> {
  const mediaType = sniffMediaType(file);
  if (mediaType === null) return null;
  if (mediaType === "image/svg+xml") return readSvg(file.toString("utf8"));
  const icon = mediaType === "image/x-icon" ? readIco(file) : null;
  if (mediaType === "image/x-icon" && icon === null) return null;
  if (icon?.kind === "pixels") {
    return { width: icon.width, height: icon.height, mediaType, ...colorsOf(icon.rgba) };
  }
  return readRaster(icon?.file ?? file, mediaType, timeoutSeconds);
}

/** The media type that a file's first bytes tell, null when it is none that is read here. */
export function sniffMediaType(file: Buffer): string | null {
  const start = file.subarray(0, 16).toString("latin1");
  if (start.startsWith("\x89PNG\r\n\x1a\n")) return "image/png";
  if (start.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (/^GIF8[79]a/.test(start)) return "image/gif";
  if (/^RIFF.{4}WEBP/s.test(start)) return "image/webp";
  if (/^.{4}ftypavi[fs]/s.test(start)) return "image/avif";
  if (start.startsWith("\0\0\x01\0")) return "image/x-icon";
  const text = file
    .subarray(0, 4096)
    .toString("utf8")
    .trimStart()
    .replace(/^\uFEFF/, "");
  return /^<(?:\?xml|!--|!doctype\s+svg|svg[\s>/])/i.test(text) && /<svg[\s>/]/i.test(text)
    ? "image/svg+xml"
    : null;
}

async function readRaster(
  file: Buffer,
  mediaType: string,
  timeoutSeconds: number,
): Promise<ImageFacts | null> {
  try {
    const options = { limitInputPixels: MAX_PIXELS, pages: 1, failOn: "error" } as const;
    const { width, height, format } = await sharp(file, options).metadata();
    if (!RASTER_FORMATS.has(format) || width * height > MAX_PIXELS) return null;
    const pixels = await sharp(file, options)
      .timeout({ seconds: Math.max(1, Math.ceil(timeoutSeconds)) })
      // Nearest neighbour keeps flat colours exact; smoother kernels ring at the edges.
      .resize(SAMPLE_EDGE, SAMPLE_EDGE, {
        fit: "inside",
        withoutEnlargement: true,
        kernel: "nearest",
      })
      .toColourspace("srgb")
      .ensureAlpha()
      .raw({ depth: "uchar" })
      .toBuffer();
    return { width, height, mediaType, ...colorsOf(pixels) };
  } catch {
    return null;
  }
}

/** sharp's names of what may be decoded; anything it recognises beyond these is left alone. */
const RASTER_FORMATS: ReadonlySet<string> = new Set(["png", "jpeg", "gif", "webp", "heif"]);

function colorsOf(rgba: Uint8Array): { palette: Swatch[]; whiteOnly: boolean } {
  const palette = readPalette(rgba);
  return { palette, whiteOnly: isWhiteOnly(palette) };
}

function isWhiteOnly(palette: readonly Swatch[]): boolean {
  return (
    palette.length > 0 && palette.every(({ color }) => Math.min(...Object.values(color)) > 235)
  );
}

function readSvg(source: string): ImageFacts {
  const root = /<svg\b[^>]*>/i.exec(source.slice(0, 8192))?.[0] ?? "";
  const box =
    /\bviewBox\s*=\s*["']\s*([^"']*)["']/i
      .exec(root)?.[1]
      ?.trim()
      .split(/[\s,]+/) ?? [];
  const palette = svgPalette(source);
  return {
    width: svgLength(root, "width") ?? positive(box[2]),
    height: svgLength(root, "height") ?? positive(box[3]),
    mediaType: "image/svg+xml",
    palette,
    whiteOnly: isWhiteOnly(palette),
  };
}

function svgLength(root: string, name: string): number | null {
  const value = new RegExp(String.raw`\s${name}\s*=\s*["']\s*([\d.]+)(?:px)?\s*["']`, "i").exec(
    root,
  );
  return positive(value?.[1]);
}

function positive(text: string | undefined): number | null {
  const value = Math.round(Number(text));
  return value >= 1 && value <= 100_000 ? value : null;
}

/** The colours that fills, strokes and gradients name, weighed by how often. */
function svgPalette(source: string): Swatch[] {
  const uses = new Map<string, number>();
  // Bounded repeats: the file is a stranger's.
  const pattern =
    /\b(?:fill|stroke|stop-color|color)\s{0,2}[:=]["']?\s{0,2}(#[\da-f]{3,8}|[a-z]+\([^()]{3,40}\)|[a-z]{3,24})/gi;
  let total = 0;
  for (const [, value = ""] of source.matchAll(pattern)) {
    if (parseColor(value) === null) continue;
    uses.set(value, (uses.get(value) ?? 0) + 1);
    total += 1;
    if (total === 2_000) break;
  }
  const swatches = [...uses].flatMap(([value, count]) => {
    const color = parseColor(value);
    return color === null ? [] : [{ color, share: count / total }];
  });
  return mergeSwatches(swatches);
}
