import pixelmatch from "pixelmatch";
import sharp, { type OutputInfo } from "sharp";

/** Small enough for a repository: the panel has few colours. */
export async function pack(png: Buffer): Promise<Buffer> {
  return sharp(png).png({ palette: true, dither: 0, effort: 10 }).toBuffer();
}

export interface Comparison {
  /** Of all pixels, from 0 to 1. Those that a smoothed edge alone has moved do not count. */
  readonly changedShare: number;
  /** What has changed in red, as a PNG. */
  readonly difference: Buffer;
}

/** @param kept both are PNGs */
export async function compare(kept: Buffer, seen: Buffer): Promise<Comparison> {
  const [one, other] = await Promise.all([decode(kept), decode(seen)]);
  const { width, height } = other.info;
  const output = Buffer.alloc(width * height * 4);
  const isSameSize = one.info.width === width && one.info.height === height;
  const changed = isSameSize
    ? pixelmatch(one.data, other.data, output, width, height)
    : width * height;
  const difference = await sharp(output, { raw: { width, height, channels: 4 } })
    .png()
    .toBuffer();
  return { changedShare: changed / (width * height), difference };
}

async function decode(png: Buffer): Promise<{ data: Buffer; info: OutputInfo }> {
  return sharp(png).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
}
