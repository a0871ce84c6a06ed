/** A picture inside an .ico file: a PNG file, or raw RGBA pixels. */
export type IcoPicture =
  | { kind: "png"; file: Buffer }
  | { kind: "pixels"; width: number; height: number; rgba: Buffer };

/** The largest picture of a Windows icon file (sharp does not read them), or null. */
export function readIco(file: Buffer): IcoPicture | null {
  if (file.length < 6 || file.readUInt32LE(0) !== 0x0001_0000) return null;
  const entries: { edge: number; depth: number; picture: Buffer }[] = [];
  const count = Math.min(file.readUInt16LE(4), 64);
  for (let index = 0; index < count && 22 + index * 16 <= file.length; index += 1) {
    const entry = file.subarray(6 + index * 16, 22 + index * 16);
    const start = entry.readUInt32LE(12);
    const picture = file.subarray(start, start + entry.readUInt32LE(8));
    entries.push({ edge: entry.readUInt8(0) || 256, depth: entry.readUInt16LE(6), picture });
  }
  for (const { picture } of entries.toSorted((a, b) => b.edge - a.edge || b.depth - a.depth)) {
    if (picture.subarray(0, 4).equals(PNG_START)) return { kind: "png", file: picture };
    const pixels = readBitmap(picture);
    if (pixels !== null) return pixels;
  }
  return null;
}

const PNG_START = Buffer.from([0x89, 0x50, 0x4e, 0x47]);

/** An uncompressed bitmap without file header, bottom row first, then a one-bit mask. */
function readBitmap(bitmap: Buffer): IcoPicture | null {
  if (bitmap.length < 40 || bitmap.readUInt32LE(16) !== 0) return null;
  const headerBytes = bitmap.readUInt32LE(0);
  const width = bitmap.readInt32LE(4);
  // The height counts the mask too.
  const height = Math.floor(bitmap.readInt32LE(8) / 2);
  const depth = bitmap.readUInt16LE(14);
  if (width < 1 || height < 1 || width > 256 || height > 256) return null;
  if (![1, 4, 8, 24, 32].includes(depth)) return null;
  const colors = depth > 8 ? 0 : bitmap.readUInt32LE(32) || 2 ** depth;
  const pixelsAt = headerBytes + colors * 4;
  const rowBytes = Math.ceil((width * depth) / 32) * 4;
  const maskAt = pixelsAt + rowBytes * height;
  const maskRowBytes = Math.ceil(width / 32) * 4;
  if (colors > 256 || maskAt > bitmap.length) return null;
  const rgba = Buffer.alloc(width * height * 4);
  let transparent = 0;
  for (let y = 0; y < height; y += 1) {
    const row = pixelsAt + (height - 1 - y) * rowBytes;
    const maskRow = maskAt + (height - 1 - y) * maskRowBytes;
    for (let x = 0; x < width; x += 1) {
      const source =
        depth > 8 ? row + (x * depth) / 8 : headerBytes + 4 * paletteIndex(bitmap, row, x, depth);
      const masked = ((bitmap[maskRow + (x >> 3)] ?? 0) >> (7 - (x & 7))) & 1;
      const alpha = depth === 32 ? (bitmap[source + 3] ?? 0) : 255 * (1 - masked);
      if (alpha === 0) transparent += 1;
      const pixel = [bitmap[source + 2] ?? 0, bitmap[source + 1] ?? 0, bitmap[source] ?? 0, alpha];
      rgba.set(pixel, (y * width + x) * 4);
    }
  }
  // Old 32-bit icons leave the alpha channel empty and mean opaque.
  if (depth === 32 && transparent === width * height) {
    for (let at = 3; at < rgba.length; at += 4) rgba[at] = 255;
  }
  return { kind: "pixels", width, height, rgba };
}

function paletteIndex(bitmap: Buffer, row: number, x: number, depth: number): number {
  const bit = x * depth;
  const byte = bitmap[row + (bit >> 3)] ?? 0;
  return (byte >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
}
