import { crc32, deflateSync } from "node:zlib";
import sharp from "sharp";

/** A PNG of one colour with a square of another in the middle. */
export async function png(color: string, mark: string | null = null, edge = 192): Promise<Buffer> {
  const middle = Math.round(edge / 2);
  const layers = mark === null ? [] : [{ input: await square(mark, middle) }];
  return square(color, edge, layers);
}

/** A PNG whose ground is transparent, with a square in the middle. */
export async function markOnNothing(mark: string, edge = 192): Promise<Buffer> {
  return square("#0000", edge, [{ input: await square(mark, Math.round(edge / 2)) }]);
}

async function square(
  background: string,
  edge: number,
  layers: { input: Buffer }[] = [],
): Promise<Buffer> {
  const create = { width: edge, height: edge, channels: 4 as const, background };
  return sharp({ create }).composite(layers).png().toBuffer();
}

/** A valid one-bit PNG of any size, made without decoding anything. */
export function blankPng(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([1, 0, 0, 0, 0], 8);
  const rows = deflateSync(Buffer.alloc((1 + Math.ceil(width / 8)) * height));
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    pngChunk("IHDR", header),
    pngChunk("IDAT", rows),
    pngChunk("IEND", Buffer.alloc(0)),
  ]);
}

/** An .ico file around pictures that are complete already. */
export function ico(...pictures: { edge: number; depth: number; picture: Buffer }[]): Buffer {
  const header = Buffer.alloc(6 + 16 * pictures.length);
  header.writeUInt16LE(1, 2);
  header.writeUInt16LE(pictures.length, 4);
  let at = header.length;
  for (const [index, { edge, depth, picture }] of pictures.entries()) {
    const entry = header.subarray(6 + 16 * index);
    entry.writeUInt8(edge % 256, 0);
    entry.writeUInt8(edge % 256, 1);
    entry.writeUInt16LE(depth, 6);
    entry.writeUInt32LE(picture.length, 8);
    entry.writeUInt32LE(at, 12);
    at += picture.length;
  }
  return Buffer.concat([header, ...pictures.map(({ picture }) => picture)]);
}

/** The bitmap of an icon, every pixel of one colour; a depth of 8 or less has a palette of one. */
export function iconBitmap(edge: number, depth: number, [red, green, blue]: number[]): Buffer {
  const header = Buffer.alloc(40);
  header.writeUInt32LE(40, 0);
  header.writeInt32LE(edge, 4);
  header.writeInt32LE(edge * 2, 8);
  header.writeUInt16LE(1, 12);
  header.writeUInt16LE(depth, 14);
  const color = [blue ?? 0, green ?? 0, red ?? 0];
  const table = depth > 8 ? Buffer.alloc(0) : Buffer.alloc(2 ** depth * 4, Buffer.of(...color, 0));
  const pixel = depth === 32 ? Buffer.of(...color, 255) : Buffer.of(...color);
  const row = Buffer.alloc(Math.ceil((edge * depth) / 32) * 4);
  if (depth > 8) row.fill(pixel, 0, edge * pixel.length);
  const mask = Buffer.alloc(Math.ceil(edge / 32) * 4 * edge);
  return Buffer.concat([header, table, ...Array.from({ length: edge }, () => row), mask]);
}

function pngChunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type), data]);
  const around = Buffer.alloc(8);
  around.writeUInt32BE(data.length, 0);
  around.writeUInt32BE(crc32(named), 4);
  return Buffer.concat([around.subarray(0, 4), named, around.subarray(4)]);
}
