import { readText } from "../protocol/read.js";
import type { UnreadConfig } from "../protocol/widget-reading.js";

/** A text colour that is not set is left to the style sheet, which derives it from its background. */
export interface Colours {
  background: string;
  text: string | undefined;
}

export function isDarkTheme({ theme }: UnreadConfig, prefersDark: boolean): boolean {
  return theme === "dark" || (theme !== "light" && prefersDark);
}

export function readColours(
  { chat }: UnreadConfig,
  isDark: boolean,
  part: "user_message" | "controls_button",
): Colours {
  const palette = isDark ? chat?.dark_mode : chat?.light_mode;
  return {
    background: readText(palette?.background_color?.[part]) ?? (isDark ? "#ececee" : "#202226"),
    text: readText(palette?.text_color?.[part]),
  };
}
