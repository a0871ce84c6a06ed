import { readFields, readText, type Fields } from "../protocol/read.js";

/** A text colour that is not set is left to the style sheet, which derives it from its background. */
export interface Colours {
  background: string;
  text: string | undefined;
}

export function isDarkTheme(v1: Fields, prefersDark: boolean): boolean {
  const theme = v1["theme"];
  return theme === "dark" || (theme !== "light" && prefersDark);
}

export function readColours(
  v1: Fields,
  isDark: boolean,
  part: "user_message" | "controls_button",
): Colours {
  const look = readFields(readFields(v1["chat"])[isDark ? "dark_mode" : "light_mode"]);
  const background = readText(readFields(look["background_color"])[part]);
  const text = readText(readFields(look["text_color"])[part]);
  return { background: background ?? (isDark ? "#ececee" : "#202226"), text };
}
