import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  contrastRatio,
  readableOn,
  readRgb,
  textOn,
  writeRgb,
  type Rgb,
} from "../../../src/widget/panel/contrast.js";

const part = fc.nat(255);
const colour = fc.tuple(part, part, part);
const WHITE: Rgb = [255, 255, 255];

describe("the owner's colours", () => {
  it("have WCAG's contrast to each other", () => {
    expect(contrastRatio([0, 0, 0], WHITE)).toBeCloseTo(21);
    expect(contrastRatio([118, 118, 118], WHITE)).toBeCloseTo(4.54, 2);
  });

  it("are written on so that it can be read, whatever they are", () => {
    fc.assert(
      fc.property(colour, fc.option(colour, { nil: undefined }), (ground, wanted) => {
        expect(contrastRatio(ground, textOn(ground, wanted))).toBeGreaterThanOrEqual(4.2);
      }),
    );
  });

  it("stay what they are where they can be read, and else go to the nearest shade", () => {
    expect(readableOn(WHITE, [0, 0, 200])).toEqual([0, 0, 200]);
    const [red, green] = readableOn(WHITE, [255, 200, 0]);
    expect(contrastRatio(WHITE, readableOn(WHITE, [255, 200, 0]))).toBeGreaterThanOrEqual(4.5);
    expect(red).toBeGreaterThan(green);
  });

  it("are read as browsers write them, on the ground that is seen through them", () => {
    expect(readRgb("#2f5d50", WHITE)).toEqual([47, 93, 80]);
    expect(readRgb("rgba(0, 0, 0, 0.5)", WHITE)).toEqual([127.5, 127.5, 127.5]);
    expect(writeRgb([127.5, 0, 1])).toBe("rgb(128 0 1)");
  });
});
