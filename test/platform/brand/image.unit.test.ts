import * as fc from "fast-check";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { toHex } from "../../../src/protocol/color.js";
import { readIco } from "../../../src/platform/brand/ico.js";
import { readImage, sniffMediaType } from "../../../src/platform/brand/image.js";
import { blankPng, ico, iconBitmap, png } from "./pictures.js";

async function read(file: Buffer | string) {
  const facts = await readImage(Buffer.from(file), 5);
  return facts && { ...facts, palette: facts.palette.map(({ color }) => toHex(color)) };
}

describe("readImage", () => {
  it.each(["png", "jpeg", "webp", "gif", "avif"] as const)("reads %s", async (format) => {
    const source = sharp(await png("#2563eb", null, 64)).resize(64, 32, { fit: "fill" });
    const facts = await read(await source.toFormat(format).toBuffer());
    expect(facts).toMatchObject({ width: 64, height: 32, mediaType: `image/${format}` });
    const [hex = ""] = facts?.palette ?? [];
    expect(hex).toMatch(/^#2[0-9a-f]6[0-9a-f]e[0-9a-f]$/);
  });

  it.each([1, 4, 8, 24, 32])("reads an .ico with a bitmap of %i bits", async (depth) => {
    const picture = iconBitmap(16, depth, [200, 30, 60]);
    expect(await read(ico({ edge: 16, depth, picture }))).toMatchObject({
      width: 16,
      height: 16,
      mediaType: "image/x-icon",
      palette: ["#c81e3c"],
    });
  });

  it("takes the largest picture of an .ico, and a PNG inside one", async () => {
    const small = { edge: 16, depth: 32, picture: iconBitmap(16, 32, [0, 0, 255]) };
    const large = { edge: 0, depth: 32, picture: await png("#ff0000", null, 256) };
    expect(await read(ico(small, large))).toMatchObject({ width: 256, palette: ["#ff0000"] });
  });

  it("decodes nothing above 16 megapixels", async () => {
    expect(await read(blankPng(4_000, 4_000))).toMatchObject({ width: 4_000, height: 4_000 });
    expect(await read(blankPng(4_250, 4_000))).toBeNull();
    expect(await read(blankPng(100_000, 100_000).subarray(0, 2_000))).toBeNull();
    const hidden = ico({ edge: 0, depth: 32, picture: blankPng(4_250, 4_000) });
    expect(await read(hidden)).toBeNull();
  });

  it("reads an SVG as text and never draws it", async () => {
    const svg = `<?xml version="1.0"?><!-- a --><svg xmlns="http://www.w3.org/2000/svg"
      viewBox="0 0 120 40"><image href="file:///etc/passwd"/><rect fill="#0a7"/>
      <path style="fill: rgb(0,170,119)"/><path stroke='white'/></svg>`;
    expect(await read(svg)).toMatchObject({
      width: 120,
      height: 40,
      mediaType: "image/svg+xml",
      palette: ["#00aa77", "#ffffff"],
    });
    const huge = `<svg width="99999" height="99999"><rect fill="red" width="100%"/></svg>`;
    expect(await read(huge)).toMatchObject({ width: 99_999, palette: ["#ff0000"] });
    expect(await read("<svg>")).toMatchObject({ width: null, height: null, palette: [] });
  });

  it("knows an SVG by its content, whatever precedes it", () => {
    expect(sniffMediaType(Buffer.from("\uFEFF  \n<svg >"))).toBe("image/svg+xml");
    expect(sniffMediaType(Buffer.from("<!DOCTYPE svg PUBLIC 'x'><svg/>"))).toBe("image/svg+xml");
  });

  it.each([
    ["a PDF", "%PDF-1.7\n%âãÏÓ"],
    ["a TIFF", "II*\0\x08\0\0\0"],
    ["an ImageMagick script", "push graphic-context\nimage over 0,0 0,0 'https://x/'"],
    ["PostScript", "%!PS-Adobe-3.0"],
    ["HTML", "<!doctype html><html><svg></svg></html>"],
    ["packed SVG", "\x1f\x8b\x08\0\0"],
    ["text", "hello"],
    ["nothing", ""],
  ])("reads %s as no picture", async (_what, content) => {
    expect(await read(Buffer.from(content, "latin1"))).toBeNull();
  });

  it("answers null for a picture that breaks off", async () => {
    const file = await png("#2563eb", "#ffffff", 512);
    expect(await read(file.subarray(0, 60))).toBeNull();
    expect(await read(file.subarray(0, 20))).toBeNull();
  });

  it("does not count transparent pixels", async () => {
    const file = await sharp(await png("#0000")).composite([
      { input: await png("#16a34a", null, 8) },
    ]);
    expect(await read(await file.png().toBuffer())).toMatchObject({ palette: ["#16a34a"] });
  });

  it("survives every broken icon", () => {
    const whole = ico({ edge: 8, depth: 32, picture: iconBitmap(8, 32, [1, 2, 3]) });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(61), fc.nat(255)), { maxLength: 8 }),
        fc.nat(whole.length),
        (changes, length) => {
          const broken = Buffer.from(whole);
          for (const [at, value] of changes) if (at > 3) broken[at] = value;
          expect(() => readIco(broken.subarray(0, length))).not.toThrow();
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
