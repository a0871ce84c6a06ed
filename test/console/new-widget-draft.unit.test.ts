import { describe, expect, test } from "vitest";
import {
  brandDomainOf,
  configOf,
  domainsOf,
  NOTHING_SAID,
  withSuggestion,
} from "../../src/console/widgets/new-widget-draft.js";
import { contrast, parseColor } from "../../src/protocol/color.js";
import { widgetConfigSchema } from "../../src/protocol/widget-config.js";

const SUGGESTED = {
  theme: "system",
  chat: {
    title: "Nordhaus",
    light_mode: { background_color: { user_message: "#123456", controls_button: "#123456" } },
  },
};

describe("what was said of a new widget", () => {
  test("names its websites one a line, each once; the first lends its looks", () => {
    const draft = { websites: " shop.example\nhttps://www.shop.example:8443/\nshop.example\n" };
    expect(domainsOf(draft)).toEqual(["shop.example", "https://www.shop.example:8443/"]);
    expect(brandDomainOf(draft)).toBe("shop.example");
    expect(brandDomainOf({ websites: "http://localhost:3000" })).toBe("localhost");
    expect(brandDomainOf({ websites: " \n" })).toBeUndefined();
    expect(brandDomainOf({ websites: "http://" })).toBeUndefined();
  });

  test("takes what the website suggests, but not for a title that somebody typed", () => {
    expect(withSuggestion({ title: "" }, SUGGESTED)).toMatchObject({
      title: "Nordhaus",
      color: "#123456",
    });
    expect(withSuggestion({ title: "Ours" }, SUGGESTED).title).toBe("Ours");
    expect(withSuggestion({ title: "" }, {}).color).toBeUndefined();
  });

  test("keeps the suggested palettes until another colour is chosen, which is written on readably", () => {
    const draft = { ...NOTHING_SAID, ...withSuggestion({ title: "" }, SUGGESTED) };
    expect(configOf(draft)).toMatchObject({ v1: { chat: SUGGESTED.chat } });
    for (const color of ["#facc15", "#111827", "#ffffff"]) {
      const { v1 } = widgetConfigSchema.parse(configOf({ ...draft, color }));
      for (const mode of [v1?.chat?.light_mode, v1?.chat?.dark_mode]) {
        const ground = parseColor(mode?.background_color?.controls_button ?? "");
        const text = parseColor(mode?.text_color?.controls_button ?? "");
        expect(ground && text && contrast(ground, text)).toBeGreaterThanOrEqual(4.5);
      }
    }
  });

  test("is a config that may be saved, also where nothing was said", () => {
    expect(widgetConfigSchema.safeParse(configOf(NOTHING_SAID)).success).toBe(true);
  });
});
