import { afterEach, describe, expect, test } from "vitest";
import { CATALOGUE as ENGLISH } from "../../../src/protocol/languages/en.js";
import { speak } from "../../../src/widget/panel/strings.js";
import { readLanguage } from "../../../src/widget/panel/text-language.js";

afterEach(() => speak(ENGLISH, "en"));

describe("a text", () => {
  test("has the language of its script, where that is of one alone", () => {
    const known = {
      "مرحبا، هذه الخطوات": "ar",
      "שלום, הנה הצעדים": "he",
      "打开应用，选择订单": "zh",
      アプリを開いて注文を選択: "ja",
      "앱을 여세요": "ko",
      "Ανοίξτε την εφαρμογή": "el",
      เปิดแอป: "th",
    };
    for (const [text, lang] of Object.entries(known)) expect(readLanguage(text).lang).toBe(lang);
  });

  test("is of no known language in another script than the panel's, which many share", () => {
    expect(readLanguage("Bonjour").lang).toBeUndefined();
    expect(readLanguage("سلام، این یک آزمایش است").lang).toBe("");
    speak(ENGLISH, "ar");
    expect(readLanguage("Bonjour").lang).toBe("");
    expect(readLanguage("مرحبا").lang).toBeUndefined();
    speak(ENGLISH, "zh-Hans");
    expect(readLanguage("您好").lang).toBeUndefined();
  });

  test("is written as its first letter is, wherever that stands", () => {
    expect(readLanguage("1. مرحبا everybody").dir).toBe("rtl");
    expect(readLanguage("“Parley” مرحبا مرحبا").dir).toBe("ltr");
    expect(readLanguage("12 + 3")).toEqual({ lang: undefined, dir: undefined });
  });

  test("that is long is not read to its end", () => {
    expect(readLanguage(`${"1".repeat(2000)}مرحبا`).dir).toBeUndefined();
  });
});
