import { describe, expect, test } from "vitest";
import { COLOR_PATTERN, isCssColor } from "../../src/protocol/css-color.js";

// Each line was compared with Chromium's CSS.supports("color", …).
describe("a colour of a config is what browsers take", () => {
  test.each([
    "#f00",
    "#F00F",
    "#aabbcc",
    "#AABBCCDD",
    "red",
    "Transparent",
    "RebeccaPurple",
    "RGB(1,2,3)",
    "rgb(255, 0, 0)",
    "rgb(255 0 0 / 50%)",
    "rgb(10% 20 30)",
    "rgb(none 0 0)",
    "rgb(1 2 3 / none)",
    "rgba(1 2 3)",
    "rgb(1,2,3,50%)",
    "rgb(300, -5, 1e2)",
    "hsl(120, 100%, 25%)",
    "hsl(120 100 25)",
    "hsl(0.5turn 100% 50%)",
    "hsla(-1rad, 100%, 50%, 1)",
    "hsl(100grad none none)",
  ])("%s", (text) => expect(isCssColor(text)).toBe(true));

  test.each([
    "",
    "#",
    "#12345",
    "#ggg",
    "rgb(10%, 20, 30)",
    "rgb(none, 0, 0)",
    "rgb(1,2,3,)",
    "rgb(1 2 3, 0.5)",
    "rgb(1,2,3/0.5)",
    "rgb(1 2)",
    "rgb(1 2 3 4)",
    "rgb (1,2,3)",
    "rgb(5. 1 1)",
    "hsl(120, 100, 25)",
    "hsl(10% 10% 10%)",
    "rgb(1deg 2 3)",
    "url(x)",
    "var(--brand)",
    "red; background: url(x)",
    `rgb(1 2 3 / 0.${"1".repeat(100)})`,
  ])("and not %j", (text) => expect(isCssColor(text)).toBe(false));

  test("of those that the contract names: no other notation, and none that depends on its place", () => {
    for (const text of [
      "hwb(0 0% 0%)",
      "lab(50% 0 0)",
      "color(srgb 1 0 0)",
      "currentcolor",
      "inherit",
    ])
      expect(isCssColor(text), text).toBe(false);
  });

  test("whatever it is made of, and the JSON Schema's pattern says the same", () => {
    const parts = [
      "0",
      "255",
      "1.5",
      "-5",
      "+7",
      ".5",
      "5.",
      "1e2",
      "50%",
      "none",
      "9deg",
      "x",
      "",
    ];
    const texts = parts.flatMap((part) =>
      ["0", "50%"].flatMap((other) => [
        `rgb(${part} ${other} 3)`,
        `rgb(${part}, ${other}, 3)`,
        `rgb(${other},${part},50%)`,
        `rgb(1 2 3/${part})`,
        `rgba(1, 2, 3, ${part})`,
        `hsl(${part} ${other} 50%)`,
        `hsl(${part}, ${other}, 50%)`,
        `hsla( 120\t${part} ${other} )`,
        `hsl(120, ${part}, ${other}, .5)`,
      ]),
    );
    const pattern = new RegExp(COLOR_PATTERN);
    const both = texts.filter((text) => isCssColor(text));
    expect(both.length).toBeGreaterThan(60);
    expect(texts.filter((text) => pattern.test(text))).toEqual(both);
  });
});
