import { isDarkTheme, readColours } from "../palette.js";
import type { UnreadConfig } from "../../protocol/widget-reading.js";

/** Puts the widget's colours on the page and keeps following the visitor's system. */
export function followTheme(v1: UnreadConfig): void {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const root = document.documentElement;
  const set = (name: string, value: string | undefined): void => {
    if (value === undefined) root.style.removeProperty(name);
    else root.style.setProperty(name, value);
  };
  const paint = (): void => {
    const isDark = isDarkTheme(v1, dark.matches);
    root.setAttribute("data-theme", isDark ? "dark" : "light");
    const user = readColours(v1, isDark, "user_message");
    const control = readColours(v1, isDark, "controls_button");
    set("--user", user.background);
    set("--on-user-set", user.text);
    set("--control", control.background);
    set("--on-control-set", control.text);
  };
  paint();
  dark.addEventListener("change", paint);
}
