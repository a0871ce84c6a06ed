import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  BLACK,
  WHITE,
  contrast,
  parseColor,
  readableTextOn,
  toHex,
  withContrast,
  type Color,
} from "../../src/protocol/color.js";
import { DARK_PANEL, LIGHT_PANEL } from "../../src/protocol/mode-colors.js";

const channel = fc.integer({ min: 0, max: 255 });
const anyColor = fc.record({ red: channel, green: channel, blue: channel });

describe("parseColor", () => {
  it.each([
    ["#f00", "#ff0000"],
    ["#F00F", "#ff0000"],
    ["#1a2B3c", "#1a2b3c"],
    ["#00000080", "#7f7f7f"],
    ["rgb(255, 0, 0)", "#ff0000"],
    ["rgb(255 0 0 / 50%)", "#ff8080"],
    ["rgba(0,0,0,0.5)", "#808080"],
    ["rgb(100%, 0%, 0%)", "#ff0000"],
    ["rgb(300, -5, 0)", "#ff0000"],
    ["hsl(120, 100%, 25%)", "#008000"],
    ["hsl(0.5turn 100% 50%)", "#00ffff"],
    ["hsla(-120deg, 100%, 50%, 1)", "#0000ff"],
    ["  RebeccaPurple ", "#663399"],
    ["yellowgreen", "#9acd32"],
  ])("reads %j as %s", (text, hex) => {
    const color = parseColor(text);
    expect(color && toHex(color)).toBe(hex);
  });

  it.each(["", "#", "#12", "#12345", "#ggg", "rgb()", "rgb(1,2)", "rgb(a,b,c)", "var(--brand)"])(
    "reads %j as no colour",
    (text) => expect(parseColor(text)).toBeNull(),
  );

  it.each(["transparent", "inherit", "#0000", "rgba(1,2,3,0)", "url(x)", "hsl(x,1%,1%)"])(
    "reads %j as nothing that can be seen",
    (text) => expect(parseColor(text)).toBeNull(),
  );

  it("reads back every colour that it writes", () => {
    fc.assert(
      fc.property(anyColor, (color) => {
        expect(toHex(parseColor(toHex(color)) ?? BLACK)).toBe(toHex(color));
      }),
    );
  });

  it("answers a colour with whole channels or null, whatever it is given", () => {
    const number = fc.oneof(fc.double(), fc.integer()).map(String);
    const calls = fc
      .tuple(fc.constantFrom("rgb", "rgba", "hsl", "hsla"), fc.array(number, { maxLength: 5 }))
      .map(([name, parts]) => `${name}(${parts.join(",")})`);
    fc.assert(
      fc.property(fc.oneof(fc.string(), calls), (text) => {
        const color = parseColor(text);
        if (color !== null) expect(toHex(color)).toMatch(/^#[\da-f]{6}$/);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("contrast", () => {
  it("is 21 between black and white and 1 between equals", () => {
    expect(contrast(BLACK, WHITE)).toBeCloseTo(21, 5);
    expect(contrast(WHITE, WHITE)).toBe(1);
  });

  it("agrees with published values", () => {
    const grey: Color = { red: 0x76, green: 0x76, blue: 0x76 };
    expect(contrast(grey, WHITE)).toBeCloseTo(4.54, 2);
    expect(contrast({ red: 255, green: 0, blue: 0 }, WHITE)).toBeCloseTo(4.0, 2);
  });

  it("is the same both ways round and lies between 1 and 21", () => {
    fc.assert(
      fc.property(anyColor, anyColor, (one, other) => {
        const ratio = contrast(one, other);
        expect(ratio).toBe(contrast(other, one));
        expect(ratio).toBeGreaterThanOrEqual(1);
        expect(ratio).toBeLessThanOrEqual(21.000_001);
      }),
    );
  });
});

describe("readableTextOn", () => {
  it("meets 4.5:1 on every background", () => {
    fc.assert(
      fc.property(anyColor, (background) => {
        expect(contrast(readableTextOn(background), background)).toBeGreaterThanOrEqual(4.5);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe("withContrast", () => {
  it("reaches 3:1 against either panel, for every colour", () => {
    fc.assert(
      fc.property(anyColor, fc.constantFrom(LIGHT_PANEL, DARK_PANEL), (color, ground) => {
        expect(contrast(withContrast(color, ground, 3), ground)).toBeGreaterThanOrEqual(3);
      }),
      { numRuns: 2_000 },
    );
  });

  it("leaves a colour alone that stands out already", () => {
    const navy: Color = { red: 0, green: 0, blue: 128 };
    expect(withContrast(navy, LIGHT_PANEL, 3)).toBe(navy);
  });

  it("keeps the hue of a pale colour that it darkens", () => {
    const moved = withContrast({ red: 0xff, green: 0xf9, blue: 0xc4 }, LIGHT_PANEL, 3);
    expect(moved.red).toBeGreaterThan(moved.blue + 50);
  });
});
